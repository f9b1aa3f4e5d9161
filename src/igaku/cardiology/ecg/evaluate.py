"""How a fitted model does on records it has not seen: overall, by age and sex, beside another model, and with few labels."""

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from igaku.cardiology import RESEARCH, charts
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.finetune import Part, finetune
from igaku.cardiology.ecg.model import Fitted, read_card
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.tables import Row
from igaku.cardiology.ecg.targets import Target, split, target, values
from igaku.cardiology.metrics import Measure, Paired, by_patient, classified, macro, paired, regressed, threshold
from igaku.errors import IgakuError
from igaku.io.files import write_json

FRACTIONS = (0.01, 0.05, 0.1, 0.5, 1.0)
STARTS = {
    "pre-trained": ("vit", True, False),
    "linear probe": ("vit", True, True),
    "from scratch": ("vit", False, False),
    "ResNet": ("resnet", False, False),
    "boosted tree": ("tree", False, False),
}
"""Name -> (kind of model, whether it begins with the pre-trained encoder, whether the encoder stays as it is)."""
TESTED, FITTED, SEEN = "measures on test patients", "fitted to", "seen in pre-training"
THRESHOLDS = "thresholds for 90 % specificity on validation patients"


class Line(Struct):
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


class Evaluation(Struct):
    """A model on records of patients it has not seen."""

    target: Target
    rows: list[Row]
    truth: Any
    told: Any
    """[n, labels]."""
    lines: list[Line]
    left_out: int = 0
    """Records of patients whom a model or its encoder has seen."""


def fit(
    store: Prepared,
    config: Config,
    label: str,
    out: Path,
    *,
    kind: str = "vit",
    encoder: Path | None = None,
    fraction: float = 1.0,
) -> list[Line]:
    """Fit to a store's training patients, stop and set thresholds by its validation patients, measure on its test patients; the model with all of it lies in ``out``.

    Args:
        label: one, or yes-or-no labels parted by commas.
        fraction: share of the training and validation records whose labels are used.

    Raises:
        IgakuError: the label is not known, too few patients know it, or the encoder was pre-trained on test patients.
    """
    refuse_other_form(store, config)
    made = target(label, store.rows)
    sides = split(store.rows, config.seed, config.fold)
    train, valid, test = (Part(*values(made, store.rows, side)) for side in sides)
    met = sorted({store.rows[i].patient for part in (train, valid) for i in part.places})
    if fraction < 1:
        train, valid = (_fewer(part, fraction, made.binary, config.seed) for part in (train, valid))
    if len(train.places) < 4 or len(valid.places) < 2 or len(test.places) < 4:
        raise IgakuError(
            f"{len(train.places)} training, {len(valid.places)} validation and {len(test.places)} test records know {label!r}; more are needed"
        )
    seen = set(read_card(encoder).get(SEEN, ())) if encoder else set()
    if known := seen & {store.rows[i].patient for i in test.places}:
        raise IgakuError(f"{encoder}: pre-trained on {len(known)} of the test patients; pre-train without them")
    model = finetune(store, train, valid, made, config, kind, encoder)
    above = _thresholds(valid.truth, model.told(store, valid.places)) if made.binary else []
    tested = [store.rows[i] for i in test.places]
    lines = measure(made, test.truth, model.told(store, test.places), tested, above, model.usual)
    model.card = {
        TESTED: lines,
        "training records": len(train.places),
        "validation records": len(valid.places),
        "test records": len(test.places),
        "pre-trained": bool(encoder),
        "share of labels": fraction,
        THRESHOLDS: above,
        SEEN: sorted(seen),
        FITTED: met,
    }
    model.save(out)
    return lines


def evaluate(model: Fitted, store: Prepared) -> Evaluation:
    """Of all records of patients whom neither the model nor its encoder has seen: external validation, or a store's own test patients."""
    return evaluate_all([model], store)[0]


