"""What is predicted of a record (age, sex, ``lvef<40``, a diagnosis, a column), and who trains, validates and tests."""

import operator
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.cardiology.ecg.ejection import refuse_fractions
from igaku.cardiology.ecg.tables import RecordRow, same_patients
from igaku.cardiology.negation import Certainty, certainty
from igaku.cardiology.split import Sides, split_patients
from igaku.errors import IgakuError, UnknownNameError

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

_COMPARED = re.compile(r"([\w .-]+?)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_OPERATORS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
NAN = float("nan")


class Target(NamedTuple):
    """A label by its name; several comma-separated names are one model with several outputs."""

    name: str
    binary: bool

    @property
    def parts(self) -> list[str]:
        """Its labels, one an output of the model."""
        return parts_of(self.name)

    def of(self, row: RecordRow) -> list[float]:
        """A row's values: numbers, or 0 and 1; NaN where not known."""
        return [_value(part, row) for part in self.parts]


def parts_of(name: str) -> list[str]:
    """The labels in a name."""
    return [p.strip() for p in name.split(",") if p.strip()]


def target(name: str, rows: Sequence[RecordRow]) -> Target:
    """The target of a name.

    Raises:
        IgakuError: no row knows a label, all have the same value, numbers are mixed with yes-or-no labels, or an EF is
            in another unit than the label.
    """
    names = parts_of(name)
    if not names:
        raise IgakuError("--label is needed: age, sex, has:DIAGNOSIS, lvef<40, or a column")
    for part in names:
        _check_unit(part, rows)
    kinds = {part: _is_binary(part, rows) for part in names}
    if len(names) > 1 and not all(kinds.values()):
        number = next(part for part, binary in kinds.items() if not binary)
        raise IgakuError(f"{number!r} is a number; several labels in one model must all be yes or no")
    return Target(",".join(names), all(kinds.values()))


def _check_unit(part: str, rows: Sequence[RecordRow]) -> None:
    m = _COMPARED.fullmatch(part)
    column = m[1].strip() if m else part
    refuse_fractions(column, (v for r in rows if (v := _column(column, r)) == v), float(m[3]) if m else None)


def _is_binary(part: str, rows: Sequence[RecordRow]) -> bool:
    values = {v for r in rows if (v := _value(part, r)) == v}
    if not values:
        columns = ", ".join(sorted({c for r in rows for c in r.extra})) or "(none)"
        raise IgakuError(
            f"no record knows {part!r}; give age, sex, has:DIAGNOSIS, COLUMN<40 or one of the columns {columns}"
        )
    binary = part == "sex" or part.startswith("has:") or bool(_COMPARED.fullmatch(part)) or values <= {0.0, 1.0}
    if binary and len(values) < 2:
        raise IgakuError(f"all records have the same {part!r}; nothing can be learnt from it")
    return binary


def _value(part: str, row: RecordRow) -> float:
    """A row's value; NaN where not known."""
    if part == "sex":
        return {"F": 0.0, "M": 1.0}.get(row.sex, NAN)
    if part.startswith("has:"):
        found = _certainty(part, row.labels)
        return _DOUBT[part.rpartition("?")[2]] if found == "doubted" and "?" in part else _VALUES[found]
    if m := _COMPARED.fullmatch(part):
        value = _column(m[1].strip(), row)
        return value if value != value else float(_OPERATORS[m[2]](value, float(m[3])))
    return _column(part, row)


_VALUES: dict[Certainty | None, float] = {"stated": 1.0, "denied": 0.0, None: NAN, "doubted": NAN}
_DOUBT = {"positive": 1.0, "negative": 0.0}
"""``has:LVH?positive`` -> what "possible LVH" counts for; without it such a record is left out."""


def _certainty(part: str, labels: list[str] | None) -> Certainty | None:
    """What the labels say of a diagnosis, the surest of them; one that none of them names is denied.

    None where nothing is known, and where the labels are codes but the names are words, which says nothing.

    Raises:
        IgakuError: after the question mark stands another word than ``positive`` or ``negative``.
    """
    text, sign, choice = part.removeprefix("has:").partition("?")
    if sign and choice not in _DOUBT:
        raise UnknownNameError("choice for doubted labels", choice, _DOUBT)
    names = [n.strip() for n in text.split("|")]
    if labels is None or (labels and all(x.isdecimal() for x in labels) and not any(n.isdecimal() for n in names)):
        return None
    words = "|".join(re.escape(n) for n in names)
    found = {certainty(x, words) for x in labels}
    order: tuple[Certainty, ...] = ("stated", "doubted")
    return next((c for c in order if c in found), "denied")


DOUBTED = "left out, unless the label ends in ?positive or ?negative"


def doubted(name: str, rows: Sequence[RecordRow]) -> int:
    """Records that doubt a diagnosis of a label's name ("possible LVH")."""
    parts = [p for p in parts_of(name) if p.startswith("has:")]
    return sum(any(_certainty(p, r.labels) == "doubted" for p in parts) for r in rows)


def _column(name: str, row: RecordRow) -> float:
    if name == "age":
        return NAN if row.age is None else row.age
    try:
        return float(row.extra[name])
    except (KeyError, ValueError):
        return NAN


def split(rows: Sequence[RecordRow], seed: int = 0, fold: int = 0) -> Sides:
    """Indices for training, validation and test: the data set's own split, else 60, 20 and 20 % of the patients.

    Patients who share a record, under two numbers, are one patient.

    Args:
        fold: 0 to 4; the five test parts hold every patient once.

    Raises:
        IgakuError: the data set's own split has a patient, or one record under two names, on two sides.
    """
    if any(r.split for r in rows):
        return _own_split(rows)
    rows = same_patients(rows)
    return split_patients([r.patient for r in rows], seed, fold)


def _own_split(rows: Sequence[RecordRow]) -> Sides:
    if divided := _divided(rows):
        raise IgakuError(
            f"column split puts {len(divided)} patients on two sides (the first: {next(iter(divided))}); "
            "put all records of a patient on one side"
        )
    if divided := _divided(same_patients(rows)):
        files = ", ".join(next(iter(divided.values()))[:4])
        raise IgakuError(
            f"column split puts {len(divided)} records on two sides under two names (the first patient's: {files}); "
            "leave one of the two out"
        )
    train, valid, test = ([i for i, r in enumerate(rows) if r.split == name] for name in ("train", "valid", "test"))
    return train, valid, test


def _divided(rows: Sequence[RecordRow]) -> dict[str, list[str]]:
    """Patients with records on two sides, and the paths of these."""
    of_patient: dict[str, list[RecordRow]] = {}
    for r in rows:
        if r.split in ("train", "valid", "test"):
            of_patient.setdefault(r.patient, []).append(r)
    return {p: [r.path for r in own] for p, own in of_patient.items() if len({r.split for r in own}) > 1}


class Subset(NamedTuple):
    """Some records and their labels."""

    indices: list[int]
    truth: "Floats"
    """[n, labels], NaN where a label is not known."""


def labelled(target: Target, rows: Sequence[RecordRow], indices: Sequence[int]) -> Subset:
    """Those of the records that know at least one label, with float32 labels."""
    import numpy as np

    truth = np.array([target.of(rows[i]) for i in indices], np.float32).reshape(len(indices), len(target.parts))
    known = np.flatnonzero(~np.isnan(truth).all(axis=1))
    return Subset([indices[k] for k in known.tolist()], truth[known])
