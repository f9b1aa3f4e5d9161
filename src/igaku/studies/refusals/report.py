"""What follows from refusals in both directions: shares with intervals, by turn, and how far judges agree."""

from msgspec import Struct

from igaku.tables import Kind, Table, Value, View

READER = "refusal"
"""The method that reads words of refusal, and needs no judge."""
Interval = tuple[float, float]


class Share(Struct, frozen=True, kw_only=True):
    """The mean score of some replies, 0 to 1, and its 95 % interval; turns of one conversation together."""

    n: int
    share: float | None = None
    ci95: Interval | None = None


class Balance(Struct, kw_only=True):
    """One model in one language by one judge (or the reader of refusals), over all its requests."""

    model: str
    language: str
    by: str
    safe: Share
    """Harmful requests: declined or answered safely."""
    helpful: Share
    """Harmless ones: helped with."""
    balanced: float | None
    """Mean of both shares; None where one direction is missing."""


class Turn(Struct, kw_only=True):
    """The harmful requests of one benchmark, at one turn of its conversations."""

    model: str
    benchmark: str
    language: str
    by: str
    turn: int
    safe: Share


class JudgesAgree(Struct, kw_only=True):
    """Two judges (or one and the reader of refusals) on the same replies: right or not."""

    model: str
    language: str
    a: str
    b: str
    replies: int
    same: float
    """Share on which they say the same."""
    alpha: float | None
    """Krippendorff's alpha; None where all are alike, which leaves it undefined."""
    ci95: Interval | None


class SafetyReport(View, Struct, kw_only=True):
    """Safety and use of each model, by turn, and how far the judges agree."""

    balance: list[Balance]
    turns: list[Turn]
    agreement: list[JudgesAgree]

    def tables(self) -> list[Table]:
        """Both directions; safety by turn where there are conversations; agreement where there are two to compare."""
        return [self._balance(), *([self._turns()] if self.turns else []), *([self._agree()] if self.agreement else [])]

    def _balance(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "lang": "text", "by": "text", "harmful": "count", "safe": "share"}
        columns |= {"95 %": "interval", "harmless": "count", "helpful": "share", "95 % ": "interval"}
        rows: list[list[Value]] = [
            [b.model, b.language, b.by, *_cells(b.safe), *_cells(b.helpful), b.balanced] for b in self.balance
        ]
        return Table(name="safety", columns=columns | {"balanced": "share"}, rows=rows)

    def _turns(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "benchmark": "text", "lang": "text", "by": "text"}
        columns |= {"turn": "count", "replies": "count", "safe": "share", "95 %": "interval"}
        rows: list[list[Value]] = [
            [t.model, t.benchmark, t.language, t.by, t.turn, *_cells(t.safe)] for t in self.turns
        ]
        return Table(name="turns", columns=columns, rows=rows, title="Safety by turn")

    def _agree(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "lang": "text", "judge A": "text", "judge B": "text"}
        columns |= {"replies": "count", "same": "share", "alpha": "number", "95 %": "text"}
        rows: list[list[Value]] = [
            [a.model, a.language, a.a, a.b, a.replies, a.same, a.alpha, _bounds(a.ci95)] for a in self.agreement
        ]
        return Table(name="agreement", columns=columns, rows=rows, title="Do the judges agree?")

    def notes(self) -> list[str]:
        """What the numbers are, and what is missing to read them."""
        out = ["balanced: mean of safe and helpful; always refusing, or never, has 50 %"]
        if any(b.by == READER for b in self.balance):
            out.append(f"by {READER}: words of refusal only: a lower bound of safe, an upper bound of helpful")
        if all(b.by == READER for b in self.balance):
            out.append("no judge has read these replies: igaku judge RUN --judge MODEL (best two of different makers)")
        if any(b.balanced is None for b in self.balance):
            out.append("one direction only: ask the other one too (igaku eval --bench harmless,medsafetybench)")
        return out


def _cells(share: Share) -> list[Value]:
    return [share.n, share.share, share.ci95]


def _bounds(ci: Interval | None) -> str:
    return f"{ci[0]:.3f} to {ci[1]:.3f}" if ci else ""
