"""How fitted models do on records of patients they have not seen, and by how much they differ."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from igaku.cardiology import RESEARCH, charts, charts_risk
from igaku.cardiology.ecg.fit_label import FURTHER, THRESHOLDS, known_to
from igaku.cardiology.ecg.lead_faults import chosen
from igaku.cardiology.ecg.measures import MetricRow, cuts_of, measure, metric_table
from igaku.cardiology.ecg.model import Fitted, refuse_other_form
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.tables import RecordRow, same_patients
from igaku.cardiology.ecg.targets import DOUBTED, Target, doubted, labelled
from igaku.cardiology.metrics import PairedDifference, paired_difference
from igaku.errors import IgakuError
from igaku.io.files import open_text, write_json
from igaku.io.locks import writes
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


class Evaluation(Struct):
    """One model on records of patients it has not seen."""

    target: Target
    rows: list[RecordRow]
    truth: "Floats"
    """[n, labels], NaN where not known."""
    predictions: "Floats"
    """[n, labels], probabilities or numbers."""
    measures: list[MetricRow]
    left_out: int = 0
    """Records of patients whom a model or its encoder has seen."""
    by_signal: int = 0
    """Of them, those known by a signal alone: the table has other names for these patients."""
    faulty: int = 0
    """Further records left out for their faults."""
    doubted: int = 0
    """Records that doubt the label ("possible LVH")."""
    cuts: dict[str, Sequence[float | None]] = {}
    """Name -> thresholds set on validation patients, one for each yes-or-no label; None where there is none."""


class Difference(Struct):
    """The first model's measure minus another's, on the same records."""

    first: str
    """The first model's name."""
    other: float
    """The other model's measure."""
    label: str
    difference: float
    name: str
    """The measure: AUROC or MAE."""
    one: float
    """The first model's measure."""
    low: float | None
    high: float | None
    p: float | None
    """DeLong's test; None where it does not apply."""
    model: str
    """The other model's name."""

    @property
    def paired(self) -> PairedDifference:
        """The numbers alone."""
        return PairedDifference(self.name, self.one, self.other, self.low, self.high, self.p)


class Comparison(View, Struct, omit_defaults=True):
    """Models of one label on the same records."""

    models: dict[str, list[MetricRow]]
    differences: list[Difference]
    left_out: int = 0
    """Records of patients whom a model or its encoder has seen."""
    by_signal: int = 0
    """Of them, those known by a signal alone: the table has other names for these patients."""
    faulty: int = 0
    """Further records left out for their faults."""
    doubted: int = 0
    """Records that doubt the label ("possible LVH")."""

    def tables(self) -> list[Table]:
        """Each model's measures, then the differences from the first model."""
        measures = [metric_table(rows, name) for name, rows in self.models.items()]
        return [*measures, difference_table(self.differences)] if self.differences else measures

    def notes(self) -> list[str]:
        """How many records were left out."""
        note = f"{self.left_out} records of patients whom a model or its encoder has seen are left out"
        if self.by_signal:
            note += f"; {self.by_signal} of them under other names, known by their signals"
        notes = [note] if self.left_out else []
        notes += [f"{self.faulty} records are left out for their faults"] if self.faulty else []
        return [*notes, f"{self.doubted} records doubt the label ({DOUBTED})"] if self.doubted else notes


def difference_table(differences: Sequence[Difference]) -> Table:
    """The first model minus each other."""
    columns: dict[str, Kind] = dict.fromkeys(
        ("label", f"{differences[0].first} minus", "measure", "difference", "95 %", "DeLong's p"), "text"
    )
    rows: list[list[Value]] = [
        [d.label, d.model, d.name, f"{d.difference:+.3f}", d.paired.interval, "" if d.p is None else f"{d.p:.3f}"]
        for d in differences
    ]
    return Table(name="differences", columns=columns, rows=rows)


def evaluate(model: Fitted, store: Prepared) -> Evaluation:
    """One model on all records of patients whom neither it nor its encoder has seen.

    On an external store this is external validation, on the model's own store its test patients.

    Raises:
        IgakuError: as ``evaluate_all``.
    """
    return evaluate_all([model], store)[0]


def evaluate_all(models: Sequence[Fitted], store: Prepared, without: Sequence[str] = ()) -> list[Evaluation]:
    """Several models of one label on the same records: of patients whom none of them has seen.

    Args:
        without: kinds of faults (``lead_faults.KINDS``) whose records are left out.

    Raises:
        IgakuError: there is no such kind, they predict different labels, or too few records are left.
    """
    first = models[0]
    if other := next((m for m in models if m.label != first.label), None):
        raise IgakuError(
            f"one model predicts {first.label!r}, another {other.label!r}; only models of one label are compared"
        )
    for m in models:
        refuse_other_form(store, m.config, m.kind)
    goal = Target(first.label, first.binary)
    seen, faulty = known_to(models, store.rows), chosen(without)
    unseen = [i for i, r in enumerate(store.rows) if r.split != "none" and i not in seen]
    own = [i for i in unseen if not faulty & set(store.rows[i].faults)]
    known, truth = labelled(goal, store.rows, own)
    if len(known) < 4:
        raise IgakuError(
            f"{len(known)} records of patients that the model has not seen know {first.label!r}; more are needed"
        )
    named = same_patients(store.rows)
    rows, left_out = [named[i] for i in known], len(store.rows) - len(unseen)
    out = []
    for m in models:
        predictions = m.predict(store, known)
        cuts, further = m.card.get(THRESHOLDS, ()), m.card.get(FURTHER, {})
        measures = measure(goal, truth, predictions, rows, cuts, m.train_means, further)
        counts = (
            left_out,
            sum(seen.values()),
            len(unseen) - len(own),
            doubted(first.label, [store.rows[i] for i in own]),
        )
        named_cuts = {"90 % specificity": cuts, **further} if goal.binary else {}
        out.append(Evaluation(goal, rows, truth, predictions, measures, *counts, named_cuts))
    return out


