"""What an answer hangs on: patches are taken away one by one, and those whose absence changes it most are shaded on the record's picture."""

from pathlib import Path
from typing import Any

import numpy as np

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.model import Fitted, forward
from igaku.cardiology.ecg.picture import twelve_leads
from igaku.cardiology.ecg.record import LEADS
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole


def occlusion(model: Fitted, signal: Any, label: int = 0) -> Any:
    """[leads, samples] between 0 and 1: how much the output changes when a patch is replaced by its lead's mean."""
    shape = model.config.shape
    base = forward(model.network, signal[None], [0])[0, label]
    changed = []
    for first in range(0, shape.tokens, 60):
        rows = np.repeat(signal[None], min(60, shape.tokens - first), 0)
        for k in range(len(rows)):
            lead, step = divmod(first + k, shape.steps)
            rows[k, lead, step * shape.patch : (step + 1) * shape.patch] = signal[lead].mean()
        changed.append(np.abs(forward(model.network, rows, range(len(rows)))[:, label] - base))
    weight = np.concatenate(changed).reshape(shape.leads, shape.steps)
    return np.repeat(weight / (weight.max() or 1.0), shape.patch, axis=1)


def explain(file: Path, model: Fitted, out: Path, rate: float | None = None, label: str = "") -> Path:
    """The record's picture, shaded by ``occlusion``. Shows what the model used, not why a patient is ill.

    Raises:
        IgakuError: a boosted tree, which reads intervals and no patches; or a label that the model does not tell.
    """
    if model.kind == "tree":
        raise IgakuError("a boosted tree reads intervals, not stretches of the signal; explain a vit or a resnet")
    if label and label not in model.parts:
        raise UnknownNameError("label", label, model.parts)
    wanted, contract = label or model.parts[0], model.config.contract
    record = read(file, rate)
    signal = contract.prepare(record)
    if (over := record.seconds - contract.seconds) > 0:  # the picture shows what the model read: the middle
        cut = round(over / 2 * record.rate)
        record.signal = record.signal[:, cut : cut + round(contract.seconds * record.rate)]
    weight = occlusion(model, signal, model.parts.index(wanted))
    shown = np.zeros_like(record.signal)
    shift = (record.seconds - contract.seconds) / 2
    seconds = np.arange(record.signal.shape[1]) / record.rate - shift
    for lead, row in zip(contract.leads, weight):
        shown[LEADS.index(lead)] = row[np.clip((seconds * contract.rate).astype(int), 0, len(row) - 1)]
    return write_whole(out, twelve_leads(record, f"{file.name}: what {wanted} hangs on", shown))
