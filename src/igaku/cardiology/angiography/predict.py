"""Ages that a network predicts, averaged over a patient's videos, and how good they are."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from msgspec import Struct, field

from igaku.cardiology import RESEARCH
from igaku.cardiology.angiography.data import Video
from igaku.cardiology.angiography.model import Card
from igaku.cardiology.clinical_measures import agreement_measures
from igaku.cardiology.metrics import Measure, regression_measures
from igaku.cardiology.networks import device
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from torch import nn

    from igaku.cardiology.arrays import Floats


class PatientAge(NamedTuple):
    """A patient's predicted and actual age, years."""

    patient: str
    predicted: float
    age: float
    """NaN where it is not known."""


def predict_videos(model: "nn.Module", frames: "Floats") -> list[float]:
    """Ages of videos, in deviations from the training mean.

    Args:
        frames: [b, frames, side, side].
    """
    model.eval()
    with torch.no_grad():
        return [float(x) for x in model(torch.from_numpy(frames).to(device())).tolist()]


def predict_patients(
    model: "nn.Module", videos: Sequence[Video], mean: float, deviation: float, batch: int = 16
) -> list[PatientAge]:
    """Predicted ages, averaged over each patient's videos.

    Args:
        mean, deviation: of the training ages, years.
    """
    predicted: dict[str, list[float]] = {}
    ages: dict[str, list[float]] = {}
    for v in videos:
        ages.setdefault(v.patient, []).append(v.age if v.age is not None else math.nan)
    for at in range(0, len(videos), batch):
        some = videos[at : at + batch]
        for v, out in zip(some, predict_videos(model, np.stack([x.frames for x in some]))):
            predicted.setdefault(v.patient, []).append(out * deviation + mean)
    return [PatientAge(p, float(np.mean(values)), float(np.mean(ages[p]))) for p, values in predicted.items()]


def evaluate(model: "nn.Module", videos: Sequence[Video], mean: float, deviation: float) -> list[Measure]:
    """MAE in years, R², r, the error of always predicting the mean, bias and agreement; intervals over patients."""
    found = predict_patients(model, videos, mean, deviation)
    names = [x.patient for x in found]
    ages, predicted = [x.age for x in found], [x.predicted for x in found]
    return [*regression_measures(ages, predicted, names, train_mean=mean), *agreement_measures(ages, predicted, names)]


def unseen(videos: Sequence[Video], card: Card) -> list[Video]:
    """Videos with a known age of patients that a model was not fitted to.

    Raises:
        IgakuError: none is left.
    """
    fitted = set(card.fitted_to)
    left = [v for v in videos if v.age is not None and v.patient not in fitted]
    if not left:
        raise IgakuError(f"no video of {len(videos)} has a known age and a patient that the model was not fitted to")
    return left


class MeasureText(Struct):
    """A measure as people read it."""

    measure: str
    value: str


class AgeMeasures(View, Struct):
    """How good a network's ages are."""

    measures: list[MeasureText]

    def tables(self) -> list[Table]:
        """A row a measure."""
        columns: dict[str, Kind] = {"measure": "text", "value": "text"}
        return [Table(name="measures", columns=columns, rows=[[m.measure, m.value] for m in self.measures])]

    def notes(self) -> list[str]:
        """Nothing to add."""
        return []


def measures_report(measures: Sequence[Measure]) -> AgeMeasures:
    """Measures as a report."""
    return AgeMeasures([MeasureText(m.name, str(m)) for m in measures])


class AgeOfFiles(Struct):
    """A patient's predicted age, and the videos it is from."""

    patient: str
    """A pseudonym."""
    age: float
    files: list[str]


class Ages(View, Struct):
    """Predicted ages."""

    predictions: list[AgeOfFiles] = field(name="told")
    note: str = RESEARCH

    def tables(self) -> list[Table]:
        """A row a patient."""
        columns: dict[str, Kind] = {"patient": "text", "predicted age": "text", "files": "text"}
        rows: list[list[Value]] = [[p.patient, f"{p.age:.1f}", ", ".join(p.files)] for p in self.predictions]
        return [Table(name="predictions", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """That this is research."""
        return [self.note]


def ages_of(model: "nn.Module", videos: Sequence[Video], card: Card) -> Ages:
    """Predicted ages of the patients in videos, with their files."""
    files: dict[str, list[str]] = {}
    for v in videos:
        files.setdefault(v.patient, []).append(v.source)
    found = predict_patients(model, videos, card.mean, card.deviation)
    return Ages([AgeOfFiles(x.patient, round(x.predicted, 1), files[x.patient]) for x in found])
