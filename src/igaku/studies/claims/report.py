"""What a run's folder claims and which of it holds, as tables."""

from msgspec import Struct

from igaku.studies.claims.check import Check
from igaku.tables import Table, Value, View

SHOWN = 10
"""Findings of one check in a table; JSON has more."""
NEEDED = ("files", "questions", "keys", "prompts", "replies", "identity")
"""What a board cannot do without."""


class Coverage(Struct, frozen=True, kw_only=True):
    """How many of a benchmark's questions were asked."""

    benchmark: str
    language: str
    n_asked: int
    of: int


class VerifyReport(View, Struct, kw_only=True):
    """One run's folder."""

    run: str
    model: str
    imported: bool
    grading: str
    """Version of the graders that graded again."""
    suite: str
    seal: str
    """SHA-256 of the folder's seal: what a board notes when it takes a run in."""
    holds: bool
    """Whether all that can be checked here holds."""
    checks: list[Check]
    coverage: list[Coverage]
    remarks: list[str]

    def tables(self) -> list[Table]:
        """One row a kind of claim; then what does not hold."""
        rows: list[list[Value]] = [
            [c.name, c.status, c.checked, c.failing or None, c.unchecked or None, c.about, c.why] for c in self.checks
        ]
        counted = ("checked", "does not hold", "not checked")
        columns = ("claim", "result", *counted, "says that", "not checked because")
        kinds = {c: "count" if c in counted else "text" for c in columns}
        title = f"{self.model}: {self.run}"
        out = [Table(name="checks", title=title, columns=kinds, rows=rows)]  # type: ignore[arg-type]
        found: list[list[Value]] = [
            [c.name, f.where, f.question, f.what, f.expected, f.got] for c in self.checks for f in c.findings[:SHOWN]
        ]
        heads = ("claim", "where", "question", "what", "expected", "found")
        return [*out, Table(name="findings", columns=dict.fromkeys(heads, "text"), rows=found)] if found else out

    def notes(self) -> list[str]:
        """What follows from it, and what no folder can show."""
        failed = [c.name for c in self.checks if c.status == "fails"]
        more = sum(max(0, c.failing - SHOWN) for c in self.checks)
        verdict = f"does not hold: {', '.join(failed)}" if failed else "all that can be checked here holds"
        return [
            verdict + (f" ({more:,} further findings: --json has up to 100 of each check)" if more else ""),
            *self.remarks,
            *(
                f"{c.benchmark} {c.language}: {c.n_asked:,} of its {c.of:,} questions were asked"
                for c in self.coverage
                if c.n_asked < c.of
            ),
            *(f"a board cannot take it: {why}" for why in self.lacking if not failed),
            "no folder can show that the named model wrote these replies, nor that none was asked until it suited; a "
            "judge's votes are taken as they stand",
        ]

    @property
    def lacking(self) -> list[str]:
        """Why a board cannot take the run; empty where it can. Of imported replies, prompts and identity cannot be
        checked by anybody, and are not demanded."""
        needed = [c for c in self.checks if c.name in NEEDED]
        failing = [f"{c.name}: {_first(c)}" for c in self.checks if c.status == "fails"]
        open_ones = [c for c in needed if not c.failing and (c.unchecked or c.status == "not checked")]
        excused = ("prompts", "identity") if self.imported else ()
        return failing + [f"{c.name} cannot be checked here: {c.why}" for c in open_ones if c.name not in excused]


def _first(c: Check) -> str:
    f = c.findings[0]
    at = f" {f.question}" if f.question else ""
    return f"{c.failing:,} do not hold (first: {f.where}{at}, {f.what})"
