"""A board as a page shows it: the rows on one axis, the sentence above them, and what the numbers are over."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.axes import Axis, axis_of
from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.numbers import percent
from igaku.report.site.pages.counted import board_notes, facts_notes
from igaku.report.site.pages.headline import Headline, headline
from igaku.report.site.pages.names import bench_attributes, bench_name
from igaku.report.site.pages.standings import StandingRow, standing_row
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import LANGS, bilingual, phrase
from igaku.studies.boards import Board

MARKS = {"chance": "by-chance", "human mean": "by-people"}
"""Baselines that are drawn into each row, and the class of their lines."""


class Mark(Struct, frozen=True):
    """A line across a bar."""

    at: str
    css: str


class BoardView(Struct, frozen=True, kw_only=True):
    """One table."""

    scope: str
    """``text``: all models on the questions without a picture; ``all``: those that saw the pictures on all."""
    axis: Axis
    rows: list[StandingRow]
    headline: Headline
    baselines: list[tuple[str, float]]
    """Phrase and accuracy of what a row is compared with: chance and people."""
    notes: list[Markup]
    n_questions: int

    @property
    def points_of(self) -> str:
        """The most points, where a row has points."""
        return next((f"{p.of:g}" for r in self.rows for p in r.points), "")

    @property
    def marks(self) -> list[Mark]:
        """The baselines that stand on the axis,"""
        return [Mark(self.axis.at(x), MARKS[key]) for key, x in self.baselines if self.axis.low <= x <= self.axis.high]

    @property
    def legend(self) -> list[Markup]:
        """and a sentence on each."""
        return [_legend(key, x, self.axis.low <= x <= self.axis.high) for key, x in self.baselines]

    @property
    def origins(self) -> set[str]:
        """Whether rows are runs of igaku, imported, or both."""
        return {r.standing.origin for r in self.rows}

    @property
    def all_imported(self) -> bool:
        """Whether a line below says once that all replies are others'."""
        return self.origins == {"imported"}

    @property
    def several_methods(self) -> bool:
        """Whether rows are graded by different methods."""
        return len({r.standing.method for r in self.rows}) > 1

    @property
    def unlike_questions(self) -> bool:
        """Whether rows are over different numbers of questions."""
        return len({r.standing.n for r in self.rows}) > 1


class BenchBoards(Struct, frozen=True, kw_only=True):
    """A benchmark and language with its boards."""

    slug: str
    language: str
    name: Markup
    attributes: Markup
    boards: list[BoardView]
    n_questions: int
    """All questions, those with pictures included."""
    facts: list[Markup]
    """Credit line and version of the key."""


def bench_boards(data: SiteData, slugs: Slugs, bench: BenchKey) -> BenchBoards:
    """The boards of a benchmark and language: text only, then all questions where models saw the pictures."""
    found = [("text", data.board(bench)), ("all", data.board(bench, pictures=True))]
    return BenchBoards(
        slug=slugs.bench(bench),
        language=bench[1],
        name=bench_name(data, bench),
        attributes=bench_attributes(data, bench),
        boards=[_view(data, slugs, scope, b) for scope, b in found if b],
        n_questions=len({g.question.id for items in data.items[bench].values() for g in items}),
        facts=facts_notes(data, bench),
    )


def _view(data: SiteData, slugs: Slugs, scope: str, board: Board) -> BoardView:
    bench = board.benchmark, board.language
    axis = axis_of(x for s in board.standings for x in s.ci95)
    return BoardView(
        scope=scope,
        axis=axis,
        rows=[standing_row(data, slugs, s, axis) for s in board.standings],
        headline=headline(board),
        baselines=[(b.name, b.accuracy) for b in data.baselines.get(bench, []) if b.name in MARKS and scope == "text"],
        notes=board_notes(board),
        n_questions=board.questions,
    )


def _legend(baseline: str, accuracy: float, drawn: bool) -> Markup:
    """What a line in the rows is, or that it would stand outside."""
    key, text = f"bench.{baseline.replace(' ', '_')}", f"board.{MARKS[baseline]}" if drawn else "board.marks_out"
    return bilingual(*(phrase(text, lang, a=phrase(key, lang), x=percent(accuracy)) for lang in LANGS))
