"""What ``igaku images`` prints."""

from msgspec import Struct

from igaku.statistics.paired import LEVEL, Comparison
from igaku.studies.compare_report import TESTS
from igaku.tables import Kind, Table, Value, View

SHOWN, MISSING, TEXT = "picture sent", "picture not here", "text"


class ImagesRow(Struct, frozen=True, kw_only=True):
    """One group of questions, or one section of it (empty: the whole group), by one method.

    ``comparison``: with pictures minus without; ``both``, ``only_a`` (right only with), ``only_b`` (right only without)
    and ``neither`` are the four fates. ``same``: replies that are the same with and without.
    """

    model: str
    benchmark: str
    language: str
    prompt: str
    order: str
    method: str
    group: str
    section: str
    same: int
    comparison: Comparison


class ImagesReport(View, Struct, kw_only=True):
    """Each group of questions with pictures and without."""

    rows: list[ImagesRow]
    sections: list[ImagesRow]
    errors: int = 0
    """Replies of both runs in which the engine failed; they count as wrong."""
    unread: int = 0
    """Replies of both runs in which no answer was found, or that were cut off; they count as wrong."""
    unfinished: int = 0
    """Questions of both runs without their reply, which are in no number."""

    def tables(self) -> list[Table]:
        """The groups, and the sections of those that have several."""
        ways = list(dict.fromkeys(map(_way, self.rows)))
        several, title = len(ways) > 1, "" if len(ways) > 1 else "".join(ways)
        rows = [_row(r, several) for r in self.rows]
        out = [Table(name="pictures", columns=_columns("p", several), rows=rows, title=title)]
        if self.sections:
            rows = [_row(r, several) for r in self.sections]
            out.append(Table(name="sections", columns=_columns("p (holm)", several), rows=rows, title="by section"))
        return out

    def notes(self) -> list[str]:
        """What the columns are, which tests stand behind p, and what speaks against reading a difference as sight."""
        used = dict.fromkeys(r.comparison.test for r in (*self.rows, *self.sections))
        out = [
            "only with: right with pictures, wrong without; gain: right with less right without; same: the two replies "
            "are equal word for word (number for number)",
            "text: the control, to which no picture belongs; a difference there is not the pictures' doing",
            *(f"p, {name}: {TESTS[name]}" for name in used),
        ]
        if self.sections:
            out.append(
                "p (holm): corrected for the sections of one group; whether pictures help is the first table's p"
            )
        return [*out, *self._warnings()]

    def _warnings(self) -> list[str]:
        out = []
        by = {(r.model, r.benchmark, r.prompt, r.method, r.group): r for r in self.rows}
        for r in self.rows:
            name = f"{r.model}, {r.benchmark}, {r.method}"
            if r.group == SHOWN and r.same == r.comparison.n:
                out.append(
                    f"{name}: every reply is the same with pictures and without: nothing shows that they were looked at"
                )
            if r.group == TEXT and r.comparison.p < LEVEL and (*_key(r), SHOWN) in by:
                out.append(f"{name}: the questions of text differ too: the runs differ by more than pictures")
            if r.group == MISSING:
                out.append(f"{name}: {r.comparison.n} questions need a picture that was not sent: blind in both runs")
        if self.errors:
            out.append(f"{self.errors} replies are errors of the engine and count as wrong (--retry-errors asks again)")
        if self.unread:
            out.append(f"{self.unread} replies hold no answer that could be read, or were cut off, and count as wrong")
        if self.unfinished:
            out.append(f"not finished: {self.unfinished} questions have no reply yet and are in no number")
        return out


def _key(r: ImagesRow) -> tuple[str, str, str, str]:
    return r.model, r.benchmark, r.prompt, r.method


def _way(r: ImagesRow) -> str:
    """Who was asked what, and how: one line for all rows where it is the same in all."""
    order = "" if r.order == "original" else f" {r.order}"
    return f"{r.model}: {r.benchmark} {r.language} {r.prompt}{order}, {r.method}"


def _columns(last: str, several: bool) -> dict[str, Kind]:
    names: dict[str, Kind] = {"asked": "text"} if several else {}
    counts = ("n", "both right", "only with", "only without", "both wrong", "same")
    return {
        **names,
        "questions": "text",
        **dict.fromkeys(counts, "count"),
        "gain, points": "points",
        "95 %": "points interval",
        **dict.fromkeys(("p exact", "p mid", last), "p"),
    }


def _row(r: ImagesRow, several: bool) -> list[Value]:
    c = r.comparison
    return [
        *([_way(r)] if several else []),
        f"{r.group}: {r.section}" if r.section else r.group,
        *(c.n, c.both, c.only_a, c.only_b, c.neither, r.same),
        *(c.difference, c.ci95, c.p_exact, c.p_mid, c.p_adjusted),
    ]
