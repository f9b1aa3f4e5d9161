"""A model's accuracy by template and order of choices, one picture a benchmark."""

from collections import Counter
from statistics import fmean

from msgspec import Struct

from igaku.report.site import charts
from igaku.report.site.chart_rows import HeatRow
from igaku.report.site.collect import BenchKey, SiteData, Variants
from igaku.report.site.pages.base import BenchLink, Picture, picture
from igaku.report.site.pages.names import bench_name
from igaku.report.site.slugs import Slugs
from igaku.statistics.tally import CellKey
from igaku.tables import percent


class Heat(Struct, frozen=True):
    """A benchmark's picture of accuracy by template and order."""

    bench: BenchLink
    picture: Picture


def heats(data: SiteData, slugs: Slugs, model: str) -> list[Heat]:
    """One for each benchmark asked with two or more templates or orders, by its most frequent method."""
    out = []
    for bench, variants in data.items.items():
        rows = _heat_rows(bench, variants, model)
        if len({(r.template, r.order) for r in rows}) == len(rows) > 1:
            out.append(Heat(BenchLink(bench_name(data, bench), slugs.bench(bench)), picture(charts.heat, rows)))
    return out


def _heat_rows(bench: BenchKey, variants: Variants, model: str) -> list[HeatRow]:
    accuracies: list[tuple[CellKey, float]] = []
    for (_, key), items in variants.items():
        right = [g.verdict.share_right for g in items if g.verdict.scored and g.question.text_only]
        if key.model == model and key.question_format == "choices" and key.aggregate == "accuracy" and right:
            accuracies.append((key, fmean(right)))
    methods = Counter(key.method for key, _ in accuracies).most_common(1)
    return [_heat_row(key, bench[1], accuracy) for key, accuracy in accuracies if key.method == methods[0][0]]


def _heat_row(key: CellKey, lang: str, accuracy: float) -> HeatRow:
    template = key.prompt.removesuffix(f"_{lang}") + (f" +{key.shots}" if key.shots else "")
    label = f"{template}, {key.order}: {percent(accuracy)}"
    return HeatRow(template=template, order=key.order, accuracy=accuracy, label=label)
