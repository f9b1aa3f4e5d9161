"""Published figures as data (``reported.toml``), and single questions on which two readers of one reply differ."""

import tomllib
from pathlib import Path
from typing import Literal

from msgspec import Struct, convert

Status = Literal["reproduced", "differs", "partly", "not reproduced"]
Right = Literal["igaku", "authors", "open"]


class Figure(Struct, frozen=True, kw_only=True):
    """One published figure; after ``reproduce``, also ours and how they compare."""

    benchmark: str
    model: str
    what: str
    value: str
    source: str
    check: str = ""
    year: str = ""
    why: str = ""
    """Why it cannot be reproduced, or not wholly."""
    unchecked: str = ""
    """What of it rests on its authors' word alone, so that it is reproduced in part at best."""
    ours: str = ""
    status: Status = "not reproduced"


class Difference(Struct, frozen=True, kw_only=True):
    """One question that igaku and the authors grade differently, from the same reply."""

    benchmark: str
    model: str
    question: str
    key: str
    ours: str
    """What igaku reads, with its verdict."""
    published: str
    """What the authors read, with theirs."""
    right: Right
    """Whose verdict holds; ``open`` where nobody has looked yet."""
    why: str


class Judged(Struct, frozen=True, kw_only=True):
    """A person's word on one difference."""

    benchmark: str
    model: str
    question: str
    right: Right
    why: str


def _data() -> dict[str, list[object]]:
    data: dict[str, list[object]] = tomllib.loads(
        (Path(__file__).parents[1] / "reported.toml").read_text(encoding="utf-8")
    )
    return data


def figures() -> list[Figure]:
    """Every figure, as reported."""
    return [convert(row, Figure) for row in _data()["figure"]]


def judged() -> dict[tuple[str, str, str], Judged]:
    """Differences that were looked at, by benchmark, model and question."""
    rows = [convert(row, Judged) for row in _data()["difference"]]
    return {(j.benchmark, j.model, j.question): j for j in rows}
