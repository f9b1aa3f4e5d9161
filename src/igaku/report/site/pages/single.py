"""The first page where there is one model: its score, its failures, its sections and what it got wrong; no ranks."""

from collections.abc import Sequence
from statistics import fmean
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import Struct

from igaku.grading import Graded
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.letters import letters_row
from igaku.report.site.pages.base import Page
from igaku.report.site.pages.board_view import BenchBoards, BoardView, bench_boards
from igaku.report.site.pages.cells import FAILED
from igaku.report.site.pages.exam_rows import ExamRow
from igaku.report.site.pages.names import bench_names, model_name, section_name
from igaku.report.site.pages.sections import SectionBars, section_bars
from igaku.report.site.pages.standings import StandingRow
from igaku.report.site.slugs import Slugs
from igaku.report.site.viewer_rows import question_row
from igaku.report.site.words import word

WRONG = 12
"""Most questions that are listed; the viewer has all."""


class WrongRow(Struct, frozen=True):
    """A question it got wrong in some way of asking."""

    id: str
    section: Markup
    stem: str
    key: str
    query: str


class SingleResult(Struct, frozen=True, kw_only=True):
    """The model on one exam, graded by one method."""

    bench: BenchBoards
    board: BoardView
    row: StandingRow
    sections: SectionBars | None
    failures: list[tuple[Markup, int]]
    """Each kind of reply without an answer, and how many."""
    n_replies: int
    n_right: int
    """Replies that are right; the questions' number where each was answered once."""
    repeated: bool
    """Whether a question was answered several times, by samples or in several variants."""
    n_wrong: int
    wrong: list[WrongRow]


class SinglePage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    model: str
    setting: Markup
    slug: str
    results: list[SingleResult]
    exams: list[ExamRow]


def has_single(data: SiteData) -> bool:
    """Whether nobody on the site can be compared: one model that stands once."""
    return len(data.models) == 1 and bool(data.boards) and all(len(b.standings) == 1 for b in data.boards)


def page(data: SiteData, slugs: Slugs) -> Page:
    """The page."""
    (model,) = data.models
    bars = {e.bench.slug: e for e in section_bars(data, slugs, model)}
    found = [bench_boards(data, slugs, (b.benchmark, b.language)) for b in data.boards]
    content = SinglePage(
        model=model_name(display(model))[0],
        setting=model_name(model)[1],
        slug=slugs.model(model),
        results=[_result(data, b, row, bars) for b in found for row in b.boards[0].rows],
        exams=[ExamRow(p, slugs.model(model)) for p in data.points if p.complete],
    )
    titles = [bench_names(data, bench) for bench in data.items]
    ja, en = (f"{display(model)} – {names[0] if len(names) == 1 else len(names)}" for names in zip(*titles))
    return Page("index.html", "single.html", content, (ja, en) if len(titles) == 1 else (display(model),) * 2)


def _result(data: SiteData, bench: BenchBoards, row: StandingRow, bars: dict[str, SectionBars]) -> SingleResult:
    key = row.standing.benchmark, row.standing.language
    variants = data.variants_of(key, row.standing.model)
    items = [g for v in variants for g in data.items[key][v]]
    sampled = [g for v in variants for graded in data.samples.get(v, {}).values() for g in graded]
    replies = sampled or items
    outcomes: list[str] = [g.verdict.outcome for g in replies]
    wrong = _wrong([g for g in items if g.verdict.scored])
    return SingleResult(
        bench=bench,
        board=bench.boards[0],
        row=row,
        sections=bars.get(bench.slug) if len(bench.boards[0].rows) == 1 else None,
        failures=[(word(f"failure.{f}"), n) for f in FAILED if (n := outcomes.count(f))],
        n_replies=len(replies),
        n_right=sum(g.verdict.share_right == 1 for g in replies if g.verdict.scored),
        repeated=len({g.question.id for g in replies}) < len(replies),
        n_wrong=len(wrong),
        wrong=[_wrong_row(data, key, g) for g in wrong[:WRONG]],
    )


def _wrong(scored: Sequence[Graded]) -> list[Graded]:
    """A verdict a question that was not right in every way, the least right first, in the exam's order."""
    shares: dict[str, list[float]] = {}
    for g in scored:
        shares.setdefault(g.question.id, []).append(g.verdict.share_right)
    means = {name: fmean(values) for name, values in shares.items()}
    first = {g.question.id: g for g in reversed(scored)}
    return sorted((first[name] for name in shares if means[name] < 1), key=lambda g: means[g.question.id])


def _wrong_row(data: SiteData, bench: BenchKey, g: Graded) -> WrongRow:
    q = letters_row(g.question, [g]) if data.letters_only else question_row(g.question, [g])
    query = urlencode({"q": q.id, "show": "wrong"})
    return WrongRow(q.id, section_name(bench[0], g.question.section), q.stem[:120], q.key, query)
