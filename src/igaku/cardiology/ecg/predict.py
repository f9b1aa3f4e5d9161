"""A fitted model's predictions for files, prepared by its contract."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import UNSET, Struct, UnsetType, field

from igaku.cardiology import RESEARCH
from igaku.cardiology.clinical import Line, recalibrated, wilson
from igaku.cardiology.ecg.encoders.published import published_in
from igaku.cardiology.ecg.fit_label import THRESHOLDS
from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.model import Fitted, Validated, load
from igaku.cardiology.ecg.store import Given
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

PROBABILITIES = (
    "probabilities: threshold for 90 % specificity, and 95 % interval of the share of positives among those with a "
    "similar probability, both on validation patients of the model's own data; elsewhere neither may hold"
)
BATCH = 256
"""Files read before they are predicted, so that memory stays small."""


class Prediction(Struct, omit_defaults=True):
    """One label of one record, or why the record cannot be read."""

    file: str
    label: str = ""
    probability: float | UnsetType = field(default=UNSET, name="chance")
    """Of a yes-or-no label."""
    value: float | UnsetType = UNSET
    """Of a number, in the label's own unit."""
    error: str = ""
    doubts: list[str] = []
    """What in the file does not fit together, though it was read."""
    positive: str = ""
    """What a yes-or-no label's probability is of: ``male``, ``lvef<40``."""
    threshold: float | None = None
    """Set on validation patients for 90 % specificity."""
    result: str = ""
    """On which side of the threshold it lies."""
    interval: tuple[float, float] | None = None
    """95 %: of a number by the errors on validation patients, of a probability by the share of positives among those
    with a similar one."""
    recalibrated: float | None = None
    """The probability along the line that was fitted on validation patients."""

    @property
    def number(self) -> float | None:
        """The probability or the value."""
        found = self.value if self.probability is UNSET else self.probability
        return None if found is UNSET else found


class Predictions(View, Struct):
    """Predictions of files, in the order given."""

    predictions: list[Prediction]
    note: str = RESEARCH

    @property
    def errors(self) -> list[str]:
        """One line for each file that could not be read."""
        return [p.error for p in self.predictions if p.error]

    def tables(self) -> list[Table]:
        """What was predicted, without the files that could not be read."""
        found = [p for p in self.predictions if not p.error]
        rows: list[list[Value]] = [_cells(p) for p in found]
        columns: dict[str, Kind] = dict.fromkeys(("file", "label", "prediction", "95 %", "threshold", "result"), "text")
        return [Table(name="predictions", columns=columns, rows=rows)] if rows else []

    def notes(self) -> list[str]:
        """What does not fit together in a file that was read, and that this is research."""
        explained = [PROBABILITIES] if any(p.interval and p.positive for p in self.predictions) else []
        doubts = {f"{p.file}: read, but {d}": None for p in self.predictions for d in p.doubts}
        return [*doubts, *explained, self.note] if len(self.errors) < len(self.predictions) else []


def predict_many(files: Sequence[Path], folder: Path, rate: float | None = None, unit: str = "") -> Predictions:
    """A fitted model's predictions for each record.

    Args:
        folder: the model's.
        rate: samples per second, for files that do not say.
        unit: of samples, for files that do not say.

    Raises:
        IgakuError: the model cannot be read.
    """
    model = load(folder)
    out: list[Prediction] = []
    for at in range(0, len(files), BATCH):
        out += _predict(files[at : at + BATCH], model, rate, unit)
    licence = published_in(model.card)
    return Predictions(out, f"{RESEARCH} {licence}." if licence else RESEARCH)


def _predict(files: Sequence[Path], model: Fitted, rate: float | None, unit: str) -> list[Prediction]:
    contract, errors, doubts = model.contract, {}, []
    signals, rows = [], []
    for i, file in enumerate(files):
        try:
            record = read(file, rate, unit)
            signal, scale = contract.scaled(record)
        except IgakuError as error:
            errors[i] = str(error)
            continue
        signals.append(signal)
        doubts.append([*record.doubts, *_lacking(contract.leads, scale)])
        rows.append(RecordRow(path=str(file), scale=scale.tolist()))
    values = model.predict(Given(contract, rows, np.stack(signals)), range(len(rows))).tolist() if rows else []
    found = iter(zip(values, doubts, strict=True))
    out: list[Prediction] = []
    for i, file in enumerate(files):
        if i in errors:
            out.append(Prediction(str(file), error=errors[i]))
        else:
            own, doubtful = next(found)
            numbers = [round(float(v), 4) for v in own]
            out += [_prediction(file, model, k, v, doubtful) for k, v in enumerate(numbers)]
    return out


def _lacking(leads: Sequence[str], scale: "Floats") -> list[str]:
    """A line where some leads are missing."""
    left = [lead for lead, one in zip(leads, scale) if one]
    return [f"predicted from {len(left)} of {len(leads)} leads: {', '.join(left)}"] if len(left) < len(leads) else []


def _prediction(file: Path, model: Fitted, k: int, number: float, doubts: list[str]) -> Prediction:
    found = Prediction(str(file), model.parts[k], doubts=doubts)
    validated = model.validated
    known = validated[k] if k < len(validated) else Validated()
    if not model.binary:
        found.value = number
        found.interval = None if known.margin is None else (number - known.margin, number + known.margin)
        return found
    cuts = model.card.get(THRESHOLDS) or [None] * len(model.parts)
    found.probability, found.positive, found.threshold = number, positive_of(found.label), cuts[k]
    if found.threshold is not None and found.threshold == found.threshold:
        found.result = found.positive if number > found.threshold else f"not {found.positive}"
    group = next((g for g in known.groups if number <= g[0]), known.groups[-1] if known.groups else None)
    found.interval = wilson(group[2], group[1]) if group else None
    if known.recalibration:
        found.recalibrated = round(float(recalibrated(number, Line(*known.recalibration))), 4)
    return found


def positive_of(label: str) -> str:
    """What the probability of a yes-or-no label is of."""
    return "male" if label == "sex" else label.removeprefix("has:").partition("?")[0]


def _cells(p: Prediction) -> list[Value]:
    of = f" ({p.positive})" if p.positive else ""
    ends = "" if p.interval is None else f"{p.interval[0]:.3g} to {p.interval[1]:.3g}"
    cut = "" if p.threshold is None else f"{p.threshold:.3g}"
    return [p.file, p.label, "" if p.number is None else f"{p.number:g}{of}", ends, cut, p.result]
