"""WHO answers: the interface of every engine, and what a reply's key needs to know of it."""

import hashlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self

from msgspec import Struct

from igaku.engines.recommended import OwnTemperature
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request, RequestKind, Took

if TYPE_CHECKING:
    from igaku.engines.spec import EngineSpec

OPENING = 8
"""Tokens in which a model that thinks first has written the mark that opens its thinking."""
THINKS_FIRST = (
    "after its chat template this model thinks before it answers, so letters and choices there are not its answer; "
    "use --method letter, --no-thinking, or a plain prompt"
)


class Identity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about the answering side that can change an answer; it is part of every reply's key."""

    model: str
    """The name shown in tables."""
    weights: str = ""
    """SHA-256 of local weights; for a hub model its id."""
    revision: str = ""
    adapter: str = ""
    quantization: str = ""
    dtype: str = ""
    engine: str
    version: str
    chat_template: str = ""
    """SHA-256 of the chat template that turned messages into text, where the model has one."""
    settings: str = ""
    """Other settings of the engine that can change numbers."""


class Engine(Protocol):
    """What ``evaluate`` asks of an engine. Implementations import heavy packages inside their functions."""

    identity: Identity
    sends_messages: bool
    """Whether it takes a chat prompt as turns (a server has the template), not as text."""
    supports_images: bool
    """Whether it takes images."""
    context: int
    """Longest prompt plus reply in tokens."""
    supported: frozenset[RequestKind]
    """Kinds of request it answers soundly; the self-check at load removes others."""
    unsupported: dict[RequestKind, str]
    """Why it does not answer the other kinds."""
    notes: list[str]
    """What the user should know (a fallback that was taken), one line each."""

    def chat(self, messages: Sequence[Message]) -> str:
        """Messages as the model's own chat text; plain joined text where it has no chat template."""
        ...

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Length of each prompt in tokens."""
        ...

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer all requests, yielding (index, answer) as they finish, in any order, each once."""
        ...

    def close(self) -> None:
        """Give memory and processes back."""
        ...


class EngineBase:
    """What engines have in common, to derive from: then ``identity`` and ``answer`` are all that is needed."""

    identity: Identity
    sends_messages = False
    supports_images = False
    splits_thinking = False
    """Whether answers come with the thinking apart from the text; else it is separated when they are stored."""
    context = 1 << 30
    thinking: bool | None = None
    """Whether the model may think before it answers; None where that is not known."""
    own_temperature: OwnTemperature | None = None
    """What the model's own files recommend; None where they say nothing, or are not here (servers)."""
    effort = ""
    """How long it is let think, where a run asks it at several efforts (``igaku.engines.effort``)."""
    efforts: Sequence["EngineBase"] = ()
    """The model at each of several efforts."""

    def __init__(self) -> None:
        self.supported: frozenset[RequestKind] = frozenset(("text",))
        self.unsupported: dict[RequestKind, str] = {}
        self.notes: list[str] = []
        self.took: dict[int, Took] = {}
        """Index of a request under way -> how long its reply took, where that is known; whoever asks takes it out."""

    @classmethod
    def load(cls, spec: "EngineSpec") -> Self:
        """The engine of a spec; one that reads a model or settings from the spec defines its own.

        Raises:
            IgakuError: a setting was given, or the class cannot be built without arguments.
        """
        if given := spec.given():
            flag = next(iter(given)).replace("_", "-")
            raise IgakuError(f"--{flag} is not a setting of --engine {spec.engine}, which has none")
        try:
            inspect.signature(cls).bind()
        except TypeError as error:
            raise IgakuError(f"engine {cls.__name__}: {error}; give it a classmethod load(spec)") from None
        return cls()

    def chat(self, messages: Sequence[Message]) -> str:
        """Turns as plain text."""
        return joined(messages)

    def pictured(self, messages: Sequence[Message], text: str, images: int) -> str:
        """The prompt of a question with pictures, as turns or as a text; for engines that write places for pictures
        into it."""
        return self.chat(messages) if messages else text

    def count(self, prompts: Sequence[str]) -> list[int]:
        """One token a character, where nothing better is known."""
        return [len(p) for p in prompts]

    def count_images(self, images: Sequence[str]) -> int:
        """Tokens that pictures take beside their prompt; 0 where that is not known."""
        return 0

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Mapping[str, object]]:
        """What each effort is called here: values for the chat template, or parameters of the server.

        Raises:
            IgakuError: one of them is understood by nothing.
        """
        raise IgakuError(f"--effort: --engine {self.identity.engine} has no efforts; leave it out")

    def use_extras(self, extras: Mapping[str, object]) -> Mapping[str, object]:
        """From now on give the chat template, or the server, these values beside the turns.

        Returns:
            Those that it was given until now.
        """
        return {}

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer all requests, yielding (index, answer) as they finish, in any order, each once."""
        raise NotImplementedError(f"{type(self).__name__} has no answer()")

    def remember(self, text: str) -> None:
        """That a text came from the chat template of another copy of this engine; for those that it matters to."""

    def close(self) -> None:
        """Nothing to give back."""


def complete(engine: Engine) -> Engine:
    """An engine that has everything ``Engine`` asks for.

    Raises:
        IgakuError: something is missing in it.
    """
    needed = [*Engine.__annotations__, "chat", "count", "answer", "close"]
    missing = [name for name in needed if not hasattr(engine, name)]
    if not missing:
        return engine
    fix = "derive it from igaku.EngineBase, which has everything but identity and answer"
    if isinstance(engine, EngineBase):
        fix = "set identity, and call super().__init__() in its __init__"
    raise IgakuError(f"engine {type(engine).__name__} has no {', '.join(missing)}; {fix}")


def thinking_setting(thinking: bool | None) -> str:
    """For the identity: whether the chat template was set to think, or not to; empty where it was left alone."""
    return "" if thinking is None else f" thinking={'on' if thinking else 'off'}"


def may_think(template: object, thinking: bool | None) -> bool:
    """Whether a model may think before its answer: as it is set, else where its chat template speaks of thinking."""
    if thinking is not None:
        return thinking
    return re.search(r"think|reasoning|<\|channel", str(template or ""), re.I) is not None


def template_hash(template: object) -> str:
    """SHA-256 of a chat template; empty where the model has none."""
    return hashlib.sha256(str(template).encode()).hexdigest() if template else ""


def joined(messages: Iterable[Message]) -> str:
    """Chat turns for a model without a chat template: contents in order, a blank line between."""
    return "\n\n".join(m.content for m in messages) + "\n\n"


def folded(messages: Sequence[Message]) -> list[Message]:
    """A system turn put at the beginning of the first user turn, for chat templates without one."""
    if len(messages) < 2 or messages[0].role != "system":
        return list(messages)
    first = Message(messages[1].role, f"{messages[0].content}\n\n{messages[1].content}")
    return [first, *messages[2:]]


def require(engine: Engine, kinds: Iterable[RequestKind]) -> None:
    """Refuse what the engine cannot do soundly, with one line that says what to use instead."""
    for kind in kinds:
        if kind not in engine.supported:
            raise IgakuError(f"{engine.identity.engine} cannot {_instead(kind, engine.unsupported.get(kind, ''))}")


def _instead(kind: RequestKind, why: str) -> str:
    if "; use " in why:
        return f"answer {kind!r}: {why}"
    if kind == "likelihood":
        use = "use --engine transformers, or --method letter-logprob"
        return f"give the log-likelihood of a choice's text ({why}); {use}"
    if kind == "tokens":
        return "give the log-probability of a text's own tokens; use --engine transformers"
    return f"answer {kind!r} here ({why}); choose another method"
