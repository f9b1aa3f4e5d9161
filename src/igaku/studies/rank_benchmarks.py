"""Is the exam the right yardstick? Kendall's tau between benchmarks (and formats of the same questions) over the
models run."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.errors import IgakuError
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.rank_correlation import RankAgreement, rank_agreement
from igaku.statistics.tally import Cell
from igaku.tables import Kind, Table, Value, View


class RankReport(View, Struct, kw_only=True):
    """Scores by benchmark and model, and every pair of benchmarks."""

    scores: dict[str, dict[str, list[float]]]
    agreement: list[RankAgreement]

    def tables(self) -> list[Table]:
        """One row a pair of benchmarks."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "and": "text",
            "models": "count",
            "Kendall's tau": "text",
            "95 %": "text",
            "p": "p",
            "says": "text",
        }
        rows: list[list[Value]] = [
            [
                r.a,
                r.b,
                r.models,
                "–" if r.tau is None else f"{r.tau:.2f}",
                f"{r.ci95[0]:.2f} to {r.ci95[1]:.2f}" if r.ci95 else "",
                r.p,
                r.remark,
            ]
            for r in self.agreement
        ]
        return [Table(name="agreement", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a model's score is here."""
        return [
            "a model's score on a benchmark is the mean over its prompts there, by its first method; "
            "more models say more",
            "p: two-sided, of a tau this far from 0 where the two orders have nothing in common; one pair at a time",
        ]


def rank_benchmarks(*runs: Run | str | Path | Sequence[Run | str | Path], method: Names = None) -> RankReport:
    """Do two benchmarks rank the models alike?

    Raises:
        IgakuError: fewer than two benchmarks in the runs; or the ``stats`` extra is not installed.
    """
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    methods: dict[tuple[str, str], str] = {}
    for run in open_runs(*runs):
        for cell in run.results(names(method) or None):
            where = _yardstick(cell)
            if where and methods.setdefault((where, cell.model), cell.method) == cell.method and cell.score is not None:
                scores[where][cell.model].append(cell.score)
    if len(scores) < 2:
        raise IgakuError(
            f"rank correlation needs two benchmarks or more; these runs hold {', '.join(scores) or 'none'}"
        )
    means = {where: {m: fmean(v) for m, v in by.items()} for where, by in scores.items()}
    return RankReport(scores={w: dict(by) for w, by in scores.items()}, agreement=rank_agreement(means))


def _yardstick(cell: Cell) -> str:
    """Benchmark, language and format; empty for a cell that is no yardstick of its own."""
    if cell.score is None or not cell.text_only or cell.order != "original":
        return ""
    return f"{cell.benchmark} {cell.language}" + (
        "" if cell.question_format == "choices" else f" {cell.question_format}"
    )
