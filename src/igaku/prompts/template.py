"""One prompt template: a card in TOML between ``+++`` lines, then Jinja text, rendered in a sandbox.

Slots a template may use:

===============  ===============================================================================================
``stem``         the question; ``context`` is the text before it, empty where there is none
``documents``    whole documents to compare, as a list
``choices``      list with ``letter`` and ``text``, in the order shown; empty where a number is wanted
``letters``      the letters shown, e.g. ``ABCDE``
``wanted``       what answers it: ``"choices"``, ``"number"`` or ``"words"``
``stated``       how many choices the stem itself says to choose: a number, ``"all"``, ``"order"``, or 0 where it is
                 silent; never read off the key
``boxes``        the boxes for a number's digits, where the stem prints them: ``text`` (``①②.③``), ``digits`` before
                 the point, ``decimals`` after it; else none
``penalty``      points that a wrong answer costs, where the card says ``penalty``; then "I do not know" is offered
``shots``        examples, each with the slots above, ``answer``, and ``steps`` (how to get there; may be empty)
``count``        how many choices are right: only in a template whose card says ``tells_count = true``
``points``       what a good answer says (with ``reference`` and ``reply``): only in a template whose card says
                 ``judges = true``
``system()`` ``user()`` ``assistant()``   begin a chat turn; a template that uses none is a plain text to continue
===============  ===============================================================================================

A template that asks for anything else is an error that names the slot.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, convert
from msgspec import ValidationError as CardError

from igaku.errors import IgakuError
from igaku.io.read import read_text
from igaku.io.toml import parse_toml
from igaku.keys import LETTERS, Number, gold_letters, gold_text, rubric_of
from igaku.keys.form import boxes_of
from igaku.question import Message, Question, Sampling

if TYPE_CHECKING:
    from jinja2 import Template


class Card(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a template says of itself."""

    title: str
    lang: str
    """``ja``, ``en``, ``zh``, or ``any``."""
    like: str = ""
    """Which published template it resembles, and that it is not that one."""
    reply: str = "letter"
    """What it asks for: ``letter``, ``text`` (the choice in words), or ``reasoning`` before an answer."""
    labels: str = "A"
    """The first label shown: ``A``, ``a`` or ``1``; empty for choices without labels."""
    joiner: str = ""
    """What stands between the prompt and a continuation that is scored: a space in English, nothing in Japanese."""
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    tells_count: bool = False
    judges: bool = False
    """For a judge: it is shown another model's reply and what a good answer says."""
    penalty: float | None = None
    """Points that a wrong answer costs; the template then offers "I do not know", and such a reply is read as that."""
    n_choices: tuple[int, ...] = ()
    """Numbers of choices its wording fits; empty for any."""
    shots: str = ""
    """Examples it always carries, by name; ``--shots`` then counts from these."""
    shows_steps: bool = False
    """Whether its examples show how the answer is reached: each must then say so (``reasoning``)."""
    default_shots: int = 0
    shows_questions: tuple[str, ...] = ()
    """Ids of a benchmark's questions that its text shows with their answers: they are not asked."""


class Rendered(Struct, frozen=True):
    """A prompt as text, or as chat turns (``messages`` not empty)."""

    text: str = ""
    messages: tuple[Message, ...] = ()


