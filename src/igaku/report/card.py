"""A run's scores as evaluation results of a Hugging Face model card (``model-index``), one block a model.

Every metric's name contains prompt, shots, order, grading method and interval, since a number without them cannot be
compared. Nothing gets the hub's field ``verified``, which only the hub may set.
"""

import json
from typing import TypedDict

from igaku._version import __version__
from igaku.benchmarks import TABLE, family, load_benchmark
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics import Cell

HOME = "https://pypi.org/project/igaku/"


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
    source: dict[str, str]


class ModelIndexEntry(TypedDict):
    """One model of ``model-index``."""

    name: str
    results: list[Result]


def model_index(run: Run, method: Names = None) -> list[ModelIndexEntry]:
    """``model-index`` as data: one entry a model, one result a benchmark and language."""
    rows = run.results(names(method)) if method else run.cells
    models = dict.fromkeys(c.model for c in rows)
    return [{"name": m, "results": _results([c for c in rows if c.model == m and c.score is not None])} for m in models]


def card(run: Run, method: Names = None) -> str:
    """The YAML block for the head of a model card; written as JSON, which is YAML too."""
    body = json.dumps(model_index(run, method), ensure_ascii=False, indent=2)
    return f"---\nmodel-index: {body}\n---\n"


def _results(cells: list[Cell]) -> list[Result]:
    groups: dict[tuple[str, str, bool | None], list[Cell]] = {}
    for c in cells:
        groups.setdefault((c.benchmark, c.language, c.text_only), []).append(c)
    return [
        {
            "task": {
                "type": "question-answering",
                "name": "medical examination" if mine[0].aggregate == "accuracy" else mine[0].aggregate,
            },
            "dataset": _dataset(bench, lang, text_only),
            "metrics": [_metric(c) for c in mine],
            "source": {"name": f"igaku {__version__}", "url": HOME},
        }
        for (bench, lang, text_only), mine in groups.items()
    ]


def _dataset(bench: str, lang: str, text_only: bool | None) -> dict[str, str]:
    base = family(bench)
    source = load_benchmark(base).upstream if base in TABLE else "own questions"
    name = f"{bench} ({lang}{'' if text_only else ', questions that need an image'})"
    return {"name": name, "type": source, "config": lang, "split": "test"}


def _metric(c: Cell) -> Metric:
    assert c.score is not None
    protocol = f"{c.method}, prompt {c.prompt}, {c.shots} shots" + (
        "" if c.order == "original" else f", order {c.order}"
    )
    ci = f"; 95 % {100 * c.ci95[0]:.1f}-{100 * c.ci95[1]:.1f}" if c.ci95 and c.aggregate == "accuracy" else ""
    return {
        "type": c.aggregate,
        "name": f"{c.aggregate} ({protocol}; {c.n_scored} questions{ci})",
        "value": round(c.score, 4),
    }
