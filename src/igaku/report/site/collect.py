"""Read and grade a site's runs once: verdicts by each run's main method, cells by all its methods, boards, exams."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from igaku.grading import Graded
from igaku.report.site.sanitize import sanitize_for_display
from igaku.runs.bench_facts import one_key
from igaku.runs.counted import Counted, first_methods, main_verdicts
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run
from igaku.statistics import Cell, cells
from igaku.statistics.baselines import Baseline
from igaku.statistics.respondents import PromptVariant, variant_label
from igaku.studies.boards import Board, boards
from igaku.studies.exam import ExamResult, examine

BenchKey: TypeAlias = tuple[str, str]
"""A benchmark and a language."""
Variants: TypeAlias = dict[PromptVariant, list[Graded]]
"""Prompt variant -> verdicts by the main method, image questions included."""


@dataclass
class SiteData:
    """Everything that the pages show of the runs."""

    runs: dict[str, Run]
    items: dict[BenchKey, Variants] = field(default_factory=lambda: defaultdict(dict))
    cells: list[tuple[str, Cell]] = field(default_factory=list)
    """Run label and cell, by every method of the run."""
    boards: list[Board] = field(default_factory=list)
    exams: list[ExamResult] = field(default_factory=list)
    baselines: dict[BenchKey, list[Baseline]] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Names of the models, in order of appearance."""
        return list(dict.fromkeys(key.model for variants in self.items.values() for _, key in variants))

    def board(self, bench: BenchKey) -> Board | None:
        """The board of a benchmark and language."""
        return next((b for b in self.boards if (b.benchmark, b.language) == bench), None)

    def display_name(self, bench: BenchKey, variant: PromptVariant) -> tuple[str, str]:
        """A respondent's model, and what distinguishes its variant from the model's others on this benchmark."""
        return display(variant[1].model), display(variant_label(variant, self.items[bench]))


def display(name: str) -> str:
    """A name of a model or respondent for display."""
    return sanitize_for_display(name)[:120]


def collect(runs: Sequence[Run | str | Path], method: Names = None) -> SiteData:
    """Read and grade runs; boards are by the first of ``method``, or by each model's main one."""
    data = SiteData({f"{k}": open_run(r) for k, r in enumerate(runs)})
    one_key(list(data.runs.values()))
    graded: list[Counted] = []
    for label, run in data.runs.items():
        verdicts, waiting = run.graded(names(method) or None)
        data.cells += [(label, c) for c in cells(verdicts, waiting) if c.n_asked]
        graded += [Counted(label, key, item) for key, item in verdicts]
        _add_baselines(data, run)
    main = first_methods(graded) if method else main_verdicts(graded, data.runs)
    for label, key, item in main:
        data.items[key.benchmark, key.language].setdefault((label, key), []).append(item)
    for label, run in data.runs.items():  # each run by itself: two runs of one model are two examinees
        data.exams += examine([(key, item) for of, key, item in main if of == label], run=run)
    data.boards = boards(main, data.runs, by="model")
    return data


def _add_baselines(data: SiteData, run: Run) -> None:
    for b in run.baselines:
        known = data.baselines.setdefault((b.benchmark, b.language), [])
        if b.text_only and b.name not in [other.name for other in known]:
            known.append(b)