class Prompt:
    """A named template with its card."""

    def __init__(self, name: str, source: str, where: str) -> None:
        self.name = name
        self.source = source
        self.where = where
        head, body = _split(source, where)
        try:
            self.card = convert(parse_toml(head, f"{where}, the card between the +++ lines"), Card)
        except CardError as error:
            raise IgakuError(f"{where}: the card between the +++ lines is not valid: {error}") from None
        self._template = _compile(body, where)

    @property
    def hash(self) -> str:
        """SHA-256 of the whole template file."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def is_chat(self) -> bool:
        """Whether it is made of chat turns, not a text to continue."""
        return re.search(r"\buser\(\)", self.source) is not None

    def render(
        self, question: Question, shots: Sequence[Question] = (), order: tuple[int, ...] = (), reply: str = ""
    ) -> Rendered:
        """Fill the template for one question; ``order[i]`` is the position of the choice shown as number i.

        For a judge, ``reply`` is the reply to judge, and ``order`` that of the rubric's points.

        Raises:
            IgakuError: the template asks for a slot that does not exist, or breaks out of the sandbox.
        """
        from jinja2.exceptions import SecurityError, TemplateError, UndefinedError

        nonce = secrets.token_hex(8)
        turn = {role: (lambda role=role: f"\x00{nonce}:{role}\x00") for role in ("system", "user", "assistant")}
        slots = self._slots(question, () if self.card.judges else order) | turn
        if self.card.judges:
            rubric = rubric_of(question)
            shown = [rubric.points[i].text for i in order or range(len(rubric.points))]
            slots |= {"points": shown, "reference": rubric.reference, "reply": reply}
        slots["shots"] = [self._shot(s) for s in shots]
        try:
            text = self._template.render(slots)
        except UndefinedError as error:
            raise IgakuError(f"{self.where}: {error}; `igaku prompts show` lists the slots") from None
        except SecurityError as error:
            raise IgakuError(f"{self.where}: refused by the sandbox: {error}") from None
        except (
            TemplateError,
            TypeError,
            ValueError,
            LookupError,
            ArithmeticError,
            RecursionError,
            MemoryError,
        ) as error:
            raise IgakuError(f"{self.where}: cannot be rendered: {type(error).__name__}: {error}") from None
        return _turns(text, nonce)

    def sampling(self, temperature: float, seed: int, max_tokens: int | None = None) -> Sampling:
        """How a reply to it is drawn. Greedy replies do not depend on the seed, so it is not in their key."""
        return Sampling(
            max_tokens=max_tokens or self.card.max_tokens,
            temperature=temperature,
            seed=seed if temperature else 0,
            stop=self.card.stop,
        )

    def continuations(self, question: Question, order: tuple[int, ...] = ()) -> tuple[str, ...]:
        """The choices as texts that may follow the prompt, in the order shown."""
        return tuple(self.card.joiner + question.choices[i].strip() for i in order or range(len(question.choices)))

    def letters(self, question: Question) -> tuple[str, ...]:
        """The letters as texts that may follow the prompt, in the order shown."""
        return tuple(self.card.joiner + label for label in self.labels(len(question.choices)))

    def labels(self, n: int) -> list[str]:
        """The labels of n choices: ``A B C``, ``a b c`` or ``1 2 3``."""
        if self.card.labels == "1":
            return [str(i + 1) for i in range(n)]
        return list(LETTERS[:n].upper() if self.card.labels != "a" else LETTERS[:n])

    def _slots(self, q: Question, order: tuple[int, ...]) -> dict[str, object]:
        shown = [q.choices[i] for i in order or range(len(q.choices))]
        labels = self.labels(len(shown))
        slots: dict[str, object] = {
            "stem": q.stem,
            "context": q.context,
            "documents": list(q.documents),
            "letters": "".join(labels),
            "wanted": "choices" if q.choices else "number" if isinstance(q.key, Number) else "words",
            "stated": q.stated or 0,
            "boxes": None if q.choices else boxes_of(q.stem),
            "choices": [{"letter": label, "text": text.strip()} for label, text in zip(labels, shown)],
        }
        if self.card.penalty is not None:
            slots["penalty"] = f"{self.card.penalty:g}"
        if self.card.tells_count:
            slots["count"] = q.n_right or 1
        return slots

    def _shot(self, q: Question) -> dict[str, object]:
        return self._slots(q, ()) | {"answer": self._answer(q), "steps": getattr(q, "reasoning", "")}

    def _answer(self, q: Question) -> str:
        return gold_text(q) if self.card.reply == "text" else gold_letters(q, self.labels(len(q.choices)))


def _split(source: str, where: str) -> tuple[str, str]:
    parts = source.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise IgakuError(f"{where}: a template begins with a card between two +++ lines; see `igaku prompts show`")
    return parts[1], parts[2]


def _compile(body: str, where: str) -> "Template":
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    env = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    env.globals.clear()
    env.globals["range"] = None
    try:
        return env.from_string(body)
    except TemplateSyntaxError as error:
        raise IgakuError(f"{where}, line {error.lineno} after the card: {error.message}") from None


def _turns(text: str, nonce: str) -> Rendered:
    if f"\x00{nonce}:" not in text:
        return Rendered(text=text)
    pieces = text.split(f"\x00{nonce}:")
    messages = [Message(role, content.strip()) for role, _, content in (p.partition("\x00") for p in pieces[1:])]
    if messages and messages[-1].role == "assistant" and not messages[-1].content:
        messages.pop()
    return Rendered(messages=tuple(messages))


def read_template(name: str, path: Path) -> Prompt:
    """A template from a file."""
    return Prompt(name, read_text(path, "SETTINGS_MB"), str(path))
