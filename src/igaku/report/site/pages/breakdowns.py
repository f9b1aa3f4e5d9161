"""A benchmark's results by section, year, category and difficulty, by language, and by the size of the models."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, TypeAlias

from msgspec import Struct, field

from igaku.catalog import find_model
from igaku.grading import Graded
from igaku.report.site import charts
from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.pages.base import Picture, picture
from igaku.report.site.words import LANGS
from igaku.studies.exam import difficulty
from igaku.studies.leaderboard import Board, system_of
from igaku.tables import percent

Part = Literal["section", "year", "category"]
PARTS: tuple[tuple[str, Part], ...] = (
    ("bench.sections", "section"),
    ("bench.years", "year"),
    ("bench.categories", "category"),
)
"""Phrase and field of each part; a part is shown where it has 2 to 40 values."""
ByModel: TypeAlias = Mapping[str, Sequence[Graded]]
"""Respondent -> verdicts."""


class BreakdownRow(Struct, frozen=True):
    """One part: its number of questions, and the accuracy of each respondent (None where it was not asked)."""

    part: str
    n: int
    cells: list[float | None]


class Breakdown(Struct, frozen=True, kw_only=True):
    """A picture, and a table where there are ``columns``."""

    key: str
    picture: Picture
    columns: list[str] = field(default_factory=list)
    rows: list[BreakdownRow] = field(default_factory=list)
    limited_to: int = 0
    """Number of models in the picture, where it does not contain all of them."""


def breakdowns(data: SiteData, bench: BenchKey, board: Board) -> list[Breakdown]:
    """Every breakdown that the questions and models allow."""
    by_model = _by_model(data, bench, board)
    models = [s.respondent for s in board.standings]
    by_part = [
        _by_part(key, part, by_model, models)
        for key, part in PARTS
        if 2 <= len({getattr(g.question, part) for items in by_model.values() for g in items} - {""}) <= 40
    ]
    return [*by_part, *by_difficulty(by_model, models), *by_language(data, bench, board), *by_size(board)]


def _by_model(data: SiteData, bench: BenchKey, board: Board) -> ByModel:
    """Verdicts on choice questions without an image, of each respondent of the board."""
    names = {(s.model, s.method, s.system): s.respondent for s in board.standings}
    out: dict[str, list[Graded]] = defaultdict(list)
    for (label, key), items in data.items[bench].items():
        name = names.get((key.model, key.method, system_of(data.runs[label])))
        if name and key.question_format == "choices" and key.aggregate == "accuracy":
            out[name] += [g for g in items if g.verdict.scored and g.question.text_only]
    return out


def _by_part(key: str, part: Part, by_model: ByModel, models: Sequence[str]) -> Breakdown:
    shares: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for model in models:
        for value, items in _groups(by_model[model], part).items():
            shares[value][model] = fmean(g.verdict.right for g in items), len({g.question.id for g in items})
    values = sorted(shares) if part == "year" else list(shares)
    top = models[: charts.SERIES]
    dots = [
        charts.PartRow(part=value, model=m, accuracy=accuracy, label=f"{value}, {m}: {percent(accuracy)}")
        for value in values
        for m in top
        if m in shares[value]
        for accuracy in [shares[value][m][0]]
    ]
    rows = [
        BreakdownRow(v, max(n for _, n in shares[v].values()), [shares[v].get(m, (None, 0))[0] for m in models])
        for v in values
    ]
    limited_to = len(top) if len(models) > len(top) else 0
    return Breakdown(
        key=key, picture=picture(charts.parts, dots), columns=list(models), rows=rows, limited_to=limited_to
    )


def _groups(items: Sequence[Graded], part: Part) -> dict[str, list[Graded]]:
    out: dict[str, list[Graded]] = defaultdict(list)
    for g in items:
        if value := getattr(g.question, part):
            out[value].append(g)
    return out


def by_difficulty(by_model: ByModel, models: Sequence[str]) -> list[Breakdown]:
    """Accuracy against the accuracy of people, where the benchmark has it."""
    rows = [
        charts.DifficultyRow(
            model=m,
            people=(low + high) / 2,
            accuracy=right / n,
            label=f"{m}: {percent(right / n)} ({percent(low)} – {percent(high)})",
        )
        for m in models[: charts.SERIES]
        for low, high, n, right in difficulty(by_model[m])
    ]
    return [Breakdown(key="bench.difficulty", picture=picture(charts.difficulty, rows))] if rows else []


def by_language(data: SiteData, bench: BenchKey, board: Board) -> list[Breakdown]:
    """Japanese against English, for models with both."""
    benchmark, language = bench
    other = data.board((benchmark, "en" if language == "ja" else "ja"))
    if other is None or language not in LANGS:
        return []
    ja, en = (board, other) if language == "ja" else (other, board)
    accuracies = [{s.respondent: s.accuracy for s in b.standings} for b in (ja, en)]
    rows = [
        charts.LanguageRow(model=name, ja=x, en=y, label=f"{name}: ja {percent(x)}, en {percent(y)}")
        for name in (s.respondent for s in board.standings)
        if all(name in a for a in accuracies)
        for x, y in [(accuracies[0][name], accuracies[1][name])]
    ]
    return [Breakdown(key="bench.gap", picture=picture(charts.languages, rows))] if rows else []


def by_size(board: Board) -> list[Breakdown]:
    """Accuracy against size, where the catalog knows models of two sizes."""
    sized = [(s, entry.parameters) for s in board.standings if (entry := find_model(s.model)) and entry.parameters]
    rows = [
        charts.SizeRow(
            model=s.respondent,
            size=size,
            accuracy=s.accuracy,
            label=f"{s.respondent}: {size:g} × 10⁹, {percent(s.accuracy)}",
        )
        for s, size in sized
    ]
    several = len({r.size for r in rows}) > 1
    return [Breakdown(key="bench.size", picture=picture(charts.sizes, rows))] if several else []
