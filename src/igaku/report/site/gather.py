"""What the pages need from runs, graded once: verdicts by each run's main method, cells by all of its methods, boards, exams."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from igaku.catalog import Model
from igaku.grading import Graded
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_run
from igaku.statistics import Cell, cells
from igaku.statistics.baselines import Baseline
from igaku.statistics.tally import CellKey
from igaku.studies.exam import ExamResult, examine
from igaku.studies.leaderboard import Board, boards

Set = tuple[str, str]
"""A benchmark and a language."""


@dataclass
class Gathered:
    """Everything read from the runs."""

    runs: dict[str, Run]
    items: dict[Set, dict[tuple[str, CellKey], list[Graded]]] = field(default_factory=lambda: defaultdict(dict))
    """Benchmark and language -> (run label, way of asking) -> verdicts by the main method, image questions included."""
    cells: list[tuple[str, Cell]] = field(default_factory=list)
    boards: list[Board] = field(default_factory=list)
    exams: list[ExamResult] = field(default_factory=list)
    baselines: dict[Set, list[Baseline]] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Names of the models, in order of appearance."""
        return list(dict.fromkeys(cell_key.model for ways in self.items.values() for _, cell_key in ways))

    def board(self, which: Set) -> Board | None:
        """The board of a benchmark and language."""
        return next((b for b in self.boards if (b.benchmark, b.language) == which), None)


def gather(runs: Sequence[Run | str | Path], method: Names = None) -> Gathered:
    """Read and grade runs. The main method is ``method``, or the first of each block that has verdicts."""
    found = Gathered({f"{k}": open_run(r) for k, r in enumerate(runs)})
    flat: list[tuple[str, CellKey, Graded]] = []
    for label, run in found.runs.items():
        graded, waiting = run.graded(method)
        found.cells += [(label, c) for c in cells(graded, waiting) if c.n_asked]
        main: dict[CellKey, str] = {}
        mine: list[tuple[CellKey, Graded]] = []
        for cell_key, g in graded:
            if main.setdefault(replace(cell_key, method=""), cell_key.method) == cell_key.method:
                found.items[cell_key.benchmark, cell_key.language].setdefault((label, cell_key), []).append(g)
                mine.append((cell_key, g))
        flat += [(label, cell_key, g) for cell_key, g in mine]
        found.exams += examine(mine)  # each run by itself: two runs of one model are two candidates
        for b in run.baselines:
            known = found.baselines.setdefault((b.benchmark, b.language), [])
            if b.text_only and b.name not in [o.name for o in known]:
                known.append(b)
    found.boards = boards(flat, found.runs, by="model")
    return found


def seen(entry: Model | None, benchmark: str) -> str:
    """How a model has met a benchmark in training, after the catalog; empty where nothing is known."""
    from igaku.benchmarks import family

    return next((s.how for s in entry.seen if s.benchmark in (benchmark, family(benchmark))), "") if entry else ""
