"""What is learnt of a record: ``age``, ``sex``, ``lvef<40``, a column, the presence of a diagnosis, or several yes-or-no labels at once; and who learns, who tests."""

import operator
import random
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from igaku.cardiology.ecg.tables import Row
from igaku.errors import IgakuError

_COMPARED = re.compile(r"([\w .-]+?)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_OPERATORS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


class Target(NamedTuple):
    """A label by its name; several names parted by commas are learnt together."""

    name: str
    binary: bool

    @property
    def parts(self) -> list[str]:
        """Its labels, one an output of the model."""
        return parts_of(self.name)

    def of(self, row: Row) -> list[float]:
        """A row's values: numbers, or 0 and 1; NaN where not known."""
        return [_value(part, row) for part in self.parts]


def parts_of(name: str) -> list[str]:
    """The labels in a name."""
    return [p.strip() for p in name.split(",") if p.strip()]


def target(name: str, rows: Sequence[Row]) -> Target:
    """A target that some rows know.

    Raises:
        IgakuError: a label that none of them knows or all have alike, or numbers beside yes-or-no labels.
    """
    names = parts_of(name)
    if not names:
        raise IgakuError("--label is needed: age, sex, has:DIAGNOSIS, lvef<40, or a column")
    kinds = {part: _is_binary(part, rows) for part in names}
    if len(names) > 1 and not all(kinds.values()):
        number = next(part for part, binary in kinds.items() if not binary)
        raise IgakuError(f"{number!r} is a number; several labels at once must all be yes or no")
    return Target(",".join(names), all(kinds.values()))


def _is_binary(part: str, rows: Sequence[Row]) -> bool:
    values = {v for r in rows if (v := _value(part, r)) == v}
    if not values:
        columns = sorted({c for r in rows for c in r.more})
        raise IgakuError(
            f"no record knows {part!r}; there are age, sex, has:DIAGNOSIS, COLUMN<40 and the columns {', '.join(columns) or '(none)'}"
        )
    binary = part == "sex" or part.startswith("has:") or bool(_COMPARED.fullmatch(part)) or values <= {0.0, 1.0}
    if binary and len(values) < 2:
        raise IgakuError(f"all records have the same {part!r}; nothing can be learnt from it")
    return binary


def _value(part: str, row: Row) -> float:
    """A row's value; NaN where not known."""
    if part == "sex":
        return {"F": 0.0, "M": 1.0}.get(row.sex, float("nan"))
    if part.startswith("has:"):
        return _has([n.strip() for n in part.removeprefix("has:").split("|")], row.labels)
    if m := _COMPARED.fullmatch(part):
        value = _column(m[1].strip(), row)
        return value if value != value else float(_OPERATORS[m[2]](value, float(m[3])))
    return _column(part, row)


def _has(names: list[str], labels: list[str] | None) -> float:
    """Whether one of the names stands in the labels and is not denied; NaN where nothing is known, or where the labels are codes and the names are words, which says nothing."""
    if labels is None or (labels and all(x.isdecimal() for x in labels) and not any(n.isdecimal() for n in names)):
        return float("nan")
    wanted = "|".join(re.escape(n) for n in names)
    found = re.compile(rf"(?<!\w)(?:{wanted})(?!\w)", re.I)
    denied = re.compile(rf"\b(?:no|not|without)\b[^,.;]*(?:{wanted})|(?:{wanted})\s*(?:なし|無し|(?:を)?認めず)", re.I)
    return float(any(found.search(x) and not denied.search(x) for x in labels))


def _column(name: str, row: Row) -> float:
    if name == "age":
        return float("nan") if row.age is None else row.age
    try:
        return float(row.more[name])
    except (KeyError, ValueError):
        return float("nan")


def split(rows: Sequence[Row], seed: int = 0, fold: int = 0) -> tuple[list[int], list[int], list[int]]:
    """Places for training, validation and test: as the data set divides them, else 60, 20 and 20 % of the patients.

    Args:
        fold: 0 to 4; the five test parts hold every patient once.

    Raises:
        IgakuError: the data set's own division puts a patient on two sides.
    """
    if any(r.split for r in rows):
        return _given(rows)
    patients = sorted({r.patient for r in rows})
    random.Random(seed).shuffle(patients)
    cuts = [round(k * len(patients) / 5) for k in range(6)]
    fifths = [patients[a:b] for a, b in pairwise(cuts)]
    one, two, three, valid, test = fifths[fold:] + fifths[:fold]
    side = {p: k for k, part in enumerate((one + two + three, valid, test)) for p in part}
    out: tuple[list[int], list[int], list[int]] = ([], [], [])
    for i, r in enumerate(rows):
        out[side[r.patient]].append(i)
    return out


def _given(rows: Sequence[Row]) -> tuple[list[int], list[int], list[int]]:
    sides: dict[str, set[str]] = {}
    for r in rows:
        if r.split in ("train", "valid", "test"):
            sides.setdefault(r.patient, set()).add(r.split)
    if divided := [p for p, where in sides.items() if len(where) > 1]:
        raise IgakuError(
            f"column split puts {len(divided)} patients on two sides (the first: {divided[0]}); a patient belongs to one, or a test would know them"
        )
    train, valid, test = ([i for i, r in enumerate(rows) if r.split == name] for name in ("train", "valid", "test"))
    return train, valid, test


def values(made: Target, rows: Sequence[Row], places: Sequence[int]) -> tuple[list[int], Any]:
    """(places that know one of the labels or more, their values [n, labels] float32 with NaN where one is not known)."""
    import numpy as np

    told = np.array([made.of(rows[i]) for i in places], np.float32).reshape(len(places), len(made.parts))
    known = np.flatnonzero(~np.isnan(told).all(axis=1))
    return [places[k] for k in known.tolist()], told[known]
