"""Verdicts that stand in a file, against the replies graded again here."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from igaku.errors import IgakuError
from igaku.grading import METHODS, VERSION
from igaku.plugins import is_name
from igaku.runs.store import Run
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
    rows = list(_rows(path, tally))
    if not rows:
        tally.skip(f"{path.name} holds no verdict")
    others = Counter(short(r.get("grading")) for r in rows if r.get("grading") != VERSION)
    for version, n in others.items():
        tally.skip(f"graded by version {version}, this igaku has {VERSION}: igaku grade {run.path} writes them anew", n)
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("grading") == VERSION:
            found.setdefault(cell_name(row), []).append(row)
    own = _graded(run, {str(r.get("method", "")) for r in rows})
    for cell, mine in found.items():
        if cell in own:
            _compare(tally, cell, own[cell], mine)
        else:
            tally.skip("of a method or block that this igaku cannot grade", len(mine))
    return tally


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


def _graded(run: Run, methods: Iterable[str]) -> dict[str, dict[str, Row]]:
    """Cell -> question -> verdict, by each method on its own, since a run may have no replies for one of them."""
    out: dict[str, dict[str, Row]] = {}
    for method in known_methods(methods):
        try:
            graded = run.grade(method)
        except IgakuError:
            continue
        for cell_key, g in graded:
            verdict = {"key": g.reply.key if g.reply else "", **msgspec.to_builtins(g.verdict)}
            out.setdefault(cell_name(msgspec.to_builtins(cell_key)), {})[g.question.id] = verdict
    return out


def _compare(tally: Tally, cell: str, own: Mapping[str, Row], rows: Iterable[Row]) -> None:
    where, seen = ", ".join(str(v) for v in json.loads(cell)[1:7]), set()
    for row in rows:
        name = str(row.get("id", ""))
        expected = own.get(name)
        if expected is None or name in seen:
            tally.fault(
                where, "a verdict on no question of the run" if expected is None else "a second verdict", question=name
            )
            continue
        seen.add(name)
        wrong = next((f for f in ("key", "outcome", "score", "read") if not same(expected.get(f), row.get(f))), None)
        if wrong is None:
            tally.held()
        else:
            tally.fault(where, wrong, question=name, expected=expected.get(wrong), got=row.get(wrong))
    for name in own.keys() - seen:
        tally.fault(where, "the verdict is missing", question=name, expected=own[name]["outcome"])


def same(expected: object, got: object) -> bool:
    """Whether two values are one; a field left out is its default."""
    if isinstance(expected, float | int) and isinstance(got, float | int):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-12)
    return (list(expected) if isinstance(expected, tuple) else expected or None) == (got or None)
