"""Tables for people: results with their intervals, failures and baselines, as rich tables or plain text."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from igaku.statistics import Cell, wilson

if TYPE_CHECKING:
    from igaku.run import Run

FAILURES = (
    "unparsed",
    "truncated",
    "overlong",
    "refused",
    "engine_error",
    "not_applicable",
    "void",
    "unanswered",
)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> Any:
    """A rich table; text is escaped, so that a model's or a file's words cannot style or break it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(title=Text(printable(title)) if title else None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(str(v))) for v in row))
    return made


def printable(text: str) -> str:
    """Text without control characters, which a terminal would obey; blanks of any width stay."""
    return "".join(c if c.isprintable() or c in "\n\t" or unicodedata.category(c) == "Zs" else "�" for c in text)


def results_table(run: "Run", cells: Sequence[Cell]) -> Any:
    """Accuracy with its 95 % interval, points, and every kind of failure that occurred; baselines below.

    A benchmark with another score than accuracy (kappa, F1) has it in a column of its own.
    """
    failures = [f for f in FAILURES if any(getattr(c, f) for c in cells)]
    several = len({c.model for c in cells}) > 1
    other = any(c.aggregate != "accuracy" for c in cells)
    forms = any(c.form != "choices" for c in cells)
    columns = [*(["model"] if several else []), "benchmark", "lang", "image", *(["form"] if forms else []), "prompt", "shots", "order", "method", "scored",
               *(["score"] if other else []), "accuracy", "95 %", "points", *(f.replace("_", " ") for f in failures)]  # fmt: skip
    shown = {(a.bench, a.lang) for a in run.manifest.asked if a.images}
    rows: list[list[Any]] = []
    for c in cells:
        rows.append([
            *([c.model] if several else []), c.benchmark, c.language, "" if c.text_only else "shown" if (c.benchmark, c.language) in shown else "needs", *([c.form] if forms else []), c.prompt, c.shots,
            c.order, c.method, c.n_scored, *([score(c)] if other else []), percent(c.accuracy), interval(c.ci95),
            points(c.points, c.max_points), *(getattr(c, f) or "" for f in failures),
        ])  # fmt: skip
    for b in run.baselines:
        if any((c.benchmark, c.language, c.text_only) == (b.benchmark, b.language, b.text_only) for c in cells):
            ci = interval(wilson(b.accuracy * b.n, b.n)) if b.name == "first choice" else ""
            rows.append([
                *([""] if several else []), b.benchmark, b.language, "" if b.text_only else "needs", *([""] if forms else []), "", "", "",
                f"({b.name})", b.n, *([""] if other else []), percent(b.accuracy), ci, points(b.points, b.max_points),
                *([""] * len(failures)),
            ])  # fmt: skip
    title = "" if several or not cells else cells[0].model
    numbers = ["scored", "accuracy", "points", "shots", "score", *(f.replace("_", " ") for f in failures)]
    return table(title, columns, rows, right=numbers)


def score(cell: Cell) -> str:
    """The numbers of the benchmark's own aggregator, accuracy apart."""
    named = {name: value for name, value in cell.metrics.items() if name != "accuracy" and ":" not in name}
    return "  ".join(f"{name} {value:.3f}" for name, value in named.items())


def percent(share: float | None) -> str:
    """``0.4217`` as ``42.2 %``; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{100 * share:.1f} %"


def interval(ci: tuple[float, float] | None) -> str:
    """An interval in percent."""
    return "" if ci is None else f"{100 * ci[0]:.1f}–{100 * ci[1]:.1f}"


def p_value(p: float) -> str:
    """``0.0123`` as ``0.012``; below a thousandth only that."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def points(got: float, most: float) -> str:
    """Points got out of the most."""
    return f"{got:g}/{most:g}" if got == int(got) else f"{got:.1f}/{most:g}"


def to_text(made: Any, width: int = 200) -> str:
    """A rich table as plain text."""
    from rich.console import Console

    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(made)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def to_markdown(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; pipes are escaped."""

    def line(values: Iterable[Any]) -> str:
        return "| " + " | ".join(printable(str(v)).replace("|", "\\|").replace("\n", " ") for v in values) + " |"

    return "\n".join([line(columns), line("---" for _ in columns), *(line(r) for r in rows)])
