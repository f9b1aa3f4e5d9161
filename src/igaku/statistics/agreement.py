"""Do two or more raters agree? Krippendorff's alpha, and a judge's sensitivity and specificity, with 95 % intervals.

The intervals leave out one document at a time (all marks on answers to one question), since marks on one answer hang
together: see ``metric_interval``.
"""

from collections.abc import Mapping, Sequence

from igaku.statistics.measures import Document, Measure, Sums, ratio
from igaku.statistics.metric_interval import Interval, measure_intervals

Unit = tuple[str, Sequence[bool | None]]
"""The document that a decision belongs to, and what each rater said of it; None where there is no mark."""
Truth = tuple[str, bool, bool]
"""The document, what is so (by the raters' majority), and what the judge said."""


def alpha(units: Sequence[Unit]) -> tuple[float | None, Interval | None]:
    """Krippendorff's alpha of yes-no marks (nominal; Krippendorff 2004) and its interval.

    Units with one mark say nothing. None where all marks are alike, which leaves it undefined.
    """
    pairable = [(name, [m for m in marks if m is not None]) for name, marks in units]
    measure = Measure([_coincidences(n, m) for n, m in pairable if len(m) > 1], _alpha, _floor)
    total = measure.total
    if not total.get("yes") or total["yes"] == total["marks"]:
        return None, None
    return measure.value(total)["alpha"], measure_intervals(measure).get("alpha")


def _coincidences(name: str, marks: Sequence[bool]) -> Document:
    yes, n = sum(marks), len(marks)
    return Document(name, {"marks": float(n), "yes": float(yes), "differ": 2 * yes * (n - yes) / (n - 1)})


def _alpha(s: Sums) -> dict[str, float]:
    expected = _expected(s)
    return {"alpha": 1 - s["differ"] / s["marks"] / expected if expected else 1.0}


def _expected(s: Sums) -> float:
    n, yes = s["marks"], s["yes"]
    return 2 * yes * (n - yes) / (n * (n - 1)) if n > 1 else 0.0


def _floor(s: Sums) -> dict[str, float]:
    expected = _expected(s)
    return {"alpha": 1 - 1 / expected if expected else -1.0}


def rates(decisions: Sequence[Truth]) -> Mapping[str, tuple[float, Interval | None]]:
    """``sensitivity`` and ``specificity`` with their intervals; one that has no case is left out."""
    out: dict[str, tuple[float, Interval | None]] = {}
    for name, so in (("sensitivity", True), ("specificity", False)):
        cases = [(document, found == so) for document, truth, found in decisions if truth == so]
        measure = Measure(
            [Document(d, {"cases": 1.0, name: float(right)}) for d, right in cases],
            lambda s, name=name: {name: ratio(s.get(name, 0.0), s["cases"])},  # type: ignore[misc]
        )
        if cases:
            out[name] = measure.value(measure.total)[name], measure_intervals(measure).get(name)
    return out
