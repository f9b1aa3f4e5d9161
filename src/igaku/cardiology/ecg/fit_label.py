"""Fit one model of a label to a store's training patients, and measure it on the test patients."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from igaku.cardiology.clinical import calibration_line, sensitivity_threshold, validation_groups, youden_threshold
from igaku.cardiology.ecg.config import Config, freeze_encoder
from igaku.cardiology.ecg.encoders.published import ENCODER, PUBLISHED
from igaku.cardiology.ecg.finetune import finetune
from igaku.cardiology.ecg.inits import INITS, SEEN, SEEN_RECORDS
from igaku.cardiology.ecg.measures import MetricRow, measure
from igaku.cardiology.ecg.model import VALIDATED, Fitted, Validated, read_card, refuse_other_form
from igaku.cardiology.ecg.store import Prepared
from igaku.cardiology.ecg.tables import RecordRow, recurring, same_patients
from igaku.cardiology.ecg.targets import Subset, labelled, split, target
from igaku.cardiology.metrics import threshold
from igaku.errors import IgakuError
from igaku.io.locks import writes

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

TESTED, FITTED, FITTED_RECORDS = "measures on test patients", "fitted to", "records fitted to"
FURTHER = "further thresholds on validation patients"
NAMED_THRESHOLDS = {"Youden": youden_threshold, "90 % sensitivity": sensitivity_threshold}
RECORDS = (FITTED_RECORDS, SEEN_RECORDS)
THRESHOLDS = "thresholds for 90 % specificity on validation patients"
TRAINING = "training records"


def fit_init(
    store: Prepared, config: Config, label: str, out: Path, init: str, encoder: Path, fraction: float = 1.0
) -> list[MetricRow]:
    """``fit`` by the name of an initialisation (``INITS``); ``encoder`` is used where it is pre-trained."""
    how = INITS[init]
    used = freeze_encoder(config) if how.frozen else config
    before = encoder if how.pretrained else None
    return fit(store, used, label, out, kind=how.kind, encoder=before, fraction=fraction)


@writes("out", goes_on=False)
def fit(
    store: Prepared,
    config: Config,
    label: str,
    out: Path,
    *,
    kind: str = "vit",
    encoder: Path | None = None,
    fraction: float = 1.0,
) -> list[MetricRow]:
    """Fit to the training patients, stop and set thresholds by the validation patients, measure on the test patients.

    Args:
        label: one, or comma-separated yes-or-no labels.
        out: the model's folder.
        kind: ``vit``, ``resnet``, ``tree`` or a published encoder (``PUBLISHED``).
        encoder: a pre-trained encoder's folder, or the published encoder's file.
        fraction: share of the training and validation records whose labels are used.

    Raises:
        IgakuError: the label is not known, too few patients know it, or the encoder was pre-trained on test patients.
    """
    refuse_other_form(store, config, kind)
    _refuse_unfit(kind, config, encoder)
    goal = target(label, store.rows)
    rows = same_patients(store.rows)
    train, valid, test = (labelled(goal, rows, s) for s in split(store.rows, config.seed, config.fold))
    fitted_to = [store.rows[i] for part in (train, valid) for i in part.indices]
    if fraction < 1:
        train, valid = (_fewer(part, fraction, goal.binary, config.seed) for part in (train, valid))
    if len(train.indices) < 4 or len(valid.indices) < 2 or len(test.indices) < 4:
        counts = f"{len(train.indices)} training, {len(valid.indices)} validation and {len(test.indices)} test records"
        raise IgakuError(f"{counts} know {label!r}; more are needed")
    published = PUBLISHED.get(kind)
    seen = _seen(None if published else encoder, [store.rows[i] for i in test.indices])
    model = finetune(store, train, valid, goal, config, kind, encoder)
    checked = model.predict(store, valid.indices)
    thresholds = _thresholds(valid.truth, checked, threshold) if goal.binary else []
    further = {n: _thresholds(valid.truth, checked, f) for n, f in NAMED_THRESHOLDS.items()} if goal.binary else {}
    tested = [rows[i] for i in test.indices]
    found = model.predict(store, test.indices)
    measured = measure(goal, test.truth, found, tested, thresholds, model.train_means, further)
    model.card = {
        TESTED: measured,
        TRAINING: len(train.indices),
        "validation records": len(valid.indices),
        "test records": len(test.indices),
        "pre-trained": bool(encoder),
        "share of labels": fraction,
        THRESHOLDS: thresholds,
        FURTHER: further,
        VALIDATED: _validated(valid.truth, checked, goal.binary),
        FITTED: sorted({r.patient for r in fitted_to}),
        FITTED_RECORDS: sorted({r.signal_hash for r in fitted_to}),
        **seen,
    }
    if published and encoder:
        model.card[ENCODER] = published.card(encoder)
    model.save(out)
    return measured


def _refuse_unfit(kind: str, config: Config, encoder: Path | None) -> None:
    """Pass where the kind of model, its config and its encoder fit each other.

    Raises:
        IgakuError: they do not.
    """
    if (published := PUBLISHED.get(kind)) is None:
        return
    published.refuse_other_form(config)
    if encoder is None:
        raise IgakuError(f"{kind} needs its weights: --encoder {kind}=FILE, from {published.source}")
    if config.finetune.mask_leads and not published.subsets:
        raise IgakuError(f"{published.title} has no meaning for a missing lead; leave finetune.mask_leads out")


def measures_of(folder: Path) -> tuple[int, list[MetricRow]]:
    """Training records of a fitted model, and its measures on the test patients."""
    card = read_card(folder)
    return int(card[TRAINING]), msgspec.convert(card[TESTED], list[MetricRow])


def _seen(encoder: Path | None, tested: Sequence[RecordRow]) -> dict[str, list[str]]:
    """Patients and records of the encoder's pre-training.

    Raises:
        IgakuError: test patients are among them.
    """
    card = read_card(encoder) if encoder else {}
    seen: dict[str, list[str]] = {name: list(card.get(name, ())) for name in (SEEN, SEEN_RECORDS)}
    if known := recurring(tested, set(seen[SEEN]), seen[SEEN_RECORDS]):
        patients = len({tested[i].patient for i in known})
        other = ", known by their signals under other names" if all(known.values()) else ""
        raise IgakuError(f"{encoder}: pre-trained on {patients} of the test patients{other}; pre-train without them")
    return seen


def known_to(models: Sequence[Fitted], rows: Sequence[RecordRow]) -> dict[int, bool]:
    """Indices of the rows of patients whom a model or its encoder has seen, and whether only a signal tells it."""
    patients = {p for m in models for part in (FITTED, SEEN) for p in m.card.get(part, ())}
    return recurring(rows, patients, {h for m in models for part in RECORDS for h in m.card.get(part, ())})


def _thresholds(truth: "Floats", predictions: "Floats", cut: Callable[..., float]) -> list[float]:
    """A threshold for each label."""
    known = ~np.isnan(truth)
    return [cut(t[k], p[k]) for t, p, k in zip(truth.T, predictions.T, known.T)]


def _validated(truth: "Floats", predictions: "Floats", binary: bool) -> list[Validated]:
    """What the validation patients say of each label's predictions."""
    out = []
    for t, p in zip(truth.T, predictions.T):
        known = ~np.isnan(t)
        t, p = t[known], p[known]
        if binary:
            line = calibration_line(t, p)
            recalibration = (line.slope, line.intercept) if line.slope == line.slope else None
            out.append(Validated(validation_groups(t.tolist(), p.tolist()), recalibration))
        else:
            errors = np.sort(np.abs(t - p))
            rank = int(np.ceil(0.95 * (len(errors) + 1)))
            out.append(Validated(margin=float(errors[rank - 1]) if rank <= len(errors) else None))
    return out


def _fewer(part: Subset, fraction: float, binary: bool, seed: int) -> Subset:
    """A share of the records, drawn by the seed; of one yes-or-no label some of each class."""
    order = list(range(len(part.indices)))
    random.Random(f"{seed}/{fraction}").shuffle(order)
    if binary and part.truth.shape[1] == 1:
        classes: Sequence[list[int]] = [[i for i in order if part.truth[i, 0] == c] for c in (0.0, 1.0)]
        chosen = [i for some in classes for i in some[: max(2, round(fraction * len(some)))]]
    else:
        chosen = order[: max(4, round(fraction * len(order)))]
    return Subset([part.indices[i] for i in chosen], part.truth[chosen])
