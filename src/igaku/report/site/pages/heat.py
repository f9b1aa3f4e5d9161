"""A model's accuracy by template and order of choices, one table a benchmark: darker is higher."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.pages.base import BenchLink
from igaku.report.site.pages.names import bench_name, named
from igaku.report.site.slugs import Slugs
from igaku.statistics.tally import CellKey

SHADES = 5


class HeatCell(Struct, frozen=True):
    """An accuracy, and its shade from 0 (the lowest of the table) to 4."""

    accuracy: float
    shade: int


class HeatRow(Struct, frozen=True):
    """A template, and a cell an order; None where it was not asked so."""

    template: Markup
    cells: list[HeatCell | None]


class Heat(Struct, frozen=True):
    """A benchmark's accuracies by template and order."""

    bench: BenchLink
    orders: list[Markup]
    rows: list[HeatRow]


def heats(data: SiteData, slugs: Slugs, model: str) -> list[Heat]:
    """One for each benchmark asked with two or more templates or orders, by its most frequent method."""
    out = []
    for bench in data.items:
        found = _accuracies(data, bench, model)
        table = {(_template(key), key.order): accuracy for key, accuracy in found}
        if len(table) == len(found) > 1:
            orders = list(dict.fromkeys(order for _, order in table))
            link = BenchLink(bench_name(data, bench), slugs.bench(bench))
            out.append(Heat(link, [named("order", o) for o in orders], _rows(table, orders)))
    return out


def _accuracies(data: SiteData, bench: BenchKey, model: str) -> list[tuple[CellKey, float]]:
    found = []
    for variant in data.variants_of(bench, model):
        key, items = variant[1], data.items[bench][variant]
        right = [g.verdict.share_right for g in items if g.verdict.scored and g.question.text_only]
        if key.question_format == "choices" and key.aggregate == "accuracy" and right:
            found.append((key, fmean(right)))
    methods = Counter(key.method for key, _ in found).most_common(1)
    return [(key, accuracy) for key, accuracy in found if key.method == methods[0][0]]


def _template(key: CellKey) -> tuple[str, int]:
    return key.prompt, key.shots


def _rows(table: dict[tuple[tuple[str, int], str], float], orders: Sequence[str]) -> list[HeatRow]:
    low, high = min(table.values()), max(table.values())
    shades = {at: min(SHADES - 1, int(SHADES * (v - low) / (high - low or 1))) for at, v in table.items()}
    return [
        HeatRow(
            named("prompt", template[0]) + (f" +{template[1]}" if template[1] else ""),
            [HeatCell(table[template, o], shades[template, o]) if (template, o) in table else None for o in orders],
        )
        for template in dict.fromkeys(template for template, _ in table)
    ]
