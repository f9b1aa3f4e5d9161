"""What ``igaku calibration`` computes, a row a block, and how a row is named."""

from msgspec import Struct

from igaku.statistics.auroc import Auroc
from igaku.statistics.calibration import Brier, CalibrationError
from igaku.statistics.reliability import Bin, Interval
from igaku.studies.confidence import Source
from igaku.tables import Kind, Value

ALL, READ, SEEN = "all", "an answer was read", "no unseen picture"


class Drawn(Struct, frozen=True, kw_only=True):
    """The samples that agreement is from; of a question the fewest and the most."""

    fewest: int
    most: int
    samples: int
    unread: int
    """Samples, of all, from which no answer was read."""
    tied: int
    """Questions of which several answers are equally common."""


class CalibrationRow(Struct, frozen=True, kw_only=True):
    """One block by one method, over all its answers with a confidence or a part of them."""

    model: str
    benchmark: str
    language: str
    prompt: str
    shots: int
    order: str
    question_format: str
    method: str
    source: Source
    answers: str
    """``all`` that are scored; those in which an answer was read; those whose picture was seen or not needed."""
    n: int
    without: int
    """Scored answers of the block without a confidence, which are in no number here."""
    without_right: int
    confidence: float
    accuracy: float
    overconfidence: float
    overconfidence_ci95: Interval
    drawn: Drawn | None = None
    """Where the confidence is agreement of samples."""
    errors: tuple[CalibrationError, CalibrationError]
    """In bins of equal width (of agreement of few samples, a bin a level), and of equal mass."""
    brier: Brier
    auroc: Auroc | None
    reliability: list[Bin]
    """The bins of the first error, those with answers in them."""


def ways_columns() -> dict[str, Kind]:
    """Columns of how a row was asked, and over which answers it is."""
    return dict.fromkeys(("model", "benchmark", "lang", "prompt", "method", "confidence", "answers"), "text")


def way_values(r: CalibrationRow) -> list[Value]:
    """Its values in these columns."""
    prompt = r.prompt + (f", {r.shots} shots" if r.shots else "") + (f", {r.order}" if r.order != "original" else "")
    format = "" if r.question_format == "choices" else f" ({r.question_format})"
    return [r.model, r.benchmark + format, r.language, prompt, r.method, r.source, r.answers]


def block_of(r: CalibrationRow) -> tuple[Value, ...]:
    """How it was asked, whatever answers it is over."""
    return tuple(way_values(r)[:-1])


def named(r: CalibrationRow) -> str:
    """In a line."""
    return ", ".join(str(part) for part in way_values(r)[:5] if part)