def evaluate_all(models: Sequence[Fitted], store: Prepared) -> list[Evaluation]:
    """Several models of one label on the same records: of patients whom none of them has seen.

    Raises:
        IgakuError: they tell different labels, or too few records are left.
    """
    first = models[0]
    if other := next((m for m in models if m.label != first.label), None):
        raise IgakuError(
            f"one model tells {first.label!r}, another {other.label!r}; only models of one label are compared"
        )
    for m in models:
        refuse_other_form(store, m.config)
    made = Target(first.label, first.binary)
    met = {p for m in models for part in (FITTED, SEEN) for p in m.card.get(part, ())}
    own = {i for i, r in enumerate(store.rows) if r.split != "none" and r.patient not in met}
    known, truth = values(made, store.rows, sorted(own))
    if len(known) < 4:
        raise IgakuError(
            f"{len(known)} records of patients that the model has not seen know {first.label!r}; more are needed"
        )
    rows = [store.rows[i] for i in known]
    out = []
    for m in models:
        told = m.told(store, known)
        lines = measure(made, truth, told, rows, m.card.get(THRESHOLDS, ()), m.usual)
        out.append(Evaluation(made, rows, truth, told, lines, len(store.rows) - len(own)))
    return out


def measure(
    made: Target, truth: Any, told: Any, rows: Sequence[Row], above: Sequence[float] = (), usual: Sequence[float] = ()
) -> list[Line]:
    """Measures with intervals by patient: of all, the first of them by sex and age where ten or more records are there, and of several labels their mean AUROC.

    Args:
        above: of each yes-or-no label the threshold that was set on validation patients.
        usual: of each number its mean in training.

    Raises:
        IgakuError: nothing can be measured, since no label has both kinds.
    """
    out: list[Line] = []
    for k, part in enumerate(made.parts):
        known = np.flatnonzero(~np.isnan(truth[:, k]))
        for group, places in _groups(rows, known, part).items():
            t, c = truth[places, k], told[places, k]
            if not len(places) or (made.binary and len(set(t.tolist())) < 2) or (group != "all" and len(places) < 10):
                continue
            who = [rows[i].patient for i in places]
            if made.binary:
                found = classified(t, c, who, above[k] if above else None)
            else:
                found = regressed(t, c, who, usual[k] if usual else None)
            there = int(t.sum()) if made.binary else None
            out += [
                Line(part, group, len(places), m.name, m.value, m.low, m.high, there)
                for m in (found if group == "all" else found[:1])
                if m.value == m.value
            ]
    if len(made.parts) > 1 and (value := macro(truth, told)) == value:
        low, high = by_patient(macro, [r.patient for r in rows], truth, told)
        out.append(Line("mean of labels", "all", len(rows), "AUROC", value, low, high))
    if not out:
        raise IgakuError(f"{made.name}: none of {len(rows)} records has it, or all have; nothing can be measured")
    return out


def _thresholds(truth: Any, told: Any) -> list[float]:
    """Of each label."""
    known = ~np.isnan(truth)
    return [threshold(t[k], c[k]) for t, c, k in zip(truth.T, told.T, known.T)]


def _groups(rows: Sequence[Row], known: Any, part: str) -> dict[str, Any]:
    """Places of each group; not by what is told itself."""
    groups = {"all": known}
    if part != "sex":
        groups |= {f"sex {s}": np.array([i for i in known if rows[i].sex == s], int) for s in ("F", "M")}
    ages = {i: a for i in known if (a := rows[i].age) is not None}
    groups["under 60"] = np.array([i for i, a in ages.items() if a < 60], int)
    return groups | {"60 and over": np.array([i for i, a in ages.items() if a >= 60], int)}


def compare(first: Evaluation, other: Evaluation) -> list[tuple[str, Paired]]:
    """Of each label that can be measured, how the first does less how the other does, on the same records."""
    out = []
    for k in _measurable(first):
        known = ~np.isnan(first.truth[:, k])
        who = [r.patient for r, there in zip(first.rows, known) if there]
        told = paired(first.truth[known, k], first.told[known, k], other.told[known, k], who, first.target.binary)
        out.append((first.target.parts[k], told))
    return out


def _measurable(made: Evaluation) -> list[int]:
    """Labels that some records know, and of yes-or-no labels both kinds."""
    kinds = [set(column[~np.isnan(column)].tolist()) for column in made.truth.T]
    return [k for k, kind in enumerate(kinds) if len(kind) >= 1 + made.target.binary]


def drawn(made: Evaluation) -> list[str]:
    """Labels of which ``write`` draws a picture."""
    return [made.target.parts[k] for k in _measurable(made)]


