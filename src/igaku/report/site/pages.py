"""What stands on each page: rows, sentences and pictures, ready for the templates."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from igaku.benchmarks import family
from igaku.catalog import Model, data, find_model, models, render
from igaku.grading import Graded
from igaku.report.site import charts
from igaku.report.site.gather import Gathered, Set, seen
from igaku.report.site.shown import shown
from igaku.report.site.words import LANGS, both, plain
from igaku.runs.results import score
from igaku.statistics.paired import Comparison
from igaku.statistics.tally import Cell, CellKey
from igaku.studies.exam import ExamResult, by_difficulty
from igaku.studies.leaderboard import UNSURE, Board, Standing, system_of
from igaku.tables import interval, p_value, percent, points

if TYPE_CHECKING:
    from igaku.report.site.build import Slugs

Page = tuple[str, str, dict[str, Any]]
"""File name, template, values."""
Pair = list[tuple[str, Markup]]
"""A picture in both languages."""
FAILED = ("unparsed", "truncated", "overlong", "refused", "engine_error", "unanswered")


def navigation(found: Gathered) -> list[tuple[str, str]]:
    """Pages of the head, those that there are."""
    made = [("index.html", "nav.board")]
    made += [("exam.html", "nav.exams")] if _whole(found) else []
    made += [("figures.html", "nav.figures")] if _figures(found) else []
    return [*made, ("catalog.html", "nav.catalog"), ("how.html", "nav.how")]


def every(found: Gathered, slugs: "Slugs") -> Iterator[Page]:
    """Every page, one after the other."""
    figures = _linked(found, slugs)
    yield "index.html", "index.html", _index(found, slugs)
    for which in found.items:
        common = {"benchmark": which[0], "language": which[1], "slug": slugs.set(which)}
        yield f"b-{slugs.set(which)}.html", "bench.html", common | _bench(found, slugs, which, figures)
        yield f"q-{slugs.set(which)}.html", "viewer.html", common
    for model in found.models:
        yield f"m-{slugs.model(model)}.html", "model.html", _model(found, slugs, model)
    if whole := _whole(found):
        yield "exam.html", "exam.html", {"exams": [_exam(r) for r in whole], "partial": len(found.exams) - len(whole)}
    if figures:
        yield "figures.html", "figures.html", {"reported": figures}
    yield "catalog.html", "catalog.html", {"tables": [_catalog("models", 8), _catalog("data", 9)]}
    yield "how.html", "how.html", {}


# ---- respondents


def told(found: Gathered, which: Set, way: tuple[str, CellKey]) -> tuple[str, str]:
    """A respondent as model and way: whatever tells the ways of this model on this benchmark apart."""
    label, cell_key = way
    mine = [(k, p) for k, p in found.items[which] if p.model == cell_key.model]
    differ = [
        f
        for f in ("prompt", "shots", "order", "question_format", "method")
        if len({getattr(p, f) for _, p in mine}) > 1
    ]
    alike = sum(all(getattr(p, f) == getattr(cell_key, f) for f in differ) for _, p in mine) > 1
    parts = [str(getattr(cell_key, f)) for f in differ] + ([f"run {int(label) + 1}"] if alike else [])
    return shown(cell_key.model)[:120], shown(" ".join(parts))[:120]


def _row(found: Gathered, slugs: "Slugs", s: Standing) -> dict[str, Any]:
    which = s.benchmark, s.language
    entry = find_model(s.model)
    size = entry.parameters if entry and entry.parameters is not None else ""
    low, high = s.ci95
    return {
        "benchmark": s.benchmark,
        "language": s.language,
        "slug": slugs.set(which),
        "respondent": s.respondent.removesuffix(f" {s.method}"),
        "model_slug": slugs.model(s.model),
        "rank": s.rank,
        "rank_sort": s.ranks[0] + s.ranks[1] / 1000,
        "accuracy": s.accuracy,
        "low": low,
        "ci": f"{100 * low:.1f}–{100 * high:.1f}",
        "n": s.n,
        "method": s.method,
        "ways": f"{s.ways} ({100 * s.lowest:.1f}–{100 * s.highest:.1f})" if s.ways > 1 else "1",
        "spread": s.highest - s.lowest,
        "size": size,
        "size_class": _size_class(size),
        "licence": entry.licence if entry else "",
        "year": (entry.year if entry else None) or "",
        "seen": seen(entry, s.benchmark),
        "imported": s.origin == "imported",
        "query": urlencode({"who": _who(found, which, s), "show": "wrong"}),
    }


def _who(found: Gathered, which: Set, s: Standing) -> str:
    """The viewer's name for a standing: its one way of asking, or the model, which stands for all of its ways."""
    ways = [
        w
        for w in found.items[which]
        if (w[1].model, w[1].method, system_of(found.runs[w[0]])) == (s.model, s.method, s.system)
    ]
    return " — ".join(x for x in told(found, which, ways[0]) if x) if len(ways) == 1 else shown(s.model)[:120]


