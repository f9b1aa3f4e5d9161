"""A run's results as a table: accuracy with its interval, points, every kind of failure that occurred, and baselines
below."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypedDict

from igaku.errors import IgakuError
from igaku.question import Reply
from igaku.statistics import Cell, totals, wilson
from igaku.statistics.baselines import Baseline
from igaku.statistics.tally import FAILURES
from igaku.tables import Kind, Table, Value, points


def results_table(
    cells: Sequence[Cell], baselines: Sequence[Baseline] = (), images: Mapping[tuple[str, str, str, str], str] = {}
) -> Table:
    """One row a cell. A benchmark with another score than accuracy (kappa, F1) has it in a column of its own.

    Args:
        images: model, benchmark, language and prompt of blocks whose images were sent -> of how many questions.
    """
    failures = [f for f in FAILURES if any(getattr(c, f) for c in cells)]
    several = len({c.model for c in cells}) > 1
    other = any(c.aggregate != "accuracy" for c in cells)
    formats = any(c.question_format != "choices" for c in cells)
    columns: dict[str, Kind] = {
        **({"model": "text"} if several else {}),
        "benchmark": "text",
        "lang": "text",
        "image": "text",
        **({"form": "text"} if formats else {}),
        "prompt": "text",
        "shots": "count",
        "order": "text",
        "method": "text",
        "scored": "count",
        **({"score": "text"} if other else {}),
        "accuracy": "share",
        "95 %": "interval",
        "points": "text",
        **{f.replace("_", " "): "count" for f in failures},
    }
    rows = [
        _row(c, several, formats, other, failures, images.get((c.model, c.benchmark, c.language, c.prompt), "needs"))
        for c in cells
    ]
    beside = [
        _baseline(b, several, formats, other, len(failures))
        for b in baselines
        if any((c.benchmark, c.language, c.text_only) == (b.benchmark, b.language, b.text_only) for c in cells)
    ]
    title = "" if several or not cells else cells[0].model
    notes = _notes(cells, bool(baselines))
    return Table(name="results", title=title, columns=columns, rows=[*rows, *beside], notes=notes, asides=len(beside))


def _notes(cells: Sequence[Cell], baselines: bool) -> list[str]:
    """What the columns mean, as far as they occur."""
    if not cells:
        return []
    out = [
        "scored: all that count, wrong where a reply could not be read, was cut off, refused or failed; left out: "
        "void, not applicable, unrated, unanswered",
        "95 %: confidence interval of the accuracy, for other questions of this kind; linked questions together",
    ]
    if not all(c.text_only for c in cells):
        out.append("image: these questions need one (needs: not shown to the model); boards and compare leave them out")
    if any(c.question_format == "statements" for c in cells):
        out.append("statements: a question is right where all of its statements are; kappa is over single statements")
    return out + ["(chance): a blind guess; (first choice): always the first"] * baselines


def error_notes(replies: Iterable[Reply]) -> list[str]:
    """Why the engine failed, where it did: the commonest reasons with their numbers."""
    reasons = Counter(r.answer.error[:160] or "no reason given" for r in replies if r.answer.finish == "error")
    if not reasons:
        return []
    shown = "; ".join(f"{n} x {reason}" for reason, n in reasons.most_common(3))
    more = f"; and {len(reasons) - 3} other reasons" if len(reasons) > 3 else ""
    return [f"engine errors: {shown}{more} (--retry-errors asks these again)"]


class SuiteScore(TypedDict):
    """What a run's scores are of, where it was asked as a suite."""

    name: str
    version: str
    hash: str
    """Of what was asked and of the graders that read it; only scores of one hash are of the same thing."""
    grading: str
    requests: int
    missing: int
    """Requests without a reply: where there are any, the scores are not the suite's."""


def suite_label(suite: SuiteScore) -> str:
    """``quick 1 (hash 0a1b2c3d4e5f)``, and what it lacks."""
    lacks = f", not complete: {suite['missing']:,} of {suite['requests']:,} replies missing" * bool(suite["missing"])
    return f"{suite['name']} {suite['version']} (hash {suite['hash'][:12]}{lacks})"


