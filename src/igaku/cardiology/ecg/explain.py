"""What a prediction depends on: patches are replaced one by one, and those that change it most are shaded."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.model import Fitted, forward
from igaku.cardiology.ecg.picture import twelve_leads
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.occlusion import Region, output_changes
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


LEAST_SCALE = {True: 0.1, False: 0.2}
"""What the strongest shade stands for at least: a probability for a yes-or-no label, deviations for a number.

A model that depends on nothing gives a pale picture, not one stretched until it is dark."""


def occlusion(model: Fitted, signal: "Floats", label: int = 0) -> "Floats":
    """[leads, samples] by how much a patch raises the prediction, against its lead's mean in its stead.

    It is a difference of probabilities, or of numbers in the label's unit.

    Args:
        signal: [leads, samples] as prepared.
        label: which of the model's outputs.
    """
    shape = model.config.shape
    regions: list[Region] = [
        (lead, slice(step * shape.patch, (step + 1) * shape.patch))
        for lead in range(shape.leads)
        for step in range(shape.steps)
    ]
    means = np.repeat([row.mean() for row in signal], shape.steps).tolist()
    changes = output_changes(
        lambda rows: model.in_unit(forward(model.module, rows, range(len(rows))))[:, label],
        signal,
        regions,
        means,
        batch=60,
    )
    return np.repeat(changes.reshape(shape.leads, shape.steps), shape.patch, axis=1)


def explain(file: Path, model: Fitted, out: Path, rate: float | None = None, label: str = "", unit: str = "") -> Path:
    """The record's picture, shaded by ``occlusion``: what the model used, not why a patient is ill.

    Args:
        out: the SVG file.
        label: one of the model's labels; its first if empty.

    Raises:
        IgakuError: the model is a boosted tree, which reads intervals and no patches; or it has no such label.
    """
    if model.kind == "tree":
        raise IgakuError("a boosted tree reads intervals, not stretches of the signal; explain a vit or a resnet")
    if label and label not in model.parts:
        raise UnknownNameError("label", label, model.parts)
    label = label or model.parts[0]
    record = read(file, rate, unit)
    index = model.parts.index(label)
    change = occlusion(model, model.contract.prepare(record), index)
    most = float(np.abs(change).max())
    full = max(most, LEAST_SCALE[model.binary] * model.scaling[index][1])
    scale = f"full shade: {full:.2g}{' of probability' if model.binary else ''}, the most here is {most:.2g}"
    _cut_to(record, model.config.contract.seconds)
    title = f"{file.name}: what {label} depends on"
    return write_whole(out, twelve_leads(record, title, _on_record(change / full, record, model), scale=scale))


def _cut_to(record: Record, seconds: float) -> None:
    """Cut the middle out, as the contract does, so that the picture shows what the model read."""
    if (over := record.seconds - seconds) > 0:
        cut = round(over / 2 * record.rate)
        record.signal = record.signal[:, cut : cut + round(seconds * record.rate)]


def _on_record(weight: "Floats", record: Record, model: Fitted) -> "Floats":
    """[12, n]: the weights of the contract's leads at the record's own samples."""
    contract, out = model.config.contract, np.zeros_like(record.signal)
    shift = (record.seconds - contract.seconds) / 2
    seconds = np.arange(record.signal.shape[1]) / record.rate - shift
    for lead, row in zip(contract.leads, weight):
        out[LEADS.index(lead)] = row[np.clip((seconds * contract.rate).astype(int), 0, len(row) - 1)]
    return out