def compare(evaluations: Sequence[Evaluation], names: Sequence[str]) -> Comparison:
    """The measures of models, and the differences of the first from the others, on the same records."""
    first = evaluations[0]
    differences = [
        Difference(names[0], p.other, label, p.difference, p.name, p.one, p.low, p.high, p.p, name)
        for name, e in zip(names[1:], evaluations[1:])
        for label, p in differences_of(first, e)
    ]
    measures = {n: e.measures for n, e in zip(names, evaluations)}
    return Comparison(measures, differences, first.left_out, first.by_signal, first.faulty, first.doubted)


def differences_of(first: Evaluation, other: Evaluation) -> list[tuple[str, PairedDifference]]:
    """(label, difference) of each label that can be measured: first minus other."""
    out = []
    for k in _measurable(first):
        known = ~np.isnan(first.truth[:, k])
        patients = [r.patient for r, there in zip(first.rows, known) if there]
        one, two = first.predictions[known, k], other.predictions[known, k]
        difference = paired_difference(first.truth[known, k], one, two, patients, first.target.binary)
        out.append((first.target.parts[k], difference))
    return out


def _measurable(evaluation: Evaluation) -> list[int]:
    """Labels that some records know, and of yes-or-no labels with both classes."""
    classes = [set(column[~np.isnan(column)].tolist()) for column in evaluation.truth.T]
    return [k for k, c in enumerate(classes) if len(c) >= 1 + evaluation.target.binary]


def drawn_labels(evaluation: Evaluation) -> list[str]:
    """Labels of which ``write`` draws a picture."""
    return [evaluation.target.parts[k] for k in _measurable(evaluation)]


@writes("out", goes_on=False)
def write(evaluations: Sequence[Evaluation], names: Sequence[str], out: Path) -> None:
    """``measures.json``, ``predictions.csv`` (pseudonyms, no names), and a picture of each label."""
    models = {n: e.measures for n, e in zip(names, evaluations)}
    write_json(out / "measures.json", {"research": RESEARCH, "models": models})
    with open_text(out / "predictions.csv", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["patient", "age", "sex", "label", "truth", *names])
        lines.writerows(_prediction_rows(evaluations))
    first = evaluations[0]
    for k in _measurable(first):
        part, known = first.target.parts[k], ~np.isnan(first.truth[:, k])
        truth, picture = first.truth[known, k], out / f"{file_name(part)}.svg"
        if first.target.binary:
            _draw(evaluations, names, k, picture)
        else:
            charts.regression(truth, first.predictions[known, k], part, Path(names[0]).name, picture)


def _draw(evaluations: Sequence[Evaluation], names: Sequence[str], k: int, picture: Path) -> None:
    """ROC, calibration and decision curves of a yes-or-no label's models."""
    first = evaluations[0]
    part, known = first.target.parts[k], ~np.isnan(first.truth[:, k])
    truth, patients = first.truth[known, k], [r.patient for r, there in zip(first.rows, known) if there]
    found = {n: e.predictions[known, k] for n, e in zip(names, evaluations)}
    cuts = {n: cuts_of(k, e.cuts) for n, e in zip(names, evaluations)}
    title, folder = shown(part), picture.parent
    charts_risk.roc_chart(truth, found, title, picture, patients, cuts)
    charts_risk.calibration_chart(truth, found, title, folder / f"{picture.stem}-calibration.svg", patients)
    charts.decision_curve(truth, found, title, folder / f"{picture.stem}-decision.svg")


def _prediction_rows(evaluations: Sequence[Evaluation]) -> Iterable[list[object]]:
    first = evaluations[0]
    for i, row in enumerate(first.rows):
        for k, part in enumerate(first.target.parts):
            values = [f"{e.predictions[i, k]:.4f}" for e in evaluations]
            yield [row.patient, row.age, row.sex, part, f"{first.truth[i, k]:g}", *values]


def shown(label: str) -> str:
    """A label as a picture names it: of ``has:LVH|164873001`` the first name."""
    return label.removeprefix("has:").split("|")[0].strip() if label.startswith("has:") else label


def file_name(label: str) -> str:
    """A label as part of a file's name."""
    for sign, word in (("<=", "-up-to-"), (">=", "-from-"), ("<", "-under-"), (">", "-over-"), ("has:", "")):
        label = label.replace(sign, word)
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in label)[:80]