def _size_class(size: float | str) -> str:
    if isinstance(size, str):
        return "unknown"
    return "small" if size < 1 else "medium" if size < 15 else "large"


# ---- first page


def _index(found: Gathered, slugs: "Slugs") -> dict[str, Any]:
    rows = [_row(found, slugs, s) for b in found.boards for s in b.standings]
    sets = {slugs.set((b.benchmark, b.language)): f"{b.benchmark} ({b.language})" for b in found.boards}

    def options(name: str) -> list[tuple[str, str]]:
        return [(v, v) for v in sorted({str(r[name]) for r in rows} - {""})]

    sizes = [
        (c, f"board.{c}") for c in ("small", "medium", "large", "unknown") if any(r["size_class"] == c for r in rows)
    ]
    filters = [
        ("set", "board.on", list(sets.items())),
        ("lang", "col.language", options("language")),
        ("size", "col.size", sizes),
        ("licence", "col.licence", options("licence")),
        ("year", "col.year", options("year")),
    ]
    forests, duels = [], []
    for b in found.boards:
        named = {"benchmark": b.benchmark, "language": b.language, "slug": slugs.set((b.benchmark, b.language))}
        forests.append(named | {"pair": _forest(found, b)})
        duels += [named] if b.comparisons else []
    return {
        "rows": rows,
        "filters": filters,
        "answers": [_answer(b) for b in found.boards],
        "duels": duels,
        "forests": forests,
        "others": [_other(slugs, c) for _, c in found.cells if c.aggregate != "accuracy" and c.n_scored],
    }


def _answer(board: Board) -> dict[str, Any]:
    """Who is first, and whether that is certain."""
    first = board.standings[0]
    common = {"benchmark": board.benchmark, "language": board.language}
    if len(board.standings) == 1:
        low, high = first.ci95
        values = {
            "a": first.respondent,
            "x": percent(first.accuracy),
            "lo": f"{100 * low:.1f}",
            "hi": f"{100 * high:.1f}",
            "n": first.n,
        }
        return common | {"css": "", "text": both(*(plain("board.alone", lang, **values) for lang in LANGS))}
    two = {first.respondent, board.standings[1].respondent}
    c = next((c for c in board.comparisons if {c.a, c.b} == two), None)
    if c is None:
        return common | {"css": "", "text": both(*(plain("board.none", lang) for lang in LANGS))}
    sure = c.p_adjusted < UNSURE
    return common | {"css": "sure" if sure else "unsure", "text": both(*(sentence(c, lang) for lang in LANGS))}


def sentence(c: Comparison, lang: str) -> str:
    """Which of two is better on the questions both were asked, and whether that is certain."""
    sign = 1 if c.difference >= 0 else -1
    (a, x), (b, y) = ((c.a, c.mean_a), (c.b, c.mean_b))[::sign]
    low, high = sorted((sign * c.ci95[0], sign * c.ci95[1]))
    sure = c.p_adjusted < UNSURE
    p = p_value(c.p_adjusted)
    values = {
        "a": a,
        "b": b,
        "x": percent(x),
        "y": percent(y),
        "d": f"{100 * sign * c.difference:+.1f}",
        "lo": f"{100 * low:.1f}",
        "hi": f"{100 * high:.1f}",
        "n": f"{c.n:,}",
        "p": p if p.startswith("<") else f"= {p}",
    }
    text = plain("board.better" if sure else "board.unsure", lang, **values)
    if not sure and c.needed:
        text += ("" if lang == "ja" else " ") + plain("board.needed", lang, n=f"{c.needed:,}")
    return text


def duel(board: Board) -> dict[str, Any]:
    """Every pair's sentence in both languages and whether it is certain, for the comparison on the first page."""
    names = {s.respondent: shown(s.respondent)[:120] for s in board.standings}
    pairs = {
        json.dumps(sorted((names[c.a], names[c.b])), ensure_ascii=False, separators=(",", ":")): [
            *(sentence(c, lang) for lang in LANGS),
            c.p_adjusted < UNSURE,
        ]
        for c in board.comparisons
    }
    return {"names": list(names.values()), "pairs": pairs}


