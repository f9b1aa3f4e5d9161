"""Verdicts and scores that stand in files, against the replies graded again here."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from igaku.configs import read_yaml
from igaku.errors import IgakuError
from igaku.grading import METHODS, VERSION
from igaku.plugins import is_name
from igaku.runs.store import Run
from igaku.statistics import Cell
from igaku.studies.claims.check import Tally, short

CELL = ("model", "benchmark", "language", "prompt", "shots", "order", "method", "aggregate", "form")
"""What a verdict is counted under, by its names in files."""
DEFAULTS: Mapping[str, object] = {"aggregate": "accuracy", "form": "choices"}
NUMBERS = (
    *(
        "n_asked",
        "n_scored",
        "correct",
        "accuracy",
        "points",
        "max_points",
        "score",
        "unparsed",
        "truncated",
        "overlong",
    ),
    *("refused", "engine_error", "not_applicable", "void", "unanswered", "unrated"),
)
Row = dict[str, Any]


def verdict_check(run: Run) -> Tally:
    """``verdicts.jsonl``, where ``igaku grade`` wrote one, line by line."""
    tally = Tally("verdicts", "each verdict is what its reply gets when it is graded again")
    path = run.path / "verdicts.jsonl"
    if not path.is_file():
        tally.skip("the folder holds no verdicts; scores are computed from the replies whenever it is read")
        return tally
    rows = list(_rows(path, tally))
    if not rows:
        tally.skip(f"{path.name} holds no verdict")
    others = [r for r in rows if r.get("grading") != VERSION]
    for version in {short(r.get("grading")) for r in others}:
        n = sum(short(r.get("grading")) == version for r in others)
        tally.skip(f"graded by version {version}, this igaku has {VERSION}: igaku grade {run.path} writes them anew", n)
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("grading") == VERSION:
            found.setdefault(_cell(row), []).append(row)
    own = _graded(run, {str(r.get("method", "")) for r in rows})
    for cell, mine in found.items():
        if cell in own:
            _compare(tally, cell, own[cell], mine)
        else:
            tally.skip("of a method or block that this igaku cannot grade", len(mine))
    return tally


def _rows(path: Path, tally: Tally) -> Iterator[Row]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line:
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError) as error:
            tally.fault(f"{path.name}, line {number}", "cannot be read", got=error)
        else:
            yield row


def _cell(row: Row) -> str:
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
            out.setdefault(_cell(msgspec.to_builtins(cell_key)), {})[g.question.id] = verdict
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
        wrong = next((f for f in ("key", "outcome", "score", "read") if not _same(expected.get(f), row.get(f))), None)
        if wrong is None:
            tally.held()
        else:
            tally.fault(where, wrong, question=name, expected=expected.get(wrong), got=row.get(wrong))
    for name in own.keys() - seen:
        tally.fault(where, "the verdict is missing", question=name, expected=own[name]["outcome"])


def _same(expected: object, got: object) -> bool:
    """Whether two values are one; a field left out is its default."""
    if isinstance(expected, float | int) and isinstance(got, float | int):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-12)
    return (list(expected) if isinstance(expected, tuple) else expected or None) == (got or None)


def score_check(run: Run, files: Iterable[Path]) -> Tally:
    """Scores that files state: a model card (``igaku card``), or ``igaku show --json``."""
    tally = Tally("scores", "each stated score is what the replies give when they are counted again")
    found = list(files)
    if not found:
        tally.skip("no card and no scores beside the run (card.yaml, scores.json, or --scores FILE)")
    for path in found:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise IgakuError(f"{path}: cannot be read ({error})") from None
        data = read_yaml(re.sub(r"\A---\n(.*?)\n---\s*(?:\n.*)?\Z", r"\1", text, flags=re.S), str(path))
        if isinstance(data, dict) and isinstance(data.get("model-index"), list):
            _card(tally, path, run, data["model-index"])
        elif isinstance(data, dict) and isinstance(data.get("cells"), list):
            _shown(tally, path, run, data)
        else:
            raise IgakuError(f"{path}: neither a card's model-index nor what igaku show --json prints")
    return tally


def _shown(tally: Tally, path: Path, run: Run, data: Row) -> None:
    """The cells of ``igaku show --json``."""
    cells = [c for c in data["cells"] if isinstance(c, dict)]
    if data.get("grading") != VERSION:
        tally.skip(f"{path.name}: graded by version {short(data.get('grading'))}, this igaku has {VERSION}", len(cells))
        return
    own = {_cell_of(c): c for m in known_methods(str(c.get("method", "")) for c in cells) for c in _results(run, m)}
    for row in cells:
        where, cell = f"{path.name}: {_named(row)}", own.get((_cell(row), row.get("text_only")))
        if cell is None:
            tally.fault(where, "a score of nothing in the run")
            continue
        expected = cell.as_data()
        wrong = next((f for f in NUMBERS if f in row and not _same(expected[f], row[f])), None)
        tally.compare(where, wrong or "", expected[wrong] if wrong else "", row[wrong] if wrong else "")


def _results(run: Run, method: str) -> list[Cell]:
    try:
        return run.results(method)
    except IgakuError:
        return []


def _cell_of(c: Cell) -> tuple[str, bool | None]:
    return _cell(c.as_data()), c.text_only


def _named(row: Row) -> str:
    return ", ".join(str(row.get(name, "")) for name in CELL[1:7])


def _card(tally: Tally, path: Path, run: Run, entries: Iterable[object]) -> None:
    """Metrics of ``model-index``: the name says which cell, the value is its score."""
    names = [(str(m.get("name")), m.get("value"), d, str(e.get("name"))) for e, d, m in _metrics(entries)]
    methods = known_methods(re.sub(r"^\S+ \((.*?), prompt .*$", r"\1", n, flags=re.S) for n, *_ in names)
    cells = [c for m in methods for c in _results(run, m)]
    for name, value, dataset, model in names:
        where = f"{path.name}: {short(dataset, 40)}, {short(name)}"
        mine = [c for c in cells if c.model == model and _is_of(c, name, dataset)]
        if not mine:
            tally.fault(where, "a score of nothing in the run", got=value)
        elif not any(
            c.score is not None and isinstance(value, float | int) and round(c.score, 4) == value for c in mine
        ):
            tally.fault(where, "the score", expected=", ".join(f"{c.score or 0:.4f}" for c in mine), got=value)
        elif not any(f"; {c.n_scored} questions" in name for c in mine):
            tally.fault(where, "questions counted", expected=", ".join(str(c.n_scored) for c in mine), got=name)
        else:
            tally.held()


def _metrics(entries: Iterable[object]) -> Iterator[tuple[Row, str, Row]]:
    for e in entries:
        for r in e.get("results", []) if isinstance(e, dict) else []:
            for m in r.get("metrics", []) if isinstance(r, dict) else []:
                if isinstance(e, dict) and isinstance(m, dict) and isinstance(r.get("dataset"), dict):
                    yield e, str(r["dataset"].get("name")), m


def _is_of(c: Cell, name: str, dataset: str) -> bool:
    """Whether a metric of a card is a cell's, by all that its name says but the numbers."""
    order = "" if c.order == "original" else f", order {c.order}"
    protocol = f"{c.aggregate} ({c.method}, prompt {c.prompt}, {c.shots} shots{order};"
    image = ")" if c.text_only else ", questions that need an image"
    return name.startswith(protocol) and dataset.startswith(f"{c.benchmark} ({c.language}{image}")
