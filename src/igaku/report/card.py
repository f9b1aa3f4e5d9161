"""A run's scores as evaluation results of a Hugging Face model card (``model-index``), one block a model.

Every metric's name contains prompt, shots, order, grading method, interval, and what was counted, since a number
without them cannot be compared. One grading method a block, its main one, unless others are named; numbers and
intervals are those of ``igaku show``. Nothing gets the hub's field ``verified``, which only the hub may set.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata
from typing import NotRequired, TypedDict

from igaku._version import __version__
from igaku.benchmarks import TABLE, family, load_benchmark
from igaku.runs.counted import main_cells
from igaku.runs.results import suite_label
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics import Cell

PAGES = ("homepage", "source", "repository", "documentation")
"""Labels of ``Project-URL`` that lead to where igaku is at home, the best first."""


def home() -> str:
    """The page that igaku's own package names as its home; empty where it names none.

    A registry's page is not guessed: a card must not lead to a package that is not there, or is another's.
    """
    with suppress(PackageNotFoundError):
        lines = metadata("igaku").get_all("Project-URL") or []
        known = {label.strip().lower(): url.strip() for label, _, url in (str(line).partition(",") for line in lines)}
        return next((known[label] for label in PAGES if known.get(label, "").startswith("https://")), "")
    return ""


class Metric(TypedDict):
    """One score."""

    type: str
    name: str
    value: float


class Result(TypedDict):
    """The scores on one benchmark and language."""

    task: dict[str, str]
    dataset: dict[str, str]
    metrics: list[Metric]
    source: NotRequired[dict[str, str]]
    """Left out where igaku has no page: the hub takes no source without one."""


class ModelIndexEntry(TypedDict):
    """One model of ``model-index``."""

    name: str
    results: list[Result]


def model_index(run: Run, method: Names = None) -> list[ModelIndexEntry]:
    """``model-index`` as data: one entry a model, one result a benchmark and language."""
    rows = run.results(names(method)) if method else main_cells(run.cells)
    models = dict.fromkeys(c.model for c in rows)
    suite = f"; suite {suite_label(run.suite)}" if run.suite else ""
    return [
        {"name": m, "results": _results([c for c in rows if c.model == m and c.score is not None], run.images, suite)}
        for m in models
    ]


def card(run: Run, method: Names = None) -> str:
    """The YAML block for the head of a model card; written as JSON, which is YAML too."""
    body = json.dumps(model_index(run, method), ensure_ascii=False, indent=2)
    return f"---\n# scores by igaku {__version__}\nmodel-index: {body}\n---\n"


def _results(cells: list[Cell], images: Mapping[tuple[str, str, str, str], str], suite: str) -> list[Result]:
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for c in cells:
        sent = images.get((c.model, c.benchmark, c.language, c.prompt), "not shown")
        image = "" if c.text_only else f", questions that need an image, {sent}"
        groups.setdefault((c.benchmark, c.language, image), []).append(c)
    return [_result(bench, lang, image, mine, suite) for (bench, lang, image), mine in groups.items()]


def _result(bench: str, lang: str, image: str, mine: list[Cell], suite: str) -> Result:
    """The scores of one group of cells."""
    family_name = "medical examination" if mine[0].aggregate == "accuracy" else mine[0].aggregate
    found: Result = {
        "task": {"type": "question-answering", "name": family_name},
        "dataset": _dataset(bench, lang, image),
        "metrics": [_metric(c, suite) for c in mine],
    }
    if page := home():
        found["source"] = {"name": f"igaku {__version__}", "url": page}
    return found


def _dataset(bench: str, lang: str, image: str) -> dict[str, str]:
    base = family(bench)
    source = load_benchmark(base).upstream if base in TABLE else "own questions"
    return {"name": f"{bench} ({lang}{image})", "type": source, "config": lang, "split": "test"}


def _metric(c: Cell, suite: str) -> Metric:
    assert c.score is not None
    protocol = f"{c.method}, prompt {c.prompt}, {c.shots} shots" + (
        "" if c.order == "original" else f", order {c.order}"
    )
    ci = f"; 95 % CI {100 * c.ci95[0]:.1f}-{100 * c.ci95[1]:.1f}" if c.ci95 and c.aggregate == "accuracy" else ""
    out = {"void": c.void, "not applicable": c.not_applicable, "not rated": c.unrated, "unanswered": c.unanswered}
    left = "".join(f", {n} {why} left out" for why, n in out.items() if n)
    return {
        "type": c.aggregate,
        "name": f"{c.aggregate} ({protocol}; {c.n_scored} questions{left}{ci}{suite})",
        "value": round(c.score, 4),
    }
