"""Scores that stand in files (a card, or what ``igaku show --json`` printed), against the replies counted again."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.grading import VERSION
from igaku.runs.store import Run
from igaku.statistics import Cell
from igaku.studies.claims.check import Tally, short
from igaku.studies.claims.stated import read_stated
from igaku.studies.claims.verdicts import CELL, Row, cell_name, known_methods, same

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


def score_check(run: Run, beside: Iterable[Path], given: Iterable[Path]) -> Tally:
    """Scores that files state: a model card (``igaku card``), or ``igaku show --json``.

    Args:
        beside: files in the run's folder; one that states no scores does not hold.
        given: files that the user named.

    Raises:
        IgakuError: one of them states no scores.
    """
    tally = Tally("scores", "each stated score is what the replies give when they are counted again")
    for path in beside:
        try:
            _stated(tally, path, run)
        except IgakuError as error:
            tally.fault(path.name, "states no scores", got=f"{error}".removeprefix(f"{path}: "))
    for path in given:
        _stated(tally, path, run)
    if not tally.checked and not tally.reasons:
        tally.skip("no card and no scores beside the run (card.yaml, scores.json, or --scores FILE)")
    return tally


def _stated(tally: Tally, path: Path, run: Run) -> None:
    data = read_stated(path)
    if isinstance(data, dict) and isinstance(data.get("model-index"), list):
        _card(tally, path, run, data["model-index"])
    elif isinstance(data, dict) and isinstance(data.get("cells"), list):
        _shown(tally, path, run, data)
    else:
        raise IgakuError(f"{path}: neither a card's model-index nor what igaku show --json prints")


def _shown(tally: Tally, path: Path, run: Run, data: Row) -> None:
    """The cells of ``igaku show --json``."""
    cells = [c for c in data["cells"] if isinstance(c, dict)]
    if data.get("grading") != VERSION:
        tally.skip(f"{path.name}: graded by version {short(data.get('grading'))}, this igaku has {VERSION}", len(cells))
        return
    own = {_cell_of(c): c for m in known_methods(str(c.get("method", "")) for c in cells) for c in _results(run, m)}
    for row in cells:
        where, cell = f"{path.name}: {_named(row)}", own.get((cell_name(row), row.get("text_only")))
        if cell is None:
            tally.fault(where, "a score of nothing in the run")
            continue
        expected = cell.as_data()
        wrong = next((f for f in NUMBERS if f in row and not same(expected[f], row[f])), None)
        tally.compare(where, wrong or "", expected[wrong] if wrong else "", row[wrong] if wrong else "")


def _results(run: Run, method: str) -> list[Cell]:
    try:
        return run.results(method)
    except IgakuError:
        return []


def _cell_of(c: Cell) -> tuple[str, bool | None]:
    return cell_name(c.as_data()), c.text_only


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
