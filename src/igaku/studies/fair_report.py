"""What `igaku fair` prints: each interval with what it is about, each spread beside what chance alone would give."""

from collections.abc import Sequence

from msgspec import Struct, field

from igaku.question import LETTERS
from igaku.statistics.bias import PositionBias
from igaku.statistics.paired import Comparison, adjusted
from igaku.statistics.pride import PriDe
from igaku.statistics.sensitivity import FairScore
from igaku.tables import Kind, Table, Value, View, interval, p_value, percent, show


class FairResult(Struct, kw_only=True):
    """One benchmark and method of one model; bias and gap are None where the renderings do not allow them."""

    fair: FairScore
    position_bias: PositionBias | None = field(name="places")
    pride: list[tuple[str, PriDe]]
    gap: Comparison | None
    """Japanese against English on the same questions, each by its mean over the renderings of the language."""
    gap_other_templates: tuple[float, float] | None = None
    """95 % interval of the gap for other questions in other templates; contains that of these. None with fewer than two
    templates in both languages."""


class FairReport(View, Struct, kw_only=True):
    """The fair score of each benchmark and method of each model."""

    fair: list[FairResult]

    def tables(self) -> list[Table]:
        """For each: the score and its parts, variance by source, means by factor, positions, and PriDe."""
        return [table for result in self.fair for table in result_tables(result)]

    def notes(self) -> list[str]:
        """What the intervals are about."""
        return [
            "these prompts, other questions: where this mean would be with other questions of the kind.",
            "other prompts, these questions: with other templates like these; a few say little about all.",
            "other prompts, other questions: both; never narrower than either.",
            *dict.fromkeys(note for result in self.fair for note in _design_notes(result)),
        ]


def _design_notes(result: FairResult) -> list[str]:
    f = result.fair
    notes = []
    if f.complete_orders:
        notes.append("Every order is there (all rotations of the choices), so orders add no uncertainty.")
    elif "order" in f.means:
        notes.append("Not all rotations of the choices were asked: orders count as a sample, as templates do.")
    if f.unbalanced:
        notes.append(
            f"Renderings are missing: {', '.join(f.unbalanced)} left out of the sources of variance; the score has all."
        )
    if result.gap:
        notes.append(
            "ja - en holds for these translations and templates: each language has its own wording of a template, "
            "so the effects of wording and of language cannot be separated."
        )
    return notes


def result_tables(result: FairResult) -> list[Table]:
    """The tables of one model, benchmark and method."""
    f = result.fair
    title = f"{f.model} on {f.benchmark}, {f.method}: {f.questions} questions x {f.renderings} renderings"
    columns: dict[str, Kind] = {"what": "text", "value": "text", "of": "text"}
    tables = [
        Table(name="fair", title=title, columns=columns, rows=_score_rows(result)),
        _components_table(f),
        Table(
            name="means",
            columns={"factor": "text", "level": "text", "mean accuracy": "share"},
            rows=[[n, level, a] for n, levels in f.means.items() for level, a in levels.items()],
        ),
    ]
    return [*tables, *_positions_table(result.position_bias), *_pride_table(result.pride)]


def _components_table(f: FairScore) -> Table:
    return Table(
        name="components",
        columns={
            "variance of one answer from": "text",
            "share": "share",
            "variance": "number",
            "standard error": "number",
        },
        rows=[[c.source, c.share, c.variance, c.error] for c in f.components],
        notes=["Shares of what one answer varies by, not of the score's uncertainty: most of it averages out there."],
    )


def _score_rows(result: FairResult) -> list[list[Value]]:
    f = result.fair
    rows: list[list[Value]] = [
        ["fair score", percent(f.score), "mean of all renderings"],
        ["95 %", interval(f.ci95), "these prompts, other questions"],
    ]
    if f.ci95_prompts and f.ci95_same_questions:
        rows.append(["95 %", interval(f.ci95_same_questions), "other prompts, these questions"])
        rows.append(["95 %", interval(f.ci95_prompts), "other prompts, other questions"])
    spread = f.highest[1] - f.lowest[1]
    rows += [
        ["lowest", percent(f.lowest[1]), f.lowest[0]],
        ["highest", percent(f.highest[1]), f.highest[0]],
        [
            "highest - lowest, points",
            f"{100 * spread:.1f}",
            f"by chance alone {100 * f.spread_by_chance:.1f}, p {p_value(f.spread_p)}",
        ],
        ["standard deviation of renderings", percent(f.deviation), ""],
    ]
    if f.consistency is not None:
        rows.append(["same choice in all orders", percent(f.consistency), ""])
        rows.append(["majority over orders", percent(f.vote), ""])
    rows += _gap_rows(result)
    if f.left_out:
        rows.append(["questions left out", str(f.left_out), "not asked in every rendering"])
    return rows


