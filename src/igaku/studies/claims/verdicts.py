"""Verdicts that stand in a file, against the replies graded again here."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from igaku.errors import IgakuError
from igaku.grading import METHODS, VERSION, Graded
from igaku.plugins import is_name
from igaku.runs.store import Run
from igaku.statistics.tally import CellKey
from igaku.studies.claims.check import Tally, short
from igaku.studies.claims.files import lines

CELL = ("model", "benchmark", "language", "prompt", "shots", "order", "method", "aggregate", "form")
"""What a verdict is counted under, by its names in files."""
DEFAULTS: Mapping[str, object] = {"aggregate": "accuracy", "form": "choices"}
Row = dict[str, Any]


def verdict_check(run: Run) -> Tally:
    """``verdicts.jsonl``, where ``igaku grade`` wrote one, line by line."""
    tally = Tally("verdicts", "each verdict is what its reply gets when it is graded again")
    path = run.path / "verdicts.jsonl"
    if not path.exists() and not path.is_symlink():
        tally.skip("the folder holds no verdicts; scores are computed from the replies whenever it is read")
        return tally
    others, methods = _stated(path)
    if not methods:
        tally.skip(f"{path.name} holds no verdict")
    for version, n in others.items():
        tally.skip(f"graded by version {version}, this igaku has {VERSION}: igaku grade {run.path} writes them anew", n)
    own, seen, unknown = _graded(run, methods), dict[str, set[str]](), Counter[str]()
    for row in _rows(path, tally):
        if row.get("grading") == VERSION:
            cell = cell_name(row)
            if cell in own:
                _compare(tally, cell, own[cell], row, seen.setdefault(cell, set()))
            else:
                unknown[cell] += 1
    for n in unknown.values():
        tally.skip("of a method or block that this igaku cannot grade", n)
    for cell, names in seen.items():
        for name in own[cell].keys() - names:
            tally.fault(_where(cell), "the verdict is missing", question=name, expected=own[cell][name].verdict.outcome)
    return tally


def _stated(path: Path) -> tuple[Counter[str], set[str]]:
    """How many verdicts are of another version of the graders, and all methods."""
    others, methods = Counter[str](), set[str]()
    for row in _rows(path, Tally("", "")):
        methods.add(str(row.get("method", "")))
        if row.get("grading") != VERSION:
            others[short(row.get("grading"))] += 1
    return others, methods


def _rows(path: Path, tally: Tally) -> Iterator[Row]:
    for where, line in lines(path, tally):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError) as error:
            tally.fault(where, "cannot be read", got=error)
        else:
            yield row


def cell_name(row: Row) -> str:
    """One text for what a row is counted under."""
    return json.dumps([row.get(name, DEFAULTS.get(name)) for name in CELL], ensure_ascii=False)


def known_methods(wanted: Iterable[str]) -> list[str]:
    """Those that are here; a file's words never name code that is run."""
    bases = dict.fromkeys(str(m).split(" by ")[0] for m in wanted)
    return [m for m in bases if is_name(m) and m in METHODS]


def _graded(run: Run, methods: Iterable[str]) -> dict[str, dict[str, Graded]]:
    """Cell -> question -> verdict, by each method on its own, since a run may have no replies for one of them."""
    out: dict[str, dict[str, Graded]] = {}
    for method in known_methods(methods):
        try:
            graded = run.grade(method)
        except IgakuError:
            continue
        named: dict[CellKey, dict[str, Graded]] = {}
        for cell_key, g in graded:
            named.setdefault(cell_key, {})[g.question.id] = g
        out |= {cell_name(msgspec.to_builtins(cell_key)): mine for cell_key, mine in named.items()}
    return out


def _where(cell: str) -> str:
    return ", ".join(str(v) for v in json.loads(cell)[1:7])


def _compare(tally: Tally, cell: str, own: Mapping[str, Graded], row: Row, seen: set[str]) -> None:
    name = str(row.get("id", ""))
    g = own.get(name)
    if g is None or name in seen:
        why = "a verdict on no question of the run" if g is None else "a second verdict"
        tally.fault(_where(cell), why, question=name)
        return
    seen.add(name)
    v = g.verdict
    expected: Row = {"key": g.key, "outcome": v.outcome, "score": v.score, "read": list(v.read)}
    wrong = next((f for f, value in expected.items() if not same(value, row.get(f))), None)
    if wrong is None:
        tally.held()
    else:
        tally.fault(_where(cell), wrong, question=name, expected=expected[wrong], got=row.get(wrong))


def same(expected: object, got: object) -> bool:
    """Whether two values are one; a field left out is its default."""
    if isinstance(expected, float | int) and isinstance(got, float | int):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-12)
    return (list(expected) if isinstance(expected, tuple) else expected or None) == (got or None)
