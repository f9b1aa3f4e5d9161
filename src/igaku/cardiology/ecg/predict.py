"""A fitted model's answers for files, prepared as its contract says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.model import load
from igaku.cardiology.ecg.store import Loose
from igaku.cardiology.ecg.tables import Row
from igaku.errors import IgakuError


def predict_many(files: Sequence[Path], folder: Path, rate: float | None = None) -> list[dict[str, Any]]:
    """A fitted model's answers for each record in the order given, prepared as its contract says; one that cannot be read says why."""
    model = load(folder)
    contract = model.config.contract
    out: list[dict[str, Any]] = []
    for at in range(0, len(files), 256):
        some: list[tuple[Path, str]] = []
        signals, rows = [], []
        for file in files[at : at + 256]:
            try:
                signal, scale = contract.scaled(read(file, rate))
                signals.append(signal)
                rows.append(Row(path=str(file), scale=scale.tolist()))
                some.append((file, ""))
            except IgakuError as error:
                some.append((file, str(error)))
        told = iter(model.told(Loose(contract, rows, np.stack(signals)), range(len(rows))) if rows else ())
        for file, why in some:
            if why:
                out.append({"file": str(file), "error": why})
                continue
            answers = zip(model.parts, next(told))
            name = "chance" if model.binary else "value"
            out += [{"file": str(file), "label": part, name: round(float(v), 4)} for part, v in answers]
    return out
