"""The nouns every part shares: Question and its key, Request, Reply, Verdict.

They are msgspec structs: immutable, typed, and checked when read back from a file. The key types are in ``igaku.keys``,
one file each, and are given here too.
"""

from typing import Literal

from msgspec import Struct, field

from igaku.keys import (
    LETTERS,
    Choices,
    Conduct,
    Correction,
    Field,
    Fields,
    Key,
    Label,
    Mention,
    Mentions,
    Number,
    Ordering,
    Pairs,
    Point,
    Rubric,
    Span,
    Spans,
    Terms,
    Text,
    Translation,
    Writing,
)
from igaku.keys.stated import Stated, stated, stated_count, without_count

__all__ = [
    "LETTERS",
    "Answer",
    "Choices",
    "Conduct",
    "Correction",
    "Field",
    "Fields",
    "Finish",
    "Key",
    "Label",
    "Mention",
    "Mentions",
    "Message",
    "Number",
    "Ordering",
    "Outcome",
    "Pairs",
    "Point",
    "Question",
    "Reply",
    "Request",
    "RequestKind",
    "Rubric",
    "Sampling",
    "Span",
    "Spans",
    "Stated",
    "Terms",
    "Text",
    "Took",
    "Translation",
    "Verdict",
    "Void",
    "Writing",
    "stated",
    "stated_count",
    "without_count",
]

Void = Literal["", "excluded", "everybody", "unless-right", "no-key"]


class Message(Struct, frozen=True):
    """One turn of a chat prompt."""

    role: str
    content: str


