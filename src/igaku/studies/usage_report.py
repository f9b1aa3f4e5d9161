"""What ``igaku usage`` prints."""

from msgspec import Struct

from igaku.studies import usage_efforts
from igaku.studies.usage_rows import Curve, Front, Spread, UsageRow, Without
from igaku.studies.usage_sessions import Sitting
from igaku.tables import Kind, Table, Value, View, percent


class UsageReport(View, Struct, kw_only=True):
    """What replies took."""

    rows: list[UsageRow]
    max_truncated: float
    without: list[Without]
    fronts: list[Front]
    curves: list[Curve]
    sittings: list[Sitting]
    left_out: int
    priced: bool

    def tables(self) -> list[Table]:
        """Lengths, by effort too, accuracy under a budget, the Pareto front, money, time, and who is not ranked."""
        found = [
            self._lengths(),
            usage_efforts.effort_table(self.rows),
            *self._budgets(),
            *self._pareto(),
            self._money(),
            self._time(),
            *self._other(),
        ]
        return [t for t in found if t.rows]

    def _lengths(self) -> Table:
        known = any(r.prompt for r in self.rows)
        names = ("prompt", "thinking", "answer") if known else ("thinking", "answer")
        columns: dict[str, Kind] = {
            "respondent": "text",
            "n": "count",
            "accuracy": "share",
            "95 %": "interval",
            "unit": "text",
            **{f"{name} {what}": "count" for name in names for what in ("median", "p95")},
            **dict.fromkeys(("cut", "truncated", "failed", "loops"), "count"),
        }
        rows: list[list[Value]] = [
            [
                *(r.respondent, r.n, r.accuracy, r.ci95, r.unit + " ~" * (r.split == "by characters")),
                *(v for name in names for v in _whole(getattr(r, name))),
                *(r.cut, r.truncated, r.failed, r.loops),
            ]
            for r in self.rows
        ]
        return Table(name="usage", columns=columns, rows=rows, title=self._title())

    def _title(self) -> str:
        names = list(dict.fromkeys(f"{r.benchmark} {r.language}" for r in self.rows))
        return names[0] if len(names) == 1 else ""

    def _budgets(self) -> list[Table]:
        out = []
        for unit in dict.fromkeys(c.unit for c in self.curves):
            mine = [c for c in self.curves if c.unit == unit]
            columns: dict[str, Kind] = {"respondent": "text", **{f"{b:,}": "share" for b in mine[0].budgets}}
            rows: list[list[Value]] = [[c.respondent, *c.accuracy, c.whole] for c in mine]
            title = f"accuracy if replies were cut at N {unit}"
            out.append(Table(name=f"budget_{unit}", columns={**columns, "as it is": "share"}, rows=rows, title=title))
        return out

    def _pareto(self) -> list[Table]:
        out = []
        for by in dict.fromkeys(f.by for f in self.fronts):
            what = "cost a question" if by == "cost" else f"{by} written a question"
            mine = sorted((f for f in self.fronts if f.by == by), key=lambda f: f.amount)
            columns: dict[str, Kind] = {"respondent": "text", "accuracy": "share", "95 %": "interval"}
            columns |= {f"{what}, mean": "text" if by == "cost" else "count", "on the front": "text"}
            rows: list[list[Value]] = [
                [
                    *(f.row.respondent, f.row.accuracy, f.row.ci95),
                    f"{f.amount:.3g}" if by == "cost" else round(f.amount),
                    f"no: {f.beaten_by}" if f.beaten_by else "yes",
                ]
                for f in mine
            ]
            out.append(Table(name=f"pareto_{by}", columns=columns, rows=rows, title=f"score against {what}"))
        return out

    def _money(self) -> Table:
        columns: dict[str, Kind] = {
            "respondent": "text",
            **dict.fromkeys(("requests", "input tokens", "output tokens"), "count"),
            **dict.fromkeys(("cost", "1,000 questions", "a right answer"), "number"),
        }
        rows: list[list[Value]] = [
            [
                *(r.respondent, r.n, r.cost.input, r.cost.output),
                *(r.cost.total, 1000 * r.cost.total / r.n, r.cost.total / right if right else None),
            ]
            for r in self.rows
            if r.cost
            for right in (r.accuracy * r.n,)
        ]
        return Table(name="cost", columns=columns, rows=rows, title="cost, in the currency of the prices")

    def _time(self) -> Table:
        columns: dict[str, Kind] = {
            "respondent": "text",
            "timed": "count",
            **{f"{part} token {what}": "text" for part in ("first", "last") for what in ("median", "p95")},
        }
        rows: list[list[Value]] = [
            [r.respondent, r.timed, *(v for s in (r.first, r.last) for v in _seconds(s))] for r in self.rows if r.timed
        ]
        return Table(name="time", columns=columns, rows=rows, title="seconds from a request to its reply's tokens")

    def _other(self) -> list[Table]:
        sessions: dict[str, Kind] = {
            "run": "text",
            "sessions": "count",
            "replies": "count",
            "seconds": "count",
            "seconds a reply": "number",
            "requests sent": "count",
            "cost as counted": "number",
        }
        sat: list[list[Value]] = [
            [
                s.run,
                s.sessions,
                s.replies,
                round(s.seconds),
                s.seconds / s.replies if s.replies else None,
                s.requests,
                s.cost,
            ]
            for s in self.sittings
        ]
        truncated: dict[str, Kind] = {
            "respondent": "text",
            "truncated": "count",
            "n": "count",
            "accuracy": "share",
            "without them": "share",
            "95 %": "interval",
            "at most": "share",
        }
        out: list[list[Value]] = [
            [w.respondent, w.truncated, w.n, w.accuracy, w.rest, w.rest_ci95, w.most] for w in self.without
        ]
        title = f"not to be ranked: more than {percent(self.max_truncated)} of replies truncated"
        return [
            Table(name="sessions", columns=sessions, rows=sat, title="whole sessions"),
            Table(name="truncated", columns=truncated, rows=out, title=title),
        ]

    def notes(self) -> list[str]:
        """What the columns mean, and where a number is less than it looks."""
        out = [
            "median and p95 (95th percentile) are over replies; cut: ended at a limit; truncated: cut, with no answer "
            "in it; loops: one passage four times or more in a row, over 200 characters or more"
        ]
        if self.left_out:
            out.append(f"left out: {self.left_out:,} verdicts on questions that need a picture, are void or not graded")
        if any(r.unit == "characters" for r in self.rows):
            out.append(
                "characters: tokens of these replies are not known, so that they have no cost; a Japanese character "
                "and an English one are not the same length, so compare models that think in one language"
            )
        if any(r.split == "by characters" for r in self.rows):
            out.append("tokens ~: the whole was counted; thinking and answer share it as their characters do")
        if usage_efforts.effort_table(self.rows).rows:
            out.append(usage_efforts.NOTE)
        return out + self._warnings()

    def _warnings(self) -> list[str]:
        out = []
        if any(r.imported for r in self.rows):
            out.append(
                "imported replies: thinking is what the file has of it (of closed models often a summary, or nothing), "
                "and a reply of which the file does not say how it ended counts as ended by itself"
            )
        if some := [f"{r.respondent} ({r.thought} of {r.n})" for r in self.rows if 0 < r.thought < r.n - r.failed]:
            out.append(
                f"thinking stands in a part of the replies only: {', '.join(some)}; whether the others hold none or it "
                "was not shown is not known, and what was not shown is in no length here"
            )
        if self.curves:
            out.append(
                "budget: the same replies, cut and graded anew; a model that knows of a limit may think less, so this "
                "is what a limit cuts and not what a model does with it"
            )
        if self.fronts:
            out.append(
                "front: nobody here scores at least as much for no more; differences within the intervals are not "
                "shown (igaku compare tests them)"
            )
        if self.priced and (lacking := [r.respondent for r in self.rows if r.cost is None]):
            out.append(f"no cost (no price, or tokens not known): {', '.join(lacking)}")
        if self.without:
            out.append(
                "without them: the questions it did answer, which may be the easier ones; at most: had all been right"
            )
        return out


def _whole(spread: Spread | None) -> tuple[Value, Value]:
    return (None, None) if spread is None else (round(spread.median), round(spread.p95))


def _seconds(spread: Spread | None) -> tuple[Value, Value]:
    return (None, None) if spread is None else (f"{spread.median:.2f}", f"{spread.p95:.2f}")
