"""How stable a verdict is: a run with samples is as many sittings of an exam, each with a verdict of its own."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.tables import Kind, Table, Value


class Sittings(Struct, frozen=True, kw_only=True):
    """One examinee and exam over samples."""

    exam: str
    model: str
    language: str
    prompt: str
    order: str
    method: str
    sittings: int
    verdicts: dict[str, int]
    """Verdict -> in how many sittings."""
    points: dict[str, tuple[float, float]]
    """Condition -> least and most points (of prohibited choices: questions)."""


def sittings_table(found: Sequence[Sittings]) -> Table:
    """One row an examinee and exam."""
    columns: dict[str, Kind] = {
        **dict.fromkeys(("exam", "model", "lang", "prompt", "order", "method"), "text"),
        "sittings": "count",
        "verdicts": "text",
        "least and most points": "text",
    }
    rows: list[list[Value]] = [
        [
            *(s.exam, s.model, s.language, s.prompt, s.order, s.method),
            s.sittings,
            ", ".join(f"{verdict} {n}" for verdict, n in s.verdicts.items()),
            "; ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in s.points.items()),
        ]
        for s in found
    ]
    notes = ["sittings: each sample of all questions taken as one examinee; the other tables are of the samples' mean"]
    return Table(name="sittings", columns=columns, rows=rows, notes=notes)
