"""What is learnt of a record: ``age``, ``sex``, ``lvef<40``, a column, or the presence of a diagnosis."""

import operator
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from igaku.cardiology.ecg.store import Row
from igaku.errors import IgakuError

_COMPARED = re.compile(r"([\w .-]+?)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_OPERATORS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


class Target(NamedTuple):
    """A label by its name."""

    name: str
    binary: bool

    def of(self, row: Row) -> float | None:
        """The row's value: a number, or 0 and 1; None where it is not known."""
        if self.name == "age":
            return row.age
        if self.name == "sex":
            return {"F": 0.0, "M": 1.0}.get(row.sex)
        if m := _COMPARED.fullmatch(self.name):
            value = _number(row, m[1].strip())
            return None if value is None else float(_OPERATORS[m[2]](value, float(m[3])))
        if self.name.startswith("has:"):
            wanted = re.compile(rf"(?<!\w){re.escape(self.name.removeprefix('has:'))}(?!\w)", re.I)
            return float(any(wanted.search(x) for x in row.labels)) if row.labels else None
        return _number(row, self.name)


def target(name: str, rows: Sequence[Row]) -> Target:
    """A target that some rows know.

    Raises:
        IgakuError: none does; the line names what there is.
    """
    made = Target(name, name == "sex" or name.startswith("has:") or bool(_COMPARED.fullmatch(name)))
    values = [v for r in rows if (v := made.of(r)) is not None]
    if not values:
        columns = sorted({c for r in rows for c in r.more})
        raise IgakuError(
            f"no record knows {name!r}; there are age, sex, has:DIAGNOSIS, COLUMN<40 and the columns {', '.join(columns) or '(none)'}"
        )
    if not made.binary and set(values) <= {0.0, 1.0}:
        made = Target(name, True)
    if made.binary and len(set(values)) < 2:
        raise IgakuError(f"all {len(values)} records have the same {name!r}; nothing can be learnt from it")
    return made


def _number(row: Row, column: str) -> float | None:
    if column == "age":
        return row.age
    try:
        return float(row.more[column])
    except (KeyError, ValueError):
        return None


def split(
    rows: Sequence[Row], shares: tuple[float, float, float], seed: int = 0
) -> tuple[list[int], list[int], list[int]]:
    """Places for training, validation and test; all records of a patient fall on one side."""
    import random

    patients = sorted({r.patient for r in rows})
    random.Random(seed).shuffle(patients)
    a, b = round(shares[0] * len(patients)), round((shares[0] + shares[1]) * len(patients))
    side = {p: 0 if i < a else 1 if i < b else 2 for i, p in enumerate(patients)}
    out: tuple[list[int], list[int], list[int]] = ([], [], [])
    for i, r in enumerate(rows):
        out[side[r.patient]].append(i)
    return out


def values(made: Target, rows: Sequence[Row], places: Sequence[int]) -> tuple[list[int], Any]:
    """(places whose value is known, their values [n] float32)."""
    import numpy as np

    known = [(i, v) for i in places if (v := made.of(rows[i])) is not None]
    return [i for i, _ in known], np.array([v for _, v in known], np.float32)
