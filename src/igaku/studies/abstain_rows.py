"""What ``igaku abstain`` computes, a row a way of asking."""

from msgspec import Struct

from igaku.statistics.selective import Estimate, RiskCoverage
from igaku.statistics.tally import CellKey
from igaku.studies.confidence import Source


class AbstainRow(Struct, frozen=True, kw_only=True):
    """One way of asking, by one method: what was answered, and what wrong answers cost."""

    run: str
    key: CellKey
    stated: float | None
    """The penalty that the prompt stated; None: it did not offer to abstain, or of imported replies: not known."""
    imported: bool = False
    penalty: float
    """The penalty that the score counts."""
    n: int
    """Replies."""
    questions: int
    """Fewer than replies where questions have several samples."""
    answered: Estimate
    accuracy: Estimate | None
    """Of what was answered; None where nothing was."""
    right: int
    wrong: int
    abstained: int
    unread: int
    """Neither an answer nor an abstention: not read, cut off, refused, failed. No points, and no cost."""
    known: int
    """Questions whose prohibited choices are known."""
    prohibited: int
    """Wrong answers with a prohibited choice."""
    score: Estimate
    """Mean points a question: 1 right, 0 abstained or unread, less the penalty for a wrong answer."""
    score_unread_wrong: float
    """The same, were every unread reply a wrong answer."""


class AtCoverage(Struct, frozen=True, kw_only=True):
    """The surest answers that reach a share of the questions; more than that share where several are equally sure."""

    wanted: float
    coverage: float
    accuracy: Estimate


class ConfidenceRow(Struct, frozen=True, kw_only=True):
    """One way of asking whose choices have probabilities, or whose questions have several samples."""

    run: str
    key: CellKey
    source: Source
    risk_coverage: RiskCoverage
    at: list[AtCoverage]
