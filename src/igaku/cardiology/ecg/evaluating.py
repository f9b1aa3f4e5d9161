"""How a fitted head does on records it has not seen: overall, by age and sex, and with few labels; and one record's prediction, explained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.picture import twelve_leads
from igaku.cardiology.ecg.record import LEADS
from igaku.cardiology.ecg.store import Row, Store
from igaku.cardiology.ecg.targets import split, target, values
from igaku.cardiology.ecg.training import Config, Finetune, finetune, load_head, occlusion, save_head, told
from igaku.cardiology.metrics import Measure, classified, regressed
from igaku.errors import IgakuError

SHARES = (0.6, 0.2, 0.2)
FRACTIONS = (0.05, 0.1, 0.25, 0.5, 1.0)


def fit(
    store: Store,
    config: Config,
    label: str,
    out: Path,
    *,
    pretrained: Path | None = None,
    baseline: bool = False,
    fraction: float = 1.0,
) -> dict[str, Any]:
    """Fine-tune on a store's training patients, and measure on its test patients; the card's measures.

    Raises:
        IgakuError: the label is not known, or too few patients know it.
    """
    refuse_other_form(store, config)
    made = target(label, store.rows)
    train, valid, test = (values(made, store.rows, p) for p in split(store.rows, SHARES, config.seed))
    if fraction < 1:
        train = _fewer(train, fraction, made.binary, config.seed)
    if len(train[0]) < 8 or len(valid[0]) < 2 or len(test[0]) < 4:
        raise IgakuError(f"{len(train[0])} training and {len(test[0])} test records know {label!r}; more are needed")
    model, centre = finetune(
        store.signals, *train, *valid, config, made.binary, pretrained=pretrained, baseline=baseline
    )
    measures = measure(
        told(model, store.signals, test[0], made.binary, centre), test[1], [store.rows[i] for i in test[0]], made.binary
    )
    more = {
        "measures": measures,
        "training records": len(train[0]),
        "test records": len(test[0]),
        "pretrained": bool(pretrained),
        "fraction": fraction,
        "fitted to": sorted({store.rows[i].patient for part in (train[0], valid[0]) for i in part}),
    }
    save_head(out, model, config, label, made.binary, centre, more)
    return more


def evaluate(folder: Path, store: Store) -> dict[str, Any]:
    """Measures of a fitted head on all records of patients it was not fitted to: external validation, or a store's own test patients."""
    model, card, config = load_head(folder)
    refuse_other_form(store, config)
    made = target(card["label"], store.rows)
    fitted = set(card.get("fitted to", ()))
    places = [i for i, r in enumerate(store.rows) if r.patient not in fitted]
    known, truth = values(made, store.rows, places)
    if len(known) < 4:
        raise IgakuError(
            f"{len(known)} records of patients that the model was not fitted to know {card['label']!r}; more are needed"
        )
    out = told(model, store.signals, known, card["binary"], tuple(card["centre"]))
    return {
        "label": card["label"],
        "records": len(known),
        "measures": measure(out, truth, [store.rows[i] for i in known], card["binary"]),
    }


def measure(out: Any, truth: Any, rows: Sequence[Row], binary: bool) -> dict[str, list[str]]:
    """Measures with intervals by patient: of all, and of each sex and half of the ages where ten or more are there."""
    groups = {"all": list(range(len(rows)))}
    for sex in ("F", "M"):
        groups[f"sex {sex}"] = [i for i, r in enumerate(rows) if r.sex == sex]
    groups["under 60"] = [i for i, r in enumerate(rows) if r.age is not None and r.age < 60]
    groups["60 and over"] = [i for i, r in enumerate(rows) if r.age is not None and r.age >= 60]
    made: dict[str, list[str]] = {}
    for name, places in groups.items():
        if name != "all" and (len(places) < 10 or (binary and len(set(truth[places].tolist())) < 2)):
            continue
        found: list[Measure] = (classified if binary else regressed)(
            truth[places], out[places], [rows[i].patient for i in places]
        )
        made[f"{name} (n = {len(places)})"] = [f"{m.name} {m}" for m in (found if name == "all" else found[:1])]
    return made


