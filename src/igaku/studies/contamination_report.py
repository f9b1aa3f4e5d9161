"""What the probes of ``igaku.studies.contamination`` found, and what that does and does not say."""

from msgspec import Struct

from igaku.tables import Kind, Table, Value, View, percent


class Probe(Struct, frozen=True, kw_only=True):
    """One row. ``value`` and ``expected`` are what ``what`` says, ``reference`` the reference model's value,
    ``control`` the model's on the control; ``p`` (one-sided) is None where there is no null hypothesis."""

    probe: str
    what: str
    units: int
    value: float
    expected: float | None = None
    reference: float | None = None
    control: float | None = None
    ci95: tuple[float, float] | None = None
    p: float | None = None


class ContaminationReport(View, Struct, kw_only=True):
    """What each probe found."""

    probes: list[Probe]

    def tables(self) -> list[Table]:
        """One row a probe and score."""
        columns: dict[str, Kind] = {
            "probe": "text",
            "what": "text",
            "units": "count",
            "found": "share",
            "95 %": "interval",
            "expected": "text",
            "reference": "text",
            "control": "text",
            "p": "p",
        }
        rows: list[list[Value]] = [
            [r.probe, r.what, r.units, r.value, r.ci95, _share(r.expected), _share(r.reference), _share(r.control), r.p]
            for r in self.probes
        ]
        return [Table(name="probes", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a p value does and does not say."""
        return [
            "no probe says that a model has seen the exam, or that it has not: a large p may be too few questions",
            "order: p of a one-sided sign test, the exam's order against the same backwards; an exam whose order has a "
            "direction of its own (easy to hard, questions that refer back) gives a small p too",
            "numbers: real numbers are likelier to any good model, and more so to a better one; so there is a p only "
            "with --control (one-sided, whether the preference is stronger here than on questions that it cannot have "
            "seen), and it holds as far as those are alike in kind",
            "the p of the three scores of numbers are of the same questions, not corrected for one another",
            "choices only, completion: no null hypothesis, so no p",
        ]


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)
