"""Measures of a label on records: of all patients, and by sex and age."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from igaku.cardiology.clinical_measures import agreement_measures, clinical_measures
from igaku.cardiology.ecg.ejection import is_ef
from igaku.cardiology.ecg.subgroups import subgroups
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.ecg.targets import Target
from igaku.cardiology.gaps import Gap, gap, holm
from igaku.cardiology.metrics import (
    Measure,
    bootstrap_interval,
    classification_measures,
    first_measure,
    mean_auroc,
    regression_measures,
)
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats, Ints

LEAST_GROUP = 10
"""Records below which a group is not measured."""


class MetricRow(Struct):
    """One measure of one label in one group of patients."""

    label: str
    group: str
    records: int
    measure: str
    value: float
    low: float | None
    high: float | None
    positives: int | None = None

    @property
    def count(self) -> str:
        """Records, and how many of them are positive."""
        return str(self.records) + (f" ({self.positives} positive)" if self.positives is not None else "")

    @property
    def text(self) -> str:
        """The value with its interval."""
        return str(Measure(self.measure, self.value, self.low, self.high))


def metric_table(rows: Sequence[MetricRow], title: str = "") -> Table:
    """Measures as a table."""
    columns: Mapping[str, Kind] = dict.fromkeys(("label", "group", "records", "measure", "value"), "text")
    cells: list[list[Value]] = [[x.label, x.group, x.count, x.measure, x.text] for x in rows]
    return Table(name="measures", columns=columns, rows=cells, title=title)


class Measures(View, Struct):
    """Measures of one model."""

    measures: list[MetricRow]

    def tables(self) -> list[Table]:
        """A row a measure."""
        return [metric_table(self.measures)]

    def notes(self) -> list[str]:
        """Nothing to add."""
        return []


def measure(
    target: Target,
    truth: "Floats",
    predictions: "Floats",
    rows: Sequence[RecordRow],
    thresholds: Sequence[float] = (),
    train_means: Sequence[float] = (),
    further: Mapping[str, Sequence[float]] | None = None,
) -> list[MetricRow]:
    """Measures with intervals over patients.

    All measures of all patients; the first of them by group (``subgroups``) where one has ten records or more, and how
    it differs there from the other patients; of several labels also their mean AUROC.

    Args:
        truth: [n, labels], NaN where not known.
        predictions: [n, labels], probabilities or numbers.
        thresholds: one for each yes-or-no label, set on validation patients.
        train_means: one for each number, its mean in training.
        further: names of further thresholds, each with one for each yes-or-no label.

    Raises:
        IgakuError: nothing can be measured, since no label has both classes.
    """
    out: list[MetricRow] = []
    for k, part in enumerate(target.parts):
        known = np.flatnonzero(~np.isnan(truth[:, k]))
        groups = subgroups(rows, known, part)
        for group, indices in groups.items():
            t, p = truth[indices, k], predictions[indices, k]
            if _measurable(t, target.binary, 1 if group == "all" else LEAST_GROUP):
                patients = [rows[i].patient for i in indices]
                if group != "all":
                    found = [first_measure(t, p, patients, target.binary)]
                elif target.binary:
                    found = classification_measures(t, p, patients, thresholds[k] if thresholds else None)
                    found += clinical_measures(t, p, patients, cuts_of(k, {"": thresholds, **(further or {})}))
                else:
                    found = regression_measures(t, p, patients, train_means[k] if train_means else None)
                    found += agreement_measures(t, p, patients, is_ef(part))
                out += _metric_rows(part, group, found, t, target.binary)
        out += _gaps(part, groups, truth[:, k], predictions[:, k], rows, target.binary)
    if len(target.parts) > 1 and (value := mean_auroc(truth, predictions)) == value:
        low, high = bootstrap_interval(mean_auroc, [r.patient for r in rows], truth, predictions)
        out.append(MetricRow("mean of labels", "all", len(rows), "AUROC", value, low, high))
    if not out:
        raise IgakuError(f"{target.name}: none of {len(rows)} records has it, or all have; nothing can be measured")
    return out


def _gaps(
    part: str,
    groups: "Mapping[str, Ints]",
    truth: "Floats",
    predictions: "Floats",
    rows: Sequence[RecordRow],
    binary: bool,
) -> list[MetricRow]:
    """Each group against the other patients, where both sides can be measured; of two groups that are all, the first.

    P values are corrected for the number of a label's groups (Holm).
    """
    known = groups["all"]
    t, p, patients = truth[known], predictions[known], [rows[i].patient for i in known]
    found: dict[str, tuple[Gap, int]] = {}
    seen: set[bytes] = set()
    for group, indices in list(groups.items())[1:]:
        inside = np.isin(known, indices)
        sides = (t[inside], t[~inside])
        if (~inside).tobytes() not in seen and all(_measurable(side, binary, LEAST_GROUP) for side in sides):
            found[group] = gap(t, p, patients, inside, binary), len(indices)
        seen.add(inside.tobytes())
    corrected = holm([g.p for g, _ in found.values()])
    name, out = "AUROC" if binary else "MAE", list[MetricRow]()
    for (group, (g, n)), value in zip(found.items(), corrected):
        out.append(MetricRow(part, group, n, f"{name} less that of the others", g.value, g.low, g.high))
        out += [] if value is None else [MetricRow(part, group, n, "p of that difference (Holm)", value, None, None)]
    return out


def cuts_of(label: int, named: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
    """Name -> threshold of one label, where there is one: saved, a threshold that is not a number is null."""
    found = {name: values[label] for name, values in named.items() if len(values) > label}
    return {name: cut for name, cut in found.items() if cut is not None and cut == cut}


def _measurable(truth: "Floats", binary: bool, least: int) -> bool:
    return len(truth) >= least and not (binary and len(set(truth.tolist())) < 2)


def _metric_rows(part: str, group: str, found: Sequence[Measure], truth: "Floats", binary: bool) -> list[MetricRow]:
    positives = int(truth.sum()) if binary else None
    return [
        MetricRow(part, group, len(truth), m.name, m.value, m.low, m.high, positives)
        for m in found
        if m.value == m.value
    ]