def label_efficiency(
    store: Store, config: Config, label: str, out: Path, pretrained: Path, fractions: Sequence[float] = FRACTIONS
) -> list[dict[str, str]]:
    """With how few labels which start does how well: pre-trained, its frozen features, from scratch, and a ResNet, on the same test patients."""
    rows = []
    for fraction in fractions:
        row = {"label": label, "share of labels": f"{100 * fraction:g} %"}
        for name, given, frozen, baseline in (
            ("pre-trained", pretrained, False, False),
            ("linear probe", pretrained, True, False),
            ("from scratch", None, False, False),
            ("ResNet", None, False, True),
        ):
            told_ = fit(
                store,
                _frozen(config, frozen),
                label,
                out / f"{label.replace(':', '-').replace('<', 'under')}-{name.replace(' ', '-')}-{fraction:g}",
                pretrained=given,
                baseline=baseline,
                fraction=fraction,
            )
            row[name] = next(iter(told_["measures"].values()))[0]
            row["training records"] = str(told_["training records"])
        rows.append(row)
    return rows


def _frozen(config: Config, frozen: bool) -> Config:
    from msgspec.structs import replace

    f: Finetune = replace(config.finetune, frozen=frozen, lr=config.finetune.lr * (3 if frozen else 1))
    return replace(config, finetune=f)


def predict_many(files: Sequence[Path], folder: Path, rate: float | None = None) -> list[dict[str, Any]]:
    """A fitted head's answer for each record, prepared as its contract says; one that cannot be read says why."""
    model, card, config = load_head(folder)
    out: list[dict[str, Any]] = []
    signals, good = [], []
    for file in files:
        try:
            signals.append(config.contract.prepare(read(file, rate)))
            good.append(file)
        except IgakuError as error:
            out.append({"file": str(file), "error": str(error)})
    if signals:
        found = told(model, np.stack(signals), range(len(signals)), card["binary"], tuple(card["centre"]))
        out += [
            {"file": str(f), "label": card["label"], "chance" if card["binary"] else "value": round(float(v), 4)}
            for f, v in zip(good, found)
        ]
    return out


def explain(file: Path, folder: Path, out: Path, rate: float | None = None) -> Path:
    """The record's picture, with the half seconds shaded whose absence changes the answer most (occlusion). Shows what the model used, not why a patient is ill."""
    model, card, config = load_head(folder)
    record = read(file, rate)
    signal = config.contract.prepare(record)
    if (over := record.seconds - config.contract.seconds) > 0:  # the picture shows what the model read: the middle
        cut = round(over / 2 * record.rate)
        record.signal = record.signal[:, cut : cut + round(config.contract.seconds * record.rate)]
    weight = occlusion(model, signal, config)
    shown = np.zeros_like(record.signal)
    shift = (record.seconds - config.contract.seconds) / 2
    for lead, row in zip(config.contract.leads, weight):
        at = np.clip(
            ((np.arange(record.signal.shape[1]) / record.rate - shift) * config.contract.rate).astype(int),
            0,
            len(row) - 1,
        )
        shown[LEADS.index(lead)] = row[at]
    out.write_text(twelve_leads(record, f"{file.name}: what {card['label']} hangs on", shown), encoding="utf-8")
    return out


def refuse_other_form(store: Store, config: Config) -> None:
    """Pass where the records were prepared as the model's contract says."""
    if store.contract != config.contract:
        raise IgakuError(
            "the records were prepared in another form than the model's contract; prepare them with its config (igaku ecg convert --config)"
        )


def _fewer(train: tuple[list[int], Any], fraction: float, binary: bool, seed: int) -> tuple[list[int], Any]:
    """A share of the training records, drawn by the seed; of a binary label some of each kind."""
    import random

    places, truth = train
    order = list(range(len(places)))
    random.Random(f"{seed}/{fraction}").shuffle(order)
    if binary:
        kept = [
            i
            for kind in (0.0, 1.0)
            for i in [k for k in order if truth[k] == kind][: max(2, round(fraction * int((truth == kind).sum())))]
        ]
    else:
        kept = order[: max(4, round(fraction * len(order)))]
    return [places[i] for i in kept], truth[kept]
