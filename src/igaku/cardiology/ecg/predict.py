"""A fitted model's predictions for files, prepared by its contract."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import UNSET, Struct, UnsetType, field

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.model import Fitted, load
from igaku.cardiology.ecg.store import InMemory
from igaku.cardiology.ecg.tables import RecordRow
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View

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
        rows: list[list[Value]] = [[p.file, p.label, "" if p.number is None else f"{p.number:g}"] for p in found]
        columns: dict[str, Kind] = dict.fromkeys(("file", "label", "prediction"), "text")
        return [Table(name="predictions", columns=columns, rows=rows)] if rows else []

    def notes(self) -> list[str]:
        """What does not fit together in a file that was read, and that this is research."""
        doubts = {f"{p.file}: read, but {d}": None for p in self.predictions for d in p.doubts}
        return [*doubts, self.note] if len(self.errors) < len(self.predictions) else []


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
    return Predictions(out)


def _predict(files: Sequence[Path], model: Fitted, rate: float | None, unit: str) -> list[Prediction]:
    contract, errors, doubts = model.config.contract, {}, []
    signals, rows = [], []
    for i, file in enumerate(files):
        try:
            record = read(file, rate, unit)
            signal, scale = contract.scaled(record)
        except IgakuError as error:
            errors[i] = str(error)
            continue
        signals.append(signal)
        doubts.append(record.doubts)
        rows.append(RecordRow(path=str(file), scale=scale.tolist()))
    values = model.predict(InMemory(contract, rows, np.stack(signals)), range(len(rows))).tolist() if rows else []
    found = iter(zip(values, doubts, strict=True))
    out: list[Prediction] = []
    for i, file in enumerate(files):
        if i in errors:
            out.append(Prediction(str(file), error=errors[i]))
        else:
            own, doubtful = next(found)
            numbers = [round(float(v), 4) for v in own]
            out += [_prediction(file, label, v, model.binary, doubtful) for label, v in zip(model.parts, numbers)]
    return out


def _prediction(file: Path, label: str, number: float, binary: bool, doubts: list[str]) -> Prediction:
    return Prediction(str(file), label, number if binary else UNSET, UNSET if binary else number, doubts=doubts)
