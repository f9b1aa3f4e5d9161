"""A model's results by section as bars on one axis, one table an exam."""

from collections.abc import Iterator

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.axes import Axis, Band, axis_of
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.pages.base import BenchLink
from igaku.report.site.pages.breakdowns import by_respondent
from igaku.report.site.pages.by_part import by_value
from igaku.report.site.pages.names import bench_name, section_name
from igaku.report.site.pages.shares import Share, share_of
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.studies.boards import Board, Standing


class SectionBar(Struct, frozen=True):
    """One row: a section, all of them, or the questions with pictures."""

    name: Markup
    share: Share
    band: Band


class SectionBars(Struct, frozen=True):
    """One exam of one respondent."""

    bench: BenchLink
    respondent: str
    """Its name, where the model is more than one on this exam."""
    axis: Axis
    rows: list[SectionBar]


def section_bars(data: SiteData, slugs: Slugs, model: str) -> list[SectionBars]:
    """Of every exam on whose board a model stands."""
    out = []
    for board in data.boards:
        bench = board.benchmark, board.language
        mine = [s for s in board.standings if s.model == model]
        for s in mine:
            shares = list(_shares(data, bench, board, s))
            axis = axis_of(x for _, share in shares for x in share.ci95 or ())
            rows = [SectionBar(name, share, axis.band(share.accuracy, share.ci95 or (0, 1))) for name, share in shares]
            link = BenchLink(bench_name(data, bench), slugs.bench(bench))
            out.append(SectionBars(link, display(s.respondent) if len(mine) > 1 else "", axis, rows))
    return out


def _shares(data: SiteData, bench: BenchKey, board: Board, s: Standing) -> Iterator[tuple[Markup, Share]]:
    """All questions that the ranks count, each section, and the questions with pictures."""
    items = by_respondent(data, bench, board)[s.respondent]
    yield word("model.text"), share_of(items)
    sections = by_value(items, "section")
    if len(sections) > 1:
        yield from ((section_name(bench[0], name), share_of(mine)) for name, mine in sections.items())
    if pictured := by_respondent(data, bench, board, pictured=True).get(s.respondent):
        yield word("model.pictures_seen" if s.pictures is True else "model.pictures_unseen"), share_of(pictured)