def _gap_rows(result: FairResult) -> list[list[Value]]:
    gap = result.gap
    if gap is None:
        return []
    difference, ci = show(gap.difference, "points"), show(gap.ci95, "points interval")
    rows: list[list[Value]] = [["ja - en, points", difference, f"{ci}, p {p_value(gap.p)}; these templates"]]
    if result.gap_other_templates:
        wide = show(result.gap_other_templates, "points interval")
        rows.append(["ja - en, points", difference, f"{wide}; other templates like these"])
    return rows


def _positions_table(p: PositionBias | None) -> list[Table]:
    if p is None:
        return []
    columns: dict[str, Kind] = {"position": "text", "keys": "count", "recall": "share", "chosen": "share"}
    rows: list[list[Value]] = [[LETTERS[i].upper(), p.keys[i], p.recall[i], p.chosen[i]] for i in range(len(p.keys))]
    return [Table(name="positions", columns=columns, rows=rows, notes=_position_notes(p))]


def _position_notes(p: PositionBias) -> list[str]:
    n = sum(p.keys)
    counted = f"{n:,} answers to questions with {len(p.keys)} choices"
    if p.left_out:
        counted += f", of {n + p.left_out:,} (the others have another number of choices)"
    notes = [f"RStd, the spread of recall over positions: {100 * p.rstd:.1f} points; {counted}"]
    if p.by_chance:
        c = p.by_chance
        notes.append(
            f"If positions did not matter it would be {100 * c.expected:.1f} by chance (95 % below "
            f"{100 * c.upper:.1f}), p {p_value(c.p)}; beyond chance, 95 %: {interval(c.ci95)} points"
        )
    return notes


def _pride_table(found: Sequence[tuple[str, PriDe]]) -> list[Table]:
    if not found:
        return []
    columns: dict[str, Kind] = {
        "PriDe on": "text",
        "prior from": "count",
        "questions": "count",
        "accuracy before": "share",
        "accuracy after": "share",
        "after - before": "points",
        "95 %": "points interval",
        "turned right": "count",
        "turned wrong": "count",
        "p": "p",
        "p (Holm)": "p",
    }
    holm = adjusted([d.change.p for _, d in found])
    rows = [_pride_row(name, d, p) for (name, d), p in zip(found, holm)]
    note = (
        "p: after against before on the same questions, of those turned right or wrong (mid-p; by linked group where "
        "there are any); Holm over the rows of this table"
    )
    return [Table(name="pride", columns=columns, rows=rows, notes=[note]), _pride_positions(found)]


def _pride_row(name: str, d: PriDe, holm: float) -> list[Value]:
    c = d.change
    row: list[Value] = [name, d.estimated_from, d.questions, d.before, d.after]
    return [*row, c.difference, c.ci95, c.only_a, c.only_b, c.p, holm]


def _pride_positions(found: Sequence[tuple[str, PriDe]]) -> Table:
    columns: dict[str, Kind] = {"PriDe on": "text"}
    for when in ("before", "after"):
        columns |= {f"RStd {when}": "share", f"by chance, {when}": "share", f"p, {when}": "p"}
    rows: list[list[Value]] = [
        [
            name,
            *(d.rstd_before, d.rstd_by_chance[0], d.rstd_p[0]),
            *(d.rstd_after, d.rstd_by_chance[1], d.rstd_p[1]),
            " ".join(f"{x:.2f}" for x in d.prior),
        ]
        for name, d in found
    ]
    note = "by chance: RStd to be expected on as many questions where positions do not matter; p of each row alone"
    return Table(name="pride-positions", columns=columns | {"prior of positions": "text"}, rows=rows, notes=[note])
