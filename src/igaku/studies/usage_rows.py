"""What ``igaku usage`` computes, a struct a kind of row."""

from msgspec import Struct

from igaku.studies.usage_replies import Unit


class Spread(Struct, frozen=True):
    """Median and 95th percentile over replies."""

    median: float
    p95: float


class Cost(Struct, frozen=True, kw_only=True):
    """Tokens of all replies of a row, and what they cost at the given prices."""

    input: int
    output: int
    total: float


class Lengths(Struct, frozen=True, kw_only=True):
    """All that was written in a reply, thinking and answer together: of all replies, of right and of wrong ones."""

    whole: Spread
    right: Spread | None
    wrong: Spread | None


class UsageRow(Struct, frozen=True, kw_only=True):
    """A model asked in one way, on the questions that count.

    ``prompt``, ``thinking`` and ``answer`` are in ``unit``, a reply; ``written`` is the mean of thinking and answer
    together. ``split``: whether thinking was counted or the reply's tokens were split as its characters are. ``first``
    and ``last``: seconds to the first and to the last token, over the ``timed`` replies. ``cut``: replies that ended at
    a limit; ``truncated``: those among them that hold no answer; ``failed``: engine errors and prompts too long to ask.
    """

    respondent: str
    model: str
    benchmark: str
    language: str
    imported: bool
    n: int
    accuracy: float
    ci95: tuple[float, float]
    unit: Unit
    split: str
    prompt: Spread | None
    thinking: Spread | None
    answer: Spread | None
    written: float | None
    lengths: Lengths | None
    first: Spread | None
    last: Spread | None
    timed: int
    cut: int
    truncated: int
    failed: int
    loops: int
    thought: int
    """Replies that hold thinking."""
    cost: Cost | None


class Without(Struct, frozen=True, kw_only=True):
    """A model with too many truncated replies: its accuracy without them, and at most, had all of them been right."""

    respondent: str
    truncated: int
    n: int
    accuracy: float
    rest: float | None
    rest_ci95: tuple[float, float] | None
    most: float


class Front(Struct, frozen=True, kw_only=True):
    """One model among those with the same questions: mean written, or money, a question; empty ``beaten_by``: nobody
    scores at least as much for no more."""

    by: str
    row: UsageRow
    amount: float
    beaten_by: str


class Curve(Struct, frozen=True, kw_only=True):
    """Accuracy of the same replies, had each been cut at a budget."""

    respondent: str
    unit: str
    budgets: list[int]
    accuracy: list[float]
    whole: float
