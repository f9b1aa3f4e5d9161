"""How long a model is let think, as a factor of a run: one loaded model gives a row at each effort.

An effort is a level (``low``), ``on`` or ``off``, or a number of tokens. What it is called is a model's own affair:
chat templates read ``reasoning_effort``, ``enable_thinking``, ``thinking`` or ``thinking_budget``, servers these and
others. Which of them changes anything is tried, never believed: one that is ignored in silence would give equal rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from igaku.engines.base import Engine, EngineBase, Identity
from igaku.errors import IgakuError, UnknownNameError
from igaku.question import Answer, Message, Request

LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
SWITCH = ("on", "off")
NO_LEVEL = "igaku knows no such effort"
"""A value that nothing understands: who takes it like any other reads none."""
Extras = Mapping[str, object]
"""What a chat template, or a server, is given beside the turns."""


def check_effort(effort: str) -> None:
    """Refuse what is no effort.

    Raises:
        UnknownNameError: with near matches.
    """
    if effort not in (*LEVELS, *SWITCH) and not (effort.isascii() and effort.isdecimal() and 0 < int(effort[:9]) < 1e8):
        raise UnknownNameError("effort", effort, (*LEVELS, *SWITCH, "a number of tokens"))


def label(effort: str) -> str:
    """As it stands behind a model's name: ``low``, ``thinking on``, ``1024 thinking tokens``."""
    if effort in SWITCH:
        return f"thinking {effort}"
    return f"{effort} thinking tokens" if effort.isdecimal() else effort


def at_effort(identity: Identity, effort: str) -> Identity:
    """Who answers at an effort; the same where none was given."""
    if not effort:
        return identity
    settings = f"{identity.settings} effort={effort}".strip()
    return replace(identity, model=f"{identity.model} ({label(effort)})", settings=settings)


def template_values(effort: str) -> list[tuple[Extras, Extras]]:
    """What templates call an effort, the commonest first, each with another value that must give another text."""
    if effort in SWITCH:
        on = effort == "on"
        return [({name: on}, {name: not on}) for name in ("enable_thinking", "thinking", "reasoning")]
    if effort.isdecimal():
        return [({name: int(effort)}, {name: int(effort) + 1111}) for name in ("thinking_budget", "reasoning_budget")]
    return [({"reasoning_effort": effort}, {"reasoning_effort": NO_LEVEL})]


def template_extras(render: Callable[[Extras], str], efforts: Sequence[str]) -> list[Extras]:
    """What a chat template understands each effort by.

    Args:
        render: the same turns as text, given these values; it may raise for what the template refuses.

    Raises:
        IgakuError: it takes an effort and does nothing with it, or writes two of them alike.
    """
    found: list[Extras] = []
    texts: dict[str, str] = {}
    for effort in efforts:
        extras = next((own for own, other in template_values(effort) if _differ(render, own, other)), None)
        if extras is None:
            names = ", ".join(dict.fromkeys(name for own, _ in template_values(effort) for name in own))
            raise IgakuError(f"--effort {effort}: the chat template does nothing with it ({names}); leave it out")
        if same := texts.get(text := render(extras)):
            raise IgakuError(f"--effort {same},{effort}: the chat template writes the same prompt for both; give one")
        texts[text] = effort
        found.append(extras)
    return found


def _differ(render: Callable[[Extras], str], own: Extras, other: Extras) -> bool:
    try:
        text = render(own)
    except Exception:
        return False
    try:
        return text != render(other)
    except Exception:
        return True


class AtEffort(EngineBase):
    """A loaded model at one effort; several of them share the model.

    Raises:
        IgakuError: on asking, a prompt without turns, which no effort reaches.
    """

    def __init__(self, engine: EngineBase, effort: str, extras: Extras) -> None:
        super().__init__()
        self._engine, self._extras, self._texts = engine, extras, set[int]()
        self.effort, self.plain = effort, engine.identity
        self.identity = at_effort(engine.identity, effort)
        self.supported, self.unsupported, self.notes = engine.supported, engine.unsupported, engine.notes
        self.sends_messages, self.supports_images = engine.sends_messages, engine.supports_images
        self.splits_thinking, self.context = engine.splits_thinking, engine.context
        self.own_temperature = engine.own_temperature
        self.leaves_length_out = bool(getattr(engine, "leaves_length_out", False))
        self.thinking = engine.thinking if effort == "none" else effort != "off"

    @property
    def session(self) -> dict[str, object]:
        """As of the model."""
        return dict(getattr(self._engine, "session", {}))

    @contextmanager
    def _set(self) -> Iterator[EngineBase]:
        before = self._engine.use_extras(self._extras)
        try:
            yield self._engine
        finally:
            self._engine.use_extras(before)

    def chat(self, messages: Sequence[Message]) -> str:
        """As the chat template writes it at this effort."""
        with self._set() as engine:
            return self._remembered(engine.chat(messages))

    def pictured(self, messages: Sequence[Message], text: str, images: int) -> str:
        """As ``chat``."""
        with self._set() as engine:
            found = engine.pictured(messages, text, images)
        return self._remembered(found) if messages else found

    def _remembered(self, text: str) -> str:
        self._texts.add(hash(text))
        return text

    def count(self, prompts: Sequence[str]) -> list[int]:
        """As of the model."""
        return self._engine.count(prompts)

    def count_images(self, images: Sequence[str]) -> int:
        """As of the model."""
        return self._engine.count_images(images)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """As of the model, at this effort."""
        if any(not r.messages and hash(r.prompt) not in self._texts for r in requests):
            raise IgakuError(
                f"--effort {self.effort} reaches only prompts with turns, through the chat template or the server; "
                "give a prompt with turns (--prompt chat), or leave it out"
            )
        with self._set() as engine:
            yield from engine.answer(requests)

    def close(self) -> None:
        """Give the model back."""
        self._engine.close()


def at_efforts(engine: Engine, efforts: Sequence[str]) -> list[AtEffort]:
    """A loaded model at each effort.

    Raises:
        IgakuError: it understands one of them by nothing.
    """
    if not isinstance(engine, EngineBase):
        raise IgakuError(f"--effort: --engine {engine.identity.engine} has no efforts; derive it from igaku.EngineBase")
    return [AtEffort(engine, one, extras) for one, extras in zip(efforts, engine.effort_extras(efforts), strict=True)]


def rows_of(engine: Engine) -> list[Engine]:
    """The engines that a run asks one after the other: the model at each effort, or the model."""
    return list(getattr(engine, "efforts", ())) or [engine]