def _other(slugs: "Slugs", c: Cell) -> dict[str, Any]:
    return {
        "benchmark": c.benchmark,
        "language": c.language,
        "slug": slugs.set((c.benchmark, c.language)),
        "model": c.model,
        "model_slug": slugs.model(c.model),
        "method": c.method,
        "score": score(c),
        "n": c.n_scored,
    }


# ---- pictures


def _both(draw: Callable[[Any, str], Any], rows: Any) -> Pair:
    return [(lang, Markup(charts.svg(draw(rows, lang)))) for lang in LANGS]


def _forest(found: Gathered, board: Board) -> Pair:
    chance = next(
        (b.accuracy for b in found.baselines.get((board.benchmark, board.language), []) if b.name == "chance"), None
    )
    rows = [
        {
            "name": s.respondent,
            "accuracy": s.accuracy,
            "low": s.ci95[0],
            "high": s.ci95[1],
            "label": f"{s.respondent}: {percent(s.accuracy)} ({interval(s.ci95)})",
        }
        for s in board.standings
    ]
    return _both(lambda r, lang: charts.forest(r, lang, chance), rows)


# ---- a benchmark


def _bench(found: Gathered, slugs: "Slugs", which: Set, figures: list[dict[str, Any]]) -> dict[str, Any]:
    board = found.board(which)
    questions = {g.question.id for items in found.items[which].values() for g in items}
    known = {
        "chance": "chance",
        "first choice": "first",
        "human mean": "human_mean",
        "human majority": "human_majority",
    }
    return {
        "n_questions": len(questions),
        "rows": [_row(found, slugs, s) for s in board.standings] if board else [],
        "forest": _forest(found, board) if board else None,
        "baselines": [{"key": known[b.name], "accuracy": b.accuracy, "n": b.n} for b in found.baselines.get(which, [])],
        "breakdowns": _breakdowns(found, which, board) if board else [],
        "reported": [f for f in figures if f["benchmark"] in (which[0], family(which[0]))],
    }


def _breakdowns(found: Gathered, which: Set, board: Board) -> list[dict[str, Any]]:
    names = {(s.model, s.method, s.system): s.respondent for s in board.standings}
    by_model: dict[str, list[Graded]] = defaultdict(list)
    for (label, cell_key), items in found.items[which].items():
        name = names.get((cell_key.model, cell_key.method, system_of(found.runs[label])))
        if name and cell_key.question_format == "choices" and cell_key.aggregate == "accuracy":
            by_model[name] += [g for g in items if g.verdict.scored and g.question.text_only]
    models = [s.respondent for s in board.standings]
    out = [
        _parts(key, name, by_model, models)
        for key, name in (("bench.sections", "section"), ("bench.years", "year"), ("bench.categories", "category"))
        if 2 <= len({getattr(g.question, name) for items in by_model.values() for g in items} - {""}) <= 40
    ]
    return [*out, *_hard(by_model, models), *_gap(found, which, board), *_by_size(board)]


def _parts(key: str, name: str, by_model: Mapping[str, Sequence[Graded]], models: Sequence[str]) -> dict[str, Any]:
    shares: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for model in models:
        groups: dict[str, list[Graded]] = defaultdict(list)
        for g in by_model[model]:
            groups[getattr(g.question, name)].append(g)
        for part, items in groups.items():
            if part:
                shares[part][model] = fmean(g.verdict.right for g in items), len({g.question.id for g in items})
    order = sorted(shares) if name == "year" else list(shares)
    top = models[: charts.SERIES]
    dots = [
        {
            "part": part,
            "model": m,
            "accuracy": shares[part][m][0],
            "label": f"{part}, {m}: {percent(shares[part][m][0])}",
        }
        for part in order
        for m in top
        if m in shares[part]
    ]
    rows = [
        {
            "part": part,
            "n": max(n for _, n in shares[part].values()),
            "cells": [shares[part].get(m, (None, 0))[0] for m in models],
        }
        for part in order
    ]
    return {
        "key": key,
        "pair": _both(charts.parts, dots),
        "columns": models,
        "rows": rows,
        "few": len(top) if len(models) > len(top) else 0,
    }


