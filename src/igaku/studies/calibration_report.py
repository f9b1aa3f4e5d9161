"""What ``igaku calibration`` prints: confidence beside accuracy, calibration error, Brier's score, and the bins."""

from msgspec import Struct

from igaku.statistics.auroc import Auroc
from igaku.statistics.calibration import Brier, CalibrationError
from igaku.statistics.reliability import Bin, Interval
from igaku.studies.confidence import Source
from igaku.tables import Kind, Table, Value, View

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


class CalibrationReport(View, Struct, frozen=True, kw_only=True):
    """Every block with a confidence."""

    rows: list[CalibrationRow]
    keys: list[str] = []
    """Which key each benchmark is graded by, where there are several."""
    unfinished: int = 0
    """Questions of the runs without their reply, by any of the methods."""

    def tables(self) -> list[Table]:
        """Confidence against accuracy, the error, Brier's parts, and the bins of all answers."""
        return [self._main(), self._errors(), self._brier(), self._bins()]

    def notes(self) -> list[str]:
        """What the columns are, what speaks against reading them, and what has no confidence."""
        return [
            "confidence: letters: the probability of the letter taken, among the letters shown; stated: the number in "
            "the reply (where an imported file holds numbers beside the replies, those alone); over: mean confidence "
            "less accuracy",
            *self._agreement(),
            "ECE: mean distance of confidence and accuracy over bins; if calibrated: what it would be by chance alone "
            "were each confidence right as often as it says (simulated), and its 97.5th percentile, up to which no "
            "miscalibration is shown; 95 %: of the error less that bias; equal mass never parts equal confidences",
            "AUROC: how often a right answer has the higher confidence of a right and a wrong one (ties half); 50 % is "
            "chance, whatever the calibration; linked questions stay together in every interval",
            "Brier = reliability - resolution + uncertainty + within; debiased: reliability less what chance adds",
            *self._unread(),
            *self._without(),
            *self._few(),
            *([f"{self.unfinished:,} questions have no reply yet and are in no number"] if self.unfinished else []),
            *self.keys,
        ]

    def _agreement(self) -> list[str]:
        mine = [(r, r.drawn) for r in self.rows if r.drawn and r.answers == ALL]
        if not mine:
            return []
        return [
            "agreement: the share of a question's samples that gave its commonest answer, of equally common ones the "
            "first that came; one without an answer agrees with none; accuracy: of that answer",
            *(_samples(r, drawn) for r, drawn in mine),
            "the commonest of few samples is chosen after they were drawn, so their agreement is higher than that of "
            "many would be: compare models at the same number of samples",
        ]

    def _unread(self) -> list[str]:
        named = [r for r in self.rows if r.answers == READ]
        whole = {_block(r): r.n for r in self.rows if r.answers == ALL}
        return [
            f"{_named(r)}: {whole[_block(r)] - r.n:,} replies have a confidence and no answer that can be read; they "
            "count as wrong in 'all', and a file may have written a number for them that nobody stated"
            for r in named
        ]

    def _without(self) -> list[str]:
        return [
            f"{_named(r)}: {r.without:,} of {r.n + r.without:,} scored answers have no confidence "
            f"({r.without_right:,} of them right) and are in no number"
            + (": letters give one to questions with a single answer only" if r.source == "letters" else "")
            + (": no sample of theirs has an answer" if r.source == "agreement" else "")
            for r in self.rows
            if r.without
        ]

    def _few(self) -> list[str]:
        few = [r for r in self.rows if r.answers == ALL and len(r.reliability) == 1]
        return [f"{_named(r)}: all confidences are in one bin: the error is that of the mean" for r in few]

    def _main(self) -> Table:
        columns: dict[str, Kind] = {
            **_ways(),
            "n": "count",
            "mean confidence": "share",
            "accuracy": "share",
            "over, points": "points",
            "95 %": "points interval",
            "AUROC": "share",
            "95 % (AUROC)": "interval",
        }
        rows: list[list[Value]] = [
            [
                *(*_way(r), r.n, r.confidence, r.accuracy, r.overconfidence, r.overconfidence_ci95),
                *((r.auroc.value, r.auroc.ci95) if r.auroc else (None, None)),
            ]
            for r in self.rows
        ]
        return Table(name="calibration", columns=columns, rows=rows)

    def _errors(self) -> Table:
        columns: dict[str, Kind] = {
            **_ways(),
            "bins": "text",
            "ECE": "share",
            "95 %": "interval",
            "if calibrated": "share",
            "up to": "share",
        }
        rows: list[list[Value]] = [
            [
                *_way(r),
                f"{e.bins} levels" if e.binning == "levels" else f"{e.bins} of {e.binning}",
                e.value,
                e.ci95,
                e.if_calibrated,
                e.if_calibrated_most,
            ]
            for r in self.rows
            for e in r.errors
        ]
        return Table(name="error", columns=columns, rows=rows, title="expected calibration error")

    def _brier(self) -> Table:
        parts = ("reliability", "debiased", "resolution", "uncertainty", "within")
        columns: dict[str, Kind] = {**_ways(), "Brier": "number", "95 %": "text", **dict.fromkeys(parts, "number")}
        rows: list[list[Value]] = [
            [
                *(*_way(r), b.value, f"{b.ci95[0]:.3f} to {b.ci95[1]:.3f}", b.reliability, b.reliability_debiased),
                *(b.resolution, b.uncertainty, b.within),
            ]
            for r in self.rows
            for b in [r.brier]
        ]
        return Table(name="brier", columns=columns, rows=rows, title="Brier's score")

    def _bins(self) -> Table:
        columns: dict[str, Kind] = {
            **{k: v for k, v in _ways().items() if k != "answers"},
            "from": "share",
            "to": "share",
            "n": "count",
            "mean confidence": "share",
            "accuracy": "share",
            "95 %": "interval",
        }
        rows: list[list[Value]] = [
            [*_way(r)[:-1], b.low, b.high, b.n, b.confidence, b.accuracy, b.ci95]
            for r in self.rows
            if r.answers == ALL
            for b in r.reliability
        ]
        return Table(name="reliability", columns=columns, rows=rows, title="reliability, bin by bin")


def _ways() -> dict[str, Kind]:
    return dict.fromkeys(("model", "benchmark", "lang", "prompt", "method", "confidence", "answers"), "text")


def _way(r: CalibrationRow) -> list[Value]:
    prompt = r.prompt + (f", {r.shots} shots" if r.shots else "") + (f", {r.order}" if r.order != "original" else "")
    format = "" if r.question_format == "choices" else f" ({r.question_format})"
    return [r.model, r.benchmark + format, r.language, prompt, r.method, r.source, r.answers]


def _block(r: CalibrationRow) -> tuple[Value, ...]:
    return tuple(_way(r)[:-1])


def _named(r: CalibrationRow) -> str:
    return ", ".join(str(part) for part in _way(r)[:5] if part)


def _samples(r: CalibrationRow, drawn: Drawn) -> str:
    n = f"{drawn.fewest}" if drawn.fewest == drawn.most else f"{drawn.fewest} to {drawn.most}"
    levels = (
        f"confidence has {len(r.reliability)} levels, each a bin of its own"
        if r.errors[0].binning == "levels"
        else "confidence has many levels, several a bin"
    )
    return (
        f"{_named(r)}: {n} samples a question, so {levels}; {drawn.tied:,} questions tied; no answer in "
        f"{drawn.unread:,} of {drawn.samples:,} samples"
    )