class Question(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question of one exam in one language; the same object feeds prompts, grading and decontamination."""

    id: str
    """Unique within its benchmark and language."""
    lang: str
    stem: str
    key: Key
    choices: tuple[str, ...] = ()
    context: str = ""
    """Text that goes before the stem (an abstract in PubMedQA)."""
    documents: tuple[str, ...] = ()
    """Whole documents that the question is about (two to compare)."""
    points: float = 1.0
    void: Void = ""
    """``excluded``: officially not scored; ``everybody``: officially right for everybody (points are given);
    ``unless-right``: officially scored only for those who got it right; ``no-key``: upstream gives no usable key. None
    of them is in the denominator of accuracy, except an ``unless-right`` question that was answered right."""
    text_only: bool = True
    """False where the official question shows an image."""
    images: tuple[str, ...] = ()
    year: str = ""
    section: str = ""
    """``required`` (必修), ``general`` (一般), ``clinical`` (臨床), or the source's own word."""
    category: str = ""
    prohibited: tuple[int, ...] = ()
    """Positions of choices that fail a candidate (禁忌肢)."""
    human_accuracy: float | None = None
    """Share of examinees who got it right, 0 to 1."""
    human_choice: tuple[int, ...] = ()
    """What the majority of examinees chose, where known."""
    group: str = ""
    """Linked questions (連問) share a group: they are not independent."""
    conversation: tuple[Message, ...] = ()
    """Turns that go before the stem as they are written (a scripted talk whose last turn is answered)."""
    after: str = ""
    """Id of the turn before in the same conversation: the prompt then holds that turn, the model's own reply to it, and
    all before them."""
    source: str = ""

    @property
    def letters(self) -> str:
        """The letters of its choices, in lower case: ``abcde`` for five."""
        return LETTERS[: len(self.choices)]

    @property
    def is_choice(self) -> bool:
        """Whether it has choices and is answered by a set of them (not by an order, a number or words)."""
        return isinstance(self.key, Choices) and bool(self.choices)

    @property
    def right(self) -> tuple[int, ...]:
        """Positions of the choices in the (first) accepted answer; () where the key is not a set of choices."""
        return next(iter(self.key.choice_sets), ())

    @property
    def n_right(self) -> int:
        """How many choices the (first) accepted answer holds; 0 where the key is not a set of choices."""
        return len(self.right)

    @property
    def single(self) -> int | None:
        """The position of the only right choice; None where several are right, alternatives exist, or none is."""
        return self.right[0] if len(self.key.choice_sets) == 1 and len(self.right) == 1 else None

    @property
    def n_stated(self) -> int | None:
        """How many choices the stem itself says to choose, None where it does not say."""
        return stated_count(self.stem)

    @property
    def stated(self) -> Stated:
        """What the stem itself says to choose: a number, ``"all"``, or ``"order"``; None where it is silent."""
        return stated(self.stem)


class Sampling(Struct, frozen=True, omit_defaults=True):
    """How a reply is drawn. Temperature 0 is greedy."""

    max_tokens: int = 256
    """Longest reply in tokens; 0, for a served model only: no limit is sent, the server's own counts."""
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


RequestKind = Literal["text", "letters", "likelihood", "tokens"]


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an engine is given: a rendered prompt and one of four things to do with it.

    ``text``: continue it; ``letters``: log-probability of each continuation as the single next token;
    ``likelihood``: log-probability of each whole continuation, and its length in tokens; ``tokens``: log-probability of
    each token of the prompt itself from the second on, with the moments that Min-K%++ needs (how a text looks to the
    model, for contamination).
    """

    kind: RequestKind = field(name="ask")
    prompt: str
    continuations: tuple[str, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    messages: tuple[Message, ...] = ()
    """The prompt as turns, for engines that send turns and leave the chat template to a server."""
    images: tuple[str, ...] = ()
    """Image files, for engines that support images."""
    documents: tuple[str, ...] = ()
    """The question's documents, for engines that compare texts without a language model."""


Finish = Literal["stop", "length", "overlong", "refused", "error"]


class Took(Struct, frozen=True, omit_defaults=True):
    """How long one reply took, in seconds from when its request was sent or begun."""

    last: float
    """To its last token."""
    first: float | None = None
    """To its first; None where nobody saw it come."""


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an engine gives back for one request."""

    finish: Finish = "stop"
    text: str = ""
    """What may be graded."""
    thinking: str = ""
    """What the model thought before it answered: shown, never graded."""
    logprobs: tuple[float, ...] = ()
    """One per continuation, in the order of the request; natural logarithm."""
    tokens: tuple[int, ...] = ()
    """Length of each continuation in tokens."""
    means: tuple[float, ...] = ()
    """For ``tokens``: at each position, the mean log-probability over the vocabulary, weighted by probability."""
    deviations: tuple[float, ...] = ()
    """For ``tokens``: the standard deviation that belongs to each mean."""
    prompt_tokens: int = 0
    new_tokens: int = 0
    """Tokens written, those of thinking too; 0: not known, or none."""
    thinking_tokens: int | None = None
    """Those of thinking among them, where a server or a tokenizer counted them; None: not known."""
    error: str = ""
    confidence: float | None = None
    """How sure it says it is, 0 to 1, where a file holds that beside the text (``igaku.grading.confidence``)."""

    @property
    def shown(self) -> str:
        """Thinking and text as people read them; the error where there is neither."""
        thought = f"<think>\n{self.thinking}\n</think>\n\n" if self.thinking else ""
        return f"{thought}{self.text}" or self.error


class Reply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the journal: an answer, and everything needed to find its question and to trust its key.

    It holds nothing that differs between two equal runs (no clock, no duration), so that a run that was
    killed and continued ends with the same lines as one that was not.
    """

    key: str
    model: str
    bench: str
    lang: str
    id: str
    prompt: str = ""
    shots: int = 0
    order: str = "original"
    permutation: tuple[int, ...] = ()
    """``permutation[i]`` is the position, in the question, of the choice shown as number i; empty: as it is."""
    sample: int = 0
    kind: RequestKind = field(default="text", name="ask")
    answer: Answer
    prompt_hash: str = ""
    only_letters: bool = False
    """The protocol asked for nothing but letters (or a number): ``letter`` then accepts nothing else."""
    origin: Literal["engine", "imported"] = "engine"
    source: str = ""
    """For an imported reply: name and SHA-256 of the file it came from."""
    penalty: float | None = None
    """Points that a wrong answer costs, where the prompt offered "I do not know"; joined when a run is read."""
    votes: tuple["Reply", ...] = ()
    """What a judge said of it. Votes are replies of their own in the journal, and are joined when a run is read."""

    @property
    def logprobs_in_order(self) -> list[float]:
        """Log-probabilities of the choices in the question's own order, whatever order they were shown in."""
        values = self.answer.logprobs
        return [v for _, v in sorted(zip(self.permutation or range(len(values)), values))]


Outcome = Literal[
    "right",
    "wrong",
    "partial",
    "abstained",
    "unparsed",
    "truncated",
    "refused",
    "overlong",
    "engine_error",
    "unrated",
    "not_applicable",
    "void",
]


class Verdict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Was it right: a score from 0 to 1, how it came about, and what was read from the reply."""

    outcome: Outcome
    score: float = 0.0
    read: tuple[str, ...] = ()
    """What was extracted, as letters of the question's own order, or as the number or text."""
    rule: str = ""
    """The rule that read it from a written reply (docs/methods.md), so that a reading can be looked up."""
    parts: dict[str, float] = field(default_factory=dict)
    """Components of the score (a family's precision and recall; the margin of a likelihood)."""
    share: float | None = None
    """Of a question with several samples: the share of them that is right; the rest is that of its commonest reply
    (``igaku.runs.samples``)."""
    truncated: float | None = None
    """Of a question with several samples: the share of them that is truncated."""

    @property
    def right(self) -> bool:
        """True where the score is full (of several samples: where the commonest reply is right)."""
        return self.outcome == "right"

    @property
    def share_right(self) -> float:
        """1 or 0, or of several samples the share that is right: what an accuracy is the mean of."""
        return self.right if self.share is None else self.share

    @property
    def share_truncated(self) -> float:
        """1 or 0, or of several samples the share that was cut before an answer stood in it."""
        return self.outcome == "truncated" if self.truncated is None else self.truncated

    @property
    def scored(self) -> bool:
        """Whether it stands in the denominator: void and not-applicable questions do not, nor does a reply that a judge
        left unrated."""
        return self.outcome not in ("void", "not_applicable", "unrated")
