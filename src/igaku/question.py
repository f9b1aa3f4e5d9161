"""The nouns every part shares: Question and its key, Request, Reply, Verdict.

They are msgspec structs: immutable, typed, and checked when read back from a file. A new task family adds a
key type here and an aggregator in ``igaku.statistics``; nothing else in the package changes.
"""

import re
from typing import Literal

from msgspec import Struct, field

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Choices(Struct, frozen=True, tag="choices"):
    """The key of a multiple-choice question: each accepted answer is a sorted tuple of 0-based positions.

    ``accepted=((0,), (3,))`` says "a, or d" (112B30); ``((1, 4),)`` says "b and e, both and no other".
    """

    accepted: tuple[tuple[int, ...], ...]

    @classmethod
    def letters(cls, *answers: str) -> "Choices":
        """``Choices.letters("ac")`` is a-and-c; ``Choices.letters("a", "d")`` is a-or-d."""
        return cls(tuple(tuple(sorted(LETTERS.index(c) for c in answer)) for answer in answers))


class Ordering(Struct, frozen=True, tag="ordering"):
    """The key of a "put in order" question: positions in the right order, each once."""

    sequence: tuple[int, ...]


class Number(Struct, frozen=True, tag="number"):
    """The key of a numeric question: decimal strings, any of which is right (compared as numbers)."""

    accepted: tuple[str, ...]


class Text(Struct, frozen=True, tag="text"):
    """The key of a question answered in words: any of these, as written."""

    accepted: tuple[str, ...]


class Terms(Struct, frozen=True, tag="terms"):
    """The key of an extraction: the set of expressions to find."""

    items: tuple[str, ...]


class Pairs(Struct, frozen=True, tag="pairs"):
    """The key of a comparison of two documents: each discrepancy as (before, after), with its kind where known."""

    pairs: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...] = ()


class Point(Struct, frozen=True):
    """One thing that a judge looks for in an answer; a negative weight marks a harmful or false statement."""

    text: str
    weight: float = 1.0


class Rubric(Struct, frozen=True, tag="rubric"):
    """The key of an open question: what a good answer says, and an answer to compare with where there is one."""

    points: tuple[Point, ...]
    reference: str = ""


class Translation(Struct, frozen=True, tag="translation"):
    """The key of a translation: reference translations, which a good one resembles."""

    references: tuple[str, ...]


Key = Choices | Ordering | Number | Text | Terms | Pairs | Rubric | Translation

Void = Literal["", "excluded", "everybody", "unless-right", "no-key"]


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
    ``unless-right``: officially scored for those who got it right only; ``no-key``: upstream gives no usable key. None
    of them is in the denominator of accuracy, but for an ``unless-right`` question that was answered right."""
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
    source: str = ""

    @property
    def letters(self) -> str:
        """The letters of its choices, in lower case: ``abcde`` for five."""
        return LETTERS[: len(self.choices)]

    @property
    def n_right(self) -> int:
        """How many choices the (first) accepted answer holds; 0 where the key is no choice set."""
        return len(self.key.accepted[0]) if isinstance(self.key, Choices) and self.key.accepted else 0

    @property
    def asked(self) -> int | None:
        """How many choices the stem itself says to choose, None where it does not say."""
        return asked_count(self.stem)


_KANJI = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_ASKED_JA = re.compile(r"([0-9０-９一二三四五])\s*(?:つ|個|項目)\s*(?:を|だけ)?\s*(?:選|えら)")
_ASKED_EN = re.compile(
    r"\b(?:select|choose|pick|mark)\b(?:\s+(?:the|only|exactly))*\s+"
    r"(one|two|three|four|five|[1-5])\b",
    re.I,
)

_COUNT_JA = re.compile(_ASKED_JA.pattern + r"(?:べ|んで(?:ください)?|びなさい|択せよ|択しなさい)?[。．.]?")
_COUNT_EN = re.compile(rf"[(（]?{_ASKED_EN.pattern}(?:\s+(?:options?|choices?|answers?))?[)）]?[.。]?", re.I)


def asked_count(stem: str) -> int | None:
    """Read 「2つ選べ」 or "Select two" from the end of a stem; None where it says nothing.

    Only the last 150 characters count, so a number in the vignette is not taken for an instruction.
    """
    tail = stem[-150:]
    if found := _ASKED_JA.findall(tail):
        word = found[-1]
        return _KANJI.get(word) or int(word)
    if found := _ASKED_EN.findall(tail):
        word = found[-1].lower()
        return _WORDS.get(word) or int(word)
    return None


def without_count(stem: str) -> str:
    """A stem without the sentence that says how many choices to choose."""
    return _COUNT_EN.sub("", _COUNT_JA.sub("", stem)).rstrip()


class Sampling(Struct, frozen=True, omit_defaults=True):
    """How a reply is drawn. Temperature 0 is greedy."""

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


RequestKind = Literal["text", "letters", "likelihood", "tokens"]


class Message(Struct, frozen=True):
    """One turn of a chat prompt."""

    role: str
    content: str


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an engine is asked: a rendered prompt and one of four things to do with it.

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
    """Files of images, for engines that see."""
    documents: tuple[str, ...] = ()
    """The question's documents, for engines that are no language model and read them as they are."""


Finish = Literal["stop", "length", "overlong", "refused", "error"]


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an engine gives back for one request."""

    finish: Finish = "stop"
    text: str = ""
    logprobs: tuple[float, ...] = ()
    """One a continuation, in the order they were asked; natural logarithm."""
    tokens: tuple[int, ...] = ()
    """Length of each continuation in tokens."""
    means: tuple[float, ...] = ()
    """For ``tokens``: at each position, the mean over the vocabulary of the log-probability, weighted by probability;"""
    deviations: tuple[float, ...] = ()
    """and its standard deviation."""
    prompt_tokens: int = 0
    new_tokens: int = 0
    error: str = ""


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
    "unparsed",
    "truncated",
    "refused",
    "overlong",
    "engine_error",
    "not_applicable",
    "void",
]


class Verdict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Was it right: a score from 0 to 1, how it came about, and what was read from the reply."""

    outcome: Outcome
    score: float = 0.0
    read: tuple[str, ...] = ()
    """What was extracted, as letters of the question's own order, or as the number or text."""
    parts: dict[str, float] = field(default_factory=dict)
    """Components of the score (a family's precision and recall; the margin of a likelihood)."""

    @property
    def right(self) -> bool:
        """True where the score is full."""
        return self.outcome == "right"

    @property
    def scored(self) -> bool:
        """Whether it stands in the denominator: only void and not-applicable questions do not."""
        return self.outcome not in ("void", "not_applicable")
