"""Published figures, reproduced from the raw replies where these are at hand; and why not where they are not.

A figure is data (``reported.toml``) with its source. ``reproduced`` means equal to the last digit given, by the
published grader.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from igaku.benchmarks import family, load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS, Graded, gold_reply, grade_one
from igaku.io.paths import find_data
from igaku.runs.importers import import_run
from igaku.runs.specs import Names, names
from igaku.statistics.aggregate import pair_f1
from igaku.statistics.tally import CellKey
from igaku.studies.exam import prohibited_chosen
from igaku.studies.published.clinicalbench import (
    CHECK,
    Hidden,
    clinicalbench_figures,
    clinicalbench_scores,
    hidden,
    hidden_table,
)
from igaku.studies.published.figures import Difference, Figure, figures
from igaku.studies.published.jmle_totals import BENCH, jmle_differences, jmle_figures, jmle_points
from igaku.tables import Table, Value, View


class ReproduceReport(View, Struct, kw_only=True):
    """Every published figure beside ours, and the single questions in which they differ."""

    figures: list[Figure]
    differences: list[Difference] = []
    hidden: list[Hidden] = []
    """What stands behind each of J-ClinicalBench's scores."""

    def tables(self) -> list[Table]:
        """One row a figure; one a question that is graded differently, with whose verdict holds; one a score of
        J-ClinicalBench, with what it does not show."""
        columns = ("benchmark", "model", "figure", "published", "ours", "status", "why", "source")
        rows: list[list[Value]] = [
            [f.benchmark, f.model, f.what, f.value, f.ours, f.status, f.why, f.source] for f in self.figures
        ]
        found = [Table(name="figures", columns=dict.fromkeys(columns, "text"), rows=rows)]
        if self.differences:
            names = ("benchmark", "model", "question", "key", "ours", "published", "right", "why")
            cells: list[list[Value]] = [[getattr(d, name) for name in names] for d in self.differences]
            found.append(Table(name="differences", columns=dict.fromkeys(names, "text"), rows=cells))
        return [*found, hidden_table(self.hidden)] if self.hidden else found

    def notes(self) -> list[str]:
        """How many of each status."""
        return [", ".join(f"{n} {status}" for status, n in Counter(f.status for f in self.figures).items())]


BY_FILES = {BENCH: jmle_figures, "j_clinicalbench": clinicalbench_figures}
"""Families whose figures are read from their authors' own files."""


def reproduce(families: Names = None) -> ReproduceReport:
    """Every figure (of some families of benchmarks) with what is computed from the replies at hand.

    Raises:
        UnknownNameError: a family of which no figure is known.
    """
    chosen = names(families)
    known = {family(f.benchmark) for f in figures()} | set(BY_FILES)
    if unknown := [name for name in chosen if name not in known]:
        raise UnknownNameError("benchmark with published figures", unknown[0], known)
    by_files = [f for name, read in BY_FILES.items() if not chosen or name in chosen for f in read()]
    wanted = [*(f for f in figures() if not chosen or family(f.benchmark) in chosen), *by_files]
    differences = jmle_differences() if any(f.check == "jmle2026-points" for f in wanted) else []
    behind = hidden() if any(f.check == CHECK for f in wanted) else []
    checked = [_checked(_explained(f, differences)) for f in wanted]
    return ReproduceReport(figures=checked, differences=differences, hidden=behind)


def _explained(figure: Figure, differences: list[Difference]) -> Figure:
    """The 120th exam's figure with the questions that explain a difference, where each was looked at."""
    mine = [d for d in differences if figure.benchmark == BENCH and d.model == figure.model]
    if not mine or any(d.right == "open" for d in mine):
        return figure
    return replace(figure, why=", ".join(f"{d.question}: {d.right} is right" for d in mine))


def _checked(figure: Figure) -> Figure:
    if not figure.check:
        return figure
    try:
        ours = CHECKS[figure.check](figure)
    except IgakuError as error:
        return replace(figure, why=str(error))
    if ours == figure.value:
        return replace(figure, ours=ours, status="reproduced", why="")
    return replace(figure, ours=ours, status="partly" if figure.why else "differs")


@cache
def _graded(format: str, folder: str, bench: str, method: str) -> list[tuple[CellKey, Graded]]:
    found = find_data(folder)
    if found is None:
        raise IgakuError(f"the published replies ({folder}) are not here; put them under IGAKU_DATA")
    with TemporaryDirectory() as scratch:
        return import_run(format, found, bench=bench, out=scratch).run.grade(method)


def _igakuqa(figure: Figure) -> list[Graded]:
    found = _graded("igakuqa", "igakuqa/baseline_results", "igakuqa", "letter-as-published")
    mine = [g for p, g in found if p.model == figure.model]
    if not mine:
        raise IgakuError(f"no replies of {figure.model} among the files here")
    return mine


def _points(figure: Figure) -> str:
    """The published grader gives the question's points where letters are equal; 116A71 aside, voids carry none."""
    mine = [g for g in _igakuqa(figure) if g.question.year == figure.year]
    required = sum(g.verdict.score * g.question.points for g in mine if g.question.section == "required")
    total = sum(g.verdict.score * g.question.points for g in mine)
    return f"{required:g}/{total - required:g}/{total:g}"


def _answers(figure: Figure) -> str:
    """Questions without a void: one right choice, and several."""
    mine = [g for g in _igakuqa(figure) if not g.question.void and g.question.choices]
    one = [g.verdict.right for g in mine if g.question.n_right == 1]
    several = [g.verdict.right for g in mine if g.question.n_right > 1]
    return f"{100 * sum(one) / len(one):.1f} / {100 * sum(several) / len(several):.1f}"


def _prohibited(figure: Figure) -> str:
    years = ("2018", "2019", "2020", "2021")
    chosen = [prohibited_chosen(g for g in _igakuqa(figure) if g.question.year == y) for y in years]
    return " ".join(str(len({c.split()[0] for c in one})) for one in chosen)


def _points119(figure: Figure) -> str:
    found = _graded("igakuqa119", "igakuqa119/answers", "igakuqa119", "letter")
    return f"{sum(g.verdict.score * g.question.points for _, g in found):g}"


def _sogocheck(figure: Figure) -> str:
    method = METHODS["pairs-as-published"]
    items = [
        Graded(q, r := gold_reply(method, q), method.name, grade_one(method, q, r))
        for q in load_benchmark(figure.benchmark).load("ja")
    ]
    return f"{100 * pair_f1(items)['recall']:.1f}"


CHECKS: dict[str, Callable[[Figure], str]] = {
    "igakuqa-points": _points,
    "igakuqa-answers": _answers,
    "igakuqa-prohibited": _prohibited,
    "igakuqa119-points": _points119,
    "sogocheck-gold": _sogocheck,
    "jmle2026-points": jmle_points,
    CHECK: clinicalbench_scores,
}
