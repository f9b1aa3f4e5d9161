"""Published figures, reproduced from the raw replies where these are at hand; and why not where they are not.

A figure is data (``reported.toml``) with its source. ``reproduced`` means equal to the last digit given, by the
published grader.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from igaku.benchmarks import family, load_benchmark
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS, Graded, gold_reply, grade_one
from igaku.io.paths import find_data
from igaku.io.scratch import lasting_folder
from igaku.runs.importers import import_run
from igaku.runs.specs import Names, names
from igaku.statistics.aggregate import pair_f1
from igaku.statistics.tally import CellKey
from igaku.studies.exam import prohibited_chosen
from igaku.studies.published.clinicalbench import CLINICALBENCH
from igaku.studies.published.clinicalbench_hidden import Hidden, hidden, hidden_table
from igaku.studies.published.figures import Difference, Figure, figures
from igaku.studies.published.files import project_of
from igaku.studies.published.igakuqa119 import IGAKUQA119
from igaku.studies.published.jbc import jbc_mean, jbc_score
from igaku.studies.published.jmle2026 import JMLE2026
from igaku.studies.published.local2022 import LOCAL2022
from igaku.tables import Table, Value, View

T = TypeVar("T")

PROJECTS = (*map(project_of, (JMLE2026, IGAKUQA119, LOCAL2022)), CLINICALBENCH)
"""Projects whose result files are recomputed whole."""


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


def reproduce(families: Names = None) -> ReproduceReport:
    """Every figure (of some families of benchmarks) with what is computed from the replies at hand.

    Raises:
        UnknownNameError: a family of which no figure is known.
    """
    every = [*figures(), *(f for project in PROJECTS for f in project.figures())]
    known, chosen = {family(f.benchmark) for f in every}, names(families)
    if unknown := [name for name in chosen if name not in known]:
        raise UnknownNameError("benchmark with published figures", unknown[0], known)
    wanted = [f for f in every if not chosen or family(f.benchmark) in chosen]
    checks = {f.check for f in wanted}
    differences = [d for project in PROJECTS if project.check in checks for d in _at_hand(project.differences)]
    return ReproduceReport(
        figures=[_checked(_explained(f, differences)) for f in wanted],
        differences=differences,
        hidden=_at_hand(hidden) if CLINICALBENCH.check in checks else [],
    )


def _at_hand(rows: Callable[[], list[T]]) -> list[T]:
    """Rows of a project whose benchmark's files are here; without them its figures say so."""
    try:
        return rows()
    except IgakuError:
        return []


def _explained(figure: Figure, differences: list[Difference]) -> Figure:
    """A figure with the questions that explain its difference, where each was looked at, and what rests on a word."""
    mine = [d for d in differences if (figure.benchmark, figure.model) == (d.benchmark, d.model)]
    if figure.check not in {project.check for project in PROJECTS} or any(d.right == "open" for d in mine):
        return figure
    whose = [f"{d.question}: {'igaku is' if d.right == 'igaku' else 'the authors are'} right" for d in mine]
    return replace(figure, why="; ".join(filter(None, (figure.why, ", ".join(whose), figure.unchecked))))


def _checked(figure: Figure) -> Figure:
    if not figure.check:
        return figure
    try:
        ours = CHECKS[figure.check](figure)
    except IgakuError as error:
        return replace(figure, why=str(error))
    if ours == figure.value and not figure.unchecked:
        return replace(figure, ours=ours, status="reproduced", why="")
    return replace(figure, ours=ours, status="partly" if figure.why else "differs")


@cache
def _graded(format: str, folder: str, bench: str, method: str) -> list[tuple[CellKey, Graded]]:
    found = find_data(folder)
    if found is None:
        raise IgakuError(f"the published replies ({folder}) are not here; put them under IGAKU_DATA")
    return import_run(format, found, bench=bench, out=lasting_folder()).run.grade(method)


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
    **{project.check: project.ours for project in PROJECTS},
    "jbc-overall": jbc_score,
    "jbc-normalized": jbc_mean,
}