def write(made: Sequence[Evaluation], names: Sequence[str], out: Path) -> None:
    """``measures.json``, ``predictions.csv`` (marks of patients, no names), and a picture of each label."""
    write_json(out / "measures.json", {"research": RESEARCH, "models": {n: e.lines for n, e in zip(names, made)}})
    first = made[0]
    with (out / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["patient", "age", "sex", "label", "truth", *names])
        for i, row in enumerate(first.rows):
            for k, part in enumerate(first.target.parts):
                lines.writerow(
                    [
                        row.patient,
                        row.age,
                        row.sex,
                        part,
                        f"{first.truth[i, k]:g}",
                        *(f"{e.told[i, k]:.4f}" for e in made),
                    ]
                )
    for k in _measurable(first):
        part, known = first.target.parts[k], ~np.isnan(first.truth[:, k])
        if first.target.binary:
            charts.classifier(
                first.truth[known, k],
                {n: e.told[known, k] for n, e in zip(names, made)},
                part,
                out / f"{file_name(part)}.svg",
            )
        else:
            charts.regression(
                first.truth[known, k], first.told[known, k], part, Path(names[0]).name, out / f"{file_name(part)}.svg"
            )


def file_name(label: str) -> str:
    """A label as part of a file's name."""
    for sign, word in (("<=", "-up-to-"), (">=", "-from-"), ("<", "-under-"), (">", "-over-"), ("has:", "")):
        label = label.replace(sign, word)
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in label)[:80]


def efficiency(
    store: Prepared,
    config: Config,
    label: str,
    out: Path,
    encoder: Path,
    fractions: Sequence[float] = FRACTIONS,
    starts: Sequence[str] = tuple(STARTS),
) -> dict[str, list[tuple[int, Line]]]:
    """With how few labels (of training and validation patients) which start does how well: of each start (training records, first measure on the same test patients, of several labels their mean); with a picture."""
    found: dict[str, list[tuple[int, Line]]] = {}
    for name in starts:
        for fraction in fractions:
            kind, begun, frozen = STARTS[name]
            folder = out / f"{file_name(label)}-{file_name(name)}-{fraction:g}"
            lines = fit(
                store,
                probing(config) if frozen else config,
                label,
                folder,
                kind=kind,
                encoder=encoder if begun else None,
                fraction=fraction,
            )
            found.setdefault(name, []).append(
                (read_card(folder)["training records"], lines[-1] if "," in label else lines[0])
            )
    told = {name: [(float(n), m.value, m.low, m.high) for n, m in points] for name, points in found.items()}
    name = next(iter(found.values()))[0][1].measure
    charts.lines(told, out / f"{file_name(label)}.svg", x="training records", y=name, title=label)
    return found


def untested(store: Prepared, divided: Sequence[Prepared], config: Config) -> tuple[list[int], list[str]]:
    """(places, marks of their patients) of what an encoder may see: all of a store but the test patients of those that will be divided."""
    tested = {s.rows[i].patient for s in divided for i in split(s.rows, config.seed, config.fold)[2]}
    places = [i for i, r in enumerate(store.rows) if r.patient not in tested]
    return places, sorted({store.rows[i].patient for i in places})


def probing(config: Config) -> Config:
    """The same, where only the head learns."""
    return replace(config, finetune=replace(config.finetune, frozen=True, lr=3 * config.finetune.lr))


def refuse_other_form(store: Prepared, config: Config) -> None:
    """Pass where the records were prepared as the model's contract says."""
    if store.contract != config.contract:
        raise IgakuError(
            "the records were prepared in another form than the model's contract; prepare them with its config (igaku ecg convert --config)"
        )


def _fewer(train: Part, fraction: float, binary: bool, seed: int) -> Part:
    """A share of the training records, drawn by the seed; of one yes-or-no label some of each kind."""
    order = list(range(len(train.places)))
    random.Random(f"{seed}/{fraction}").shuffle(order)
    if binary and train.truth.shape[1] == 1:
        kinds = [[i for i in order if train.truth[i, 0] == kind] for kind in (0.0, 1.0)]
        kept = [i for some in kinds for i in some[: max(2, round(fraction * len(some)))]]
    else:
        kept = order[: max(4, round(fraction * len(order)))]
    return Part([train.places[i] for i in kept], train.truth[kept])