def _hard(by_model: Mapping[str, Sequence[Graded]], models: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for m in models[: charts.SERIES]:
        for low, high, n, right in by_difficulty(by_model[m]):
            label = f"{m}: {percent(right / n)} ({percent(low)} – {percent(high)})"
            rows.append({"model": m, "people": (low + high) / 2, "accuracy": right / n, "label": label})
    return (
        [{"key": "bench.difficulty", "pair": _both(charts.difficulty, rows), "columns": [], "rows": [], "few": 0}]
        if rows
        else []
    )


def _gap(found: Gathered, which: Set, board: Board) -> list[dict[str, Any]]:
    other = found.board((which[0], "en" if which[1] == "ja" else "ja"))
    if other is None or which[1] not in LANGS:
        return []
    there = {s.respondent: s.accuracy for s in other.standings}
    rows = []
    for s in board.standings:
        if s.respondent in there:
            mine, theirs = s.accuracy, there[s.respondent]
            ja, en = (mine, theirs) if which[1] == "ja" else (theirs, mine)
            rows.append(
                {
                    "model": s.respondent,
                    "ja": ja,
                    "en": en,
                    "label": f"{s.respondent}: ja {percent(ja)}, en {percent(en)}",
                }
            )
    return (
        [{"key": "bench.gap", "pair": _both(charts.languages, rows), "columns": [], "rows": [], "few": 0}]
        if rows
        else []
    )


def _by_size(board: Board) -> list[dict[str, Any]]:
    rows = []
    for s in board.standings:
        entry = find_model(s.model)
        if entry and entry.parameters:
            label = f"{s.respondent}: {entry.parameters:g} × 10⁹, {percent(s.accuracy)}"
            rows.append({"model": s.respondent, "size": entry.parameters, "accuracy": s.accuracy, "label": label})
    return (
        [{"key": "bench.size", "pair": _both(charts.sizes, rows), "columns": [], "rows": [], "few": 0}]
        if len({r["size"] for r in rows}) > 1
        else []
    )


# ---- a model


def _model(found: Gathered, slugs: "Slugs", model: str) -> dict[str, Any]:
    entry = find_model(model)
    mine = [(label, c) for label, c in found.cells if c.model == model]
    families = {family(c.benchmark) for _, c in mine}
    met = [(s.benchmark, s.how) for s in entry.seen if s.benchmark in families] if entry else []
    labels = dict.fromkeys(label for label, _ in mine)
    identities = [found.runs[label].manifest.identity for label in labels]
    return {
        "model": model,
        "seen": met,
        "facts": _facts(entry),
        "cells": [_cell(found, slugs, label, c) for label, c in mine],
        "heats": _heats(found, model),
        "identities": _identities(identities),
    }


def _identities(found: Sequence[Any]) -> list[list[tuple[str, str]]]:
    out: list[list[tuple[str, str]]] = []
    for identity in found:
        rows = list(msgspec.to_builtins(identity).items()) if identity else []
        if rows and rows not in out:
            out.append(rows)
    return out


def _facts(entry: Model | None) -> list[tuple[str, str]]:
    if entry is None:
        return []
    size = f"{entry.parameters:g}" if entry.parameters is not None else ""
    rows = [
        ("model.maker", entry.maker),
        ("col.size", size),
        ("col.language", ", ".join(entry.languages)),
        ("col.licence", entry.licence),
        ("col.year", str(entry.year or "")),
        ("model.base", entry.base),
        ("model.recipe", entry.method),
        ("col.source", entry.paper or entry.url),
        ("col.why", entry.notes),
    ]
    return [(key, value) for key, value in rows if value]


def _cell(found: Gathered, slugs: "Slugs", label: str, c: Cell) -> dict[str, Any]:
    which = c.benchmark, c.language
    ways = [
        w
        for w in found.items[which]
        if w[0] == label
        and all(getattr(w[1], f) == getattr(c, f) for f in ("model", "prompt", "shots", "order", "question_format"))
    ]
    who = " — ".join(x for x in told(found, which, ways[0]) if x) if ways else shown(c.model)[:120]
    failures = ", ".join(f"{name.replace('_', ' ')} {n}" for name in FAILED if (n := getattr(c, name)))
    return {
        "slug": slugs.set(which),
        "query": urlencode({"who": who, "show": "wrong"}),
        "benchmark": c.benchmark,
        "language": c.language,
        "image": "" if c.text_only else "✓",
        "prompt": c.prompt,
        "shots": c.shots,
        "order": c.order,
        "method": c.method,
        "n": c.n_scored,
        "accuracy": c.accuracy,
        "ci": interval(c.ci95),
        "points": points(c.points, c.max_points),
        "failures": failures,
        "score": score(c) if c.aggregate != "accuracy" else "",
    }


def _heats(found: Gathered, model: str) -> list[dict[str, Any]]:
    """One for each benchmark asked in at least two templates, or two orders."""
    out = []
    for (bench, lang), ways in found.items.items():
        rows = []
        for (_, cell_key), items in ways.items():
            scored = [g.verdict.right for g in items if g.verdict.scored and g.question.text_only]
            if (
                cell_key.model == model
                and cell_key.question_format == "choices"
                and cell_key.aggregate == "accuracy"
                and scored
            ):
                template = cell_key.prompt.removesuffix(f"_{lang}") + (f" +{cell_key.shots}" if cell_key.shots else "")
                label = f"{template}, {cell_key.order}: {percent(fmean(scored))}"
                row = {
                    "template": template,
                    "order": cell_key.order,
                    "accuracy": fmean(scored),
                    "label": label,
                    "method": cell_key.method,
                }
                rows.append(row)
        method = max((r["method"] for r in rows), key=[r["method"] for r in rows].count, default="")
        rows = [r for r in rows if r["method"] == method]
        if len({(r["template"], r["order"]) for r in rows}) == len(rows) > 1:
            out.append({"benchmark": bench, "language": lang, "pair": _both(charts.heat, rows)})
    return out


# ---- the catalog


def _catalog(
    what: Literal["models", "data"], columns: int
) -> tuple[str, list[Markup], list[tuple[str, str, list[str]]]]:
    """Heads in both languages; each entry's name, link and cells."""
    entries: list[Any] = list((models() if what == "models" else data()).values())
    heads = [both(ja, en) for ja, en in zip(*(render(what, lang)[0][:columns] for lang in LANGS))]
    rows = [
        (e.names[0], e.url or e.paper, row[1:columns]) for e, row in zip(entries, render(what, "en")[1], strict=True)
    ]
    return f"catalog.{what}", heads, rows


# ---- exams and published figures


def _whole(found: Gathered) -> list[ExamResult]:
    return sorted((r for r in found.exams if r.verdict != "no verdict"), key=lambda r: (r.exam, r.model))


def _exam(r: ExamResult) -> dict[str, Any]:
    parts = [f"{p.name}: {p.got:g}/{p.of:g}" + (f" ({p.needed:g})" if p.passed is not None else "") for p in r.parts]
    css = {"pass": "good", "fail": "bad"}.get(r.verdict, "")
    return {
        "exam": r.exam,
        "model": r.model,
        "language": r.language,
        "prompt": r.prompt,
        "method": r.method,
        "parts": parts,
        "verdict": r.verdict,
        "css": css,
        "why": r.why,
    }


def _figures(found: Gathered) -> bool:
    from igaku.studies.reproduce import figures

    families = {family(bench) for bench, _ in found.items}
    return any(family(f.benchmark) in families for f in figures())


def _linked(found: Gathered, slugs: "Slugs") -> list[dict[str, Any]]:
    """Published figures of the benchmarks shown, recomputed where the replies are at hand; linked where they are on this site."""
    from igaku.studies.reproduce import reproduce

    families = {family(bench) for bench, _ in found.items}
    state = {
        "reproduced": ("mark.reproduced", "good"),
        "partly": ("mark.partly", "warn"),
        "differs": ("mark.differs", "bad"),
    }
    out = []
    for f in reproduce(families).figures:
        key, css = state.get(f.status, ("mark.reported", ""))
        out.append(
            {
                **{n: getattr(f, n) for n in ("benchmark", "model", "what", "value", "ours", "why", "source")},
                "status_key": key,
                "chip": css,
                "seen": seen(find_model(f.model), f.benchmark),
                "link": _link(found, slugs, f.benchmark, f.model, f.year) if f.ours else "",
            }
        )
    return out


def _link(found: Gathered, slugs: "Slugs", bench: str, model: str, year: str) -> str:
    for which, ways in found.items.items():
        fits = which[0] in (bench, f"{bench}-{year}")
        if fits and any(cell_key.model == model for _, cell_key in ways):
            return f"q-{slugs.set(which)}.html#" + urlencode({"who": shown(model)[:120]})
    return ""
