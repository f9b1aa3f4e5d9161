"""Does a model hold where the signal is worse: leads missing, noise, reversed arms, a strip of 2.5 seconds?"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from igaku.cardiology.ecg.evaluate import Evaluation, evaluate_all
from igaku.cardiology.ecg.measures import MetricRow
from igaku.cardiology.ecg.model import Fitted
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.ecg.store import Given, Prepared, Signals
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats, Ints

Change = Callable[["Floats", Contract], "Floats"]
"""Prepared signals [n, leads, samples] and their form -> changed ones."""


def _only(leads: Sequence[str], signals: "Floats", contract: Contract) -> "Floats":
    """The others missing: NaN for a model that was fitted with leads masked, else 0, which is a flat lead to it."""
    out = signals.copy()
    gone = [k for k, name in enumerate(contract.leads) if name not in leads]
    out[:, gone] = np.nan if contract.lacking else 0
    return out


def _noise(share: float, signals: "Floats", contract: Contract) -> "Floats":
    """White noise of a share of each lead's deviation, the same for a record whenever it is read."""
    out = signals.copy()
    for row in out:
        rng = np.random.default_rng(int(abs(float(row[0, :50].sum())) * 1e6) % 2**32)
        row += share * row.std(axis=1, keepdims=True) * rng.standard_normal(row.shape, np.float32)
    return out


def _arms(signals: "Floats", contract: Contract) -> "Floats":
    """I upside down, II and III, aVR and aVL exchanged, as far as the form has these leads."""
    out, leads = signals.copy(), list(contract.leads)
    for one, other in (("II", "III"), ("aVR", "aVL")):
        if one in leads and other in leads:
            a, b = leads.index(one), leads.index(other)
            out[:, [a, b]] = out[:, [b, a]]
    if "I" in leads:
        out[:, leads.index("I")] *= -1
    return out


def _strip(signals: "Floats", contract: Contract) -> "Floats":
    """Only the middle 2.5 seconds; the rest is 0, as padding is."""
    out = np.zeros_like(signals)
    half, middle = round(1.25 * contract.rate), signals.shape[2] // 2
    part = slice(max(0, middle - half), middle + half)
    out[:, :, part] = signals[:, :, part]
    return out


_LIMBS, _CHEST = ("I", "II", "III", "aVR", "aVL", "aVF"), ("V1", "V2", "V3", "V4", "V5", "V6")
LEFT = {
    "without V6": (*_LIMBS, *_CHEST[:5]),
    "limb leads only": _LIMBS,
    "chest leads only": _CHEST,
    "leads I, II, V2 only": ("I", "II", "V2"),
    "leads I, II only": ("I", "II"),
    "lead II only": ("II",),
    "lead I only": ("I",),
}
"""Change -> the leads that are left."""
AS_IS = "as it is"
CHANGES: dict[str, Change] = {
    AS_IS: lambda signals, contract: signals,
    **{name: partial(_only, leads) for name, leads in LEFT.items()},
    "noise of half the deviation": lambda s, c: _noise(0.5, s, c),
    "noise as large as the signal": lambda s, c: _noise(1.0, s, c),
    "arm electrodes reversed": _arms,
    "2.5 seconds only": _strip,
}


class _ChangedSignals:
    """Signals that are changed as they are read."""

    def __init__(self, signals: Signals, contract: Contract, change: Change) -> None:
        self._signals, self._contract, self._change = signals, contract, change

    def __len__(self) -> int:
        return len(self._signals)

    def __getitem__(self, indices: "Sequence[int] | Ints", /) -> "Floats":
        return self._change(np.asarray(self._signals[indices], np.float32), self._contract)


class StressRow(Struct):
    """One label under one change."""

    label: str
    change: str
    measure: str
    value: float
    low: float | None
    high: float | None
    text: str


class Stress(View, Struct):
    """A model on records that are made worse."""

    stress: list[StressRow]
    masked: bool = False
    """Whether the model was fitted with leads masked."""

    def tables(self) -> list[Table]:
        """A row a change."""
        columns: dict[str, Kind] = dict.fromkeys(("label", "change", "measure", "value"), "text")
        rows: list[list[Value]] = [[r.label, r.change, r.measure, r.text] for r in self.stress]
        return [Table(name="stress", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a missing lead is to a model."""
        if self.masked:
            return ["a missing lead is missing to the model, which was fitted with leads masked"]
        return ["a missing lead is 0 throughout, which this model was not trained on (finetune.mask_leads)"]


def stress(model: Fitted, store: Prepared, without: Sequence[str] = ()) -> Stress:
    """The first measure of each label under each of ``CHANGES``, on patients whom the model has not seen.

    A change that leaves none of the model's leads, or all of its signal as it is, is left out.

    Args:
        without: kinds of faults whose records are left out.

    Raises:
        IgakuError: as ``evaluate_all``, or the records lack leads as they are.
    """
    if store.contract.lacking:
        raise IgakuError("a stress test takes leads away from whole records; prepare them without contract.lacking")
    out, contract = [], replace(store.contract, lacking=model.takes_subsets)
    for name, change in telling(contract).items():
        changed = Given(contract, store.rows, _ChangedSignals(store.signals, contract, change))
        (found,) = evaluate_all([model], changed, without)
        out += [_row(r, name) for r in _first(found)]
    return Stress(out, model.takes_subsets)


def telling(contract: Contract) -> dict[str, Change]:
    """Those of ``CHANGES`` that leave a lead and change something of a record in this form; and the record as it is."""
    some = {name: c for name, c in CHANGES.items() if name not in LEFT or set(LEFT[name]) & set(contract.leads)}
    probe = np.random.default_rng(0).normal(size=(1, len(contract.leads), contract.samples)).astype(np.float32)
    return {name: c for name, c in some.items() if name == AS_IS or not np.array_equal(c(probe, contract), probe)}


def _first(found: Evaluation) -> list[MetricRow]:
    of_all = [r for r in found.measures if r.group == "all"]
    return [next(r for r in of_all if r.label == part) for part in dict.fromkeys(r.label for r in of_all)]


def _row(row: MetricRow, change: str) -> StressRow:
    return StressRow(row.label, change, row.measure, row.value, row.low, row.high, row.text)