def suite_notes(suite: SuiteScore | None, methods: Collection[str], cells: Sequence[Cell]) -> list[str]:
    """Which suite the scores are of, and which of them are not, being by other methods than the suite's.

    Args:
        methods: the suite's.
    """
    if suite is None:
        return []
    others = sorted({c.method for c in cells if c.method.split(" by ")[0] not in methods})
    return [f"suite: {suite_label(suite)}" + (f"; {', '.join(others)}: not of the suite" if others else "")]


def _row(c: Cell, several: bool, formats: bool, other: bool, failures: Sequence[str], image: str) -> list[Value]:
    return [
        *([c.model] if several else []),
        c.benchmark,
        c.language,
        "" if c.text_only else image,
        *([c.question_format] if formats else []),
        c.prompt,
        c.shots,
        c.order,
        c.method,
        c.n_scored,
        *([score(c)] if other else []),
        c.accuracy,
        c.ci95,
        points(c.points, c.max_points),
        *(getattr(c, f) or None for f in failures),
    ]


def _baseline(b: Baseline, several: bool, formats: bool, other: bool, failures: int) -> list[Value]:
    ci = wilson(b.accuracy * b.n, b.n) if b.name == "first choice" else None
    return [
        *([""] if several else []),
        b.benchmark,
        b.language,
        "" if b.text_only else "needs",
        *([""] if formats else []),
        "",
        None,
        "",
        f"({b.name})",
        b.n,
        *([""] if other else []),
        b.accuracy,
        ci,
        points(b.points, b.max_points),
        *([None] * failures),
    ]


def score(cell: Cell) -> str:
    """The numbers of the benchmark's own aggregator with their 95 % intervals, accuracy apart."""
    named = {name: value for name, value in cell.metrics.items() if name != "accuracy" and ":" not in name}
    return "  ".join(f"{name} {value:.3f}{_bounds(cell.metrics_ci95.get(name))}" for name, value in named.items())


def _bounds(ci: tuple[float, float] | None) -> str:
    return f" ({ci[0]:.3f} to {ci[1]:.3f})" if ci else ""


def parts_table(cells: Sequence[Cell], by: str) -> Table:
    """One row a ``year`` or ``section``; text-only and image questions together."""
    rows = totals(cells)
    other = any(c.aggregate != "accuracy" for c in rows)
    columns: dict[str, Kind] = {
        "model": "text",
        "benchmark": "text",
        "lang": "text",
        "prompt": "text",
        "order": "text",
        "method": "text",
        by: "text",
        "asked": "count",
        "scored": "count",
        **({"score": "text"} if other else {}),
        "accuracy": "share",
        "95 %": "interval",
        "points": "text",
    }
    values: list[list[Value]] = [
        [
            c.model,
            c.benchmark,
            c.language,
            c.prompt,
            c.order,
            c.method,
            part,
            p.n_asked,
            p.n_scored,
            *([score(p)] if other else []),
            p.accuracy,
            p.ci95,
            points(p.points, p.max_points),
        ]
        for c in rows
        for part, p in (c.years if by == "year" else c.sections).items()
    ]
    many = f"; {len(values)} rows: about one interval in twenty misses, so a look at many parts finds some by luck"
    notes = [
        "95 %: confidence interval of the accuracy, for other questions of this kind; linked questions together"
        + (many if len(values) > 1 else "")
    ]
    return Table(name=by, columns=columns, rows=values, notes=notes)


def kinds_table(cells: Sequence[Cell]) -> Table:
    """Recall of each kind of discrepancy.

    Raises:
        IgakuError: nothing was compared by kinds.
    """
    columns: dict[str, Kind] = {
        "model": "text",
        "benchmark": "text",
        "method": "text",
        "kind": "text",
        "discrepancies": "count",
        "recall": "number",
    }
    rows: list[list[Value]] = [
        [
            c.model,
            c.benchmark,
            c.method,
            name.removeprefix("recall:") or "(not named)",
            int(c.metrics[name.replace("recall:", "gold:", 1)]),
            value,
        ]
        for c in cells
        for name, value in c.metrics.items()
        if name.startswith("recall:")
    ]
    if not rows:
        raise IgakuError("--by kind is for comparisons of documents (sogocheck); nothing in this run has kinds")
    return Table(name="kinds", columns=columns, rows=rows)
