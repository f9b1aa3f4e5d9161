"""A benchmark's results by section, year, category and difficulty, by language, and by the size of the models."""

from collections import defaultdict
from collections.abc import Sequence

from igaku.grading import Graded
from igaku.report.site.collect import BenchKey, SiteData
from igaku.report.site.pages import plot
from igaku.report.site.pages.by_part import Breakdown, ByModel, by_part, table
from igaku.report.site.pages.shares import Share
from igaku.report.site.words import LANGS
from igaku.runs.counted import system_of
from igaku.studies.boards import Board
from igaku.studies.exam import by_difficulty as bins_by_difficulty


def breakdowns(data: SiteData, bench: BenchKey, board: Board) -> list[Breakdown]:
    """Every breakdown that the questions and models allow."""
    by_model = by_respondent(data, bench, board)
    models = [s.respondent for s in board.standings]
    return [
        *by_part(bench[0], by_model, models),
        *by_difficulty(bench[0], by_model, models),
        *by_language(data, bench, board),
        *by_size(data, board),
    ]


def by_respondent(data: SiteData, bench: BenchKey, board: Board, pictured: bool = False) -> ByModel:
    """Verdicts on choice questions without a picture (with ``pictured``, on those with one), of each respondent of the
    board."""
    if (bench, pictured) not in data.counted:
        data.counted[bench, pictured] = _by_respondent(data, bench, board, pictured)
    return data.counted[bench, pictured]


def _by_respondent(data: SiteData, bench: BenchKey, board: Board, pictured: bool) -> ByModel:
    names = {(s.model, s.method, s.system): s.respondent for s in board.standings}
    out: dict[str, list[Graded]] = defaultdict(list)
    for (label, key), items in data.items[bench].items():
        name = names.get((key.model, key.method, system_of(data.runs[label])))
        if name is not None and key.question_format == "choices" and key.aggregate == "accuracy":
            out[name] += [g for g in items if g.verdict.scored and g.question.text_only is not pictured]
    return out


def by_difficulty(benchmark: str, by_model: ByModel, models: Sequence[str]) -> list[Breakdown]:
    """Accuracy on questions that people find hard to easy, where the benchmark has their accuracy."""
    shares: dict[str, dict[str, Share]] = defaultdict(dict)
    for m in models:
        for low, high, n, right in bins_by_difficulty(by_model[m]):
            shares[f"{100 * low:.0f}–{100 * high:.0f}%"][m] = Share(right / n, None, n)
    return [table(benchmark, "bench.difficulty", shares, models)] if shares else []


def by_language(data: SiteData, bench: BenchKey, board: Board) -> list[Breakdown]:
    """Japanese against English, for models with both."""
    benchmark, language = bench
    other = data.board((benchmark, "en" if language == "ja" else "ja"))
    if other is None or language not in LANGS:
        return []
    ja, en = (board, other) if language == "ja" else (other, board)
    accuracies = [{s.respondent: s.accuracy for s in b.standings} for b in (ja, en)]
    names = [s.respondent for s in board.standings if all(s.respondent in a for a in accuracies)]
    rows = [(name, accuracies[0][name], accuracies[1][name]) for name in names]
    return [Breakdown(key="bench.gap", plot=plot.by_language(rows))] if rows else []


def by_size(data: SiteData, board: Board) -> list[Breakdown]:
    """Accuracy against size, where models of two sizes are known (``models.toml``, or the catalog)."""
    known = [(s, data.entry(s.model)) for s in board.standings]
    sized = [(s, entry.parameters) for s, entry in known if entry and entry.parameters]
    several = len({size for _, size in sized}) > 1
    return [Breakdown(key="bench.size", plot=plot.by_size(sized))] if several else []
