"""What ``igaku compare`` prints: a row a pair, and what stands behind its numbers."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.statistics.margin import MarginTest
from igaku.statistics.metric_interval import MetricDifference
from igaku.statistics.paired import LEVEL, Comparison
from igaku.statistics.power import POWER
from igaku.studies.compare_models import ModelDifference
from igaku.tables import Kind, Table, Value, View

TESTS = {
    "mid-p": "McNemar's mid-p over the questions that one of the two got right; Tango's score interval",
    "groups": "linked questions count together: exact sign flips of whole groups, and the score test of the effective "
    "number of questions (CR2, Satterthwaite); the larger p counts",
    "means": "partial scores: the mean difference by t, and exact sign flips by group; the larger p counts",
    "sequential": "holds however often one looks while the run goes on, and is wider for it; it takes the questions so "
    "far as a sample of all",
}


class MetricComparison(Struct, frozen=True, kw_only=True):
    """A pair on the metric of its board; ``p_adjusted`` over all such rows."""

    a: str
    b: str
    part: str
    found: MetricDifference
    p_adjusted: float = 1.0


PAIR: dict[str, Kind] = {"A": "text", "B": "text", "on": "text"}
"""The columns with which each table of pairs begins."""


class ComparisonReport(View, Struct, kw_only=True, omit_defaults=True):
    """Every pair of respondents; ``adjust`` says how p values were adjusted for many comparisons."""

    comparisons: list[Comparison]
    adjust: str = "holm"
    power: float = POWER
    waiting: int = 0
    """Questions that were asked of some respondent and not answered yet."""
    left_out: dict[str, str] = {}
    """Benchmark and language -> questions that are in no comparison, with the reason."""
    metrics: list[MetricComparison] = []
    """Pairs on boards whose number is no mean of scores."""
    models: list[ModelDifference] = []
    """Pairs of models over the ways in which both were asked; with ``efforts`` pairs of efforts over the models."""
    efforts: bool = False
    keys: list[str] = []
    """Which keys the questions were graded by, where there are several."""

    def tables(self) -> list[Table]:
        """One row a pair, and one a pair against the margin where one was given."""
        columns: dict[str, Kind] = {
            **PAIR,
            "questions": "count",
            "only A right": "count",
            "only B right": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            "test": "text",
            "p": "p",
            f"p ({self.adjust})": "p",
            "verdict": "text",
            "questions needed": "count",
        }
        rows = [_row(c) for c in self.comparisons]
        best = _better([(c.p_adjusted, c.difference) for c in self.comparisons])
        pairs = Table(name="comparisons", columns=columns, rows=rows, best=best, best_note=self._bold())
        tables = [pairs, self._margins(), self._metrics(), self._models()]
        return [table for table in tables if table.rows]

    def _margins(self) -> Table:
        columns: dict[str, Kind] = {
            **PAIR,
            "questions": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            "margin, points": "points",
            f"p, B is worse ({self.adjust})": "p",
            f"p, A is worse ({self.adjust})": "p",
            "verdict": "text",
            "questions needed": "count",
        }
        rows = [_margin_row(c, c.margin) for c in self.comparisons if c.margin]
        return Table(name="margins", columns=columns, rows=rows, title="not worse by more than the margin?")

    def _metrics(self) -> Table:
        columns: dict[str, Kind] = {
            **PAIR,
            "questions": "count",
            "metric": "text",
            "A's": "number",
            "B's": "number",
            "A - B": "number",
            "95 %": "text",
            "p": "p",
            f"p ({self.adjust})": "p",
            "verdict": "text",
        }
        rows = [_metric_row(m) for m in self.metrics]
        best = _better([(m.p_adjusted, m.found.difference) for m in self.metrics])
        title = "on the metric of the board"
        return Table(name="metrics", columns=columns, rows=rows, title=title, best=best, best_note=self._bold())

    def _models(self) -> Table:
        what = "models" if self.efforts else "templates"
        columns: dict[str, Kind] = {
            **PAIR,
            "ways": "count",
            what: "count",
            "questions": "count",
            "A - B, points": "points",
            "95 %": "points interval",
            f"95 %, other {what} too": "points interval",
            "p": "p",
            f"p ({self.adjust})": "p",
            "verdict": "text",
        }
        rows = [_model_row(m, what) for m in self.models]
        best = _better([(m.found.p_adjusted, m.found.difference) for m in self.models])
        name, title = "models", "over the ways in which both were asked"
        if self.efforts:
            name, title = "efforts", "efforts, over the models asked at both"
        return Table(name=name, columns=columns, rows=rows, title=title, best=best, best_note=self._bold())

    def _bold(self) -> str:
        return f"bold: the one of the two that is shown to be better (p ({self.adjust}) below {LEVEL:g}), if one is"

    def notes(self) -> list[str]:
        """Which test stands behind a row, what p is, and what the last column is."""
        n, used = len(self.comparisons), dict.fromkeys(c.test for c in self.comparisons)
        if not n:
            return [*self._metric_notes(), *self._question_notes()]
        rows = "the one row" if n == 1 else f"the {n} rows"
        out = [f"{test}: {TESTS[test]}" for test in used]
        out += self._question_notes()
        out.append(
            f"p: how often a difference as large would come from two equally good models; p ({self.adjust}) is "
            f"corrected for {rows} of this table, not for other tables; shown: p ({self.adjust}) below 0.05"
        )
        out.append(
            f"questions needed: to show this difference with {100 * self.power:g} % power after the correction, at "
            "this rate of disagreement and with questions linked as here"
        )
        if any(c.margin for c in self.comparisons):
            out.append(
                "worse: by the margin or more; shown where the corrected one-sided p is below 0.025 (that is, alone, "
                "where the 95 % interval ends before the margin); needed for two equally good models"
            )
        if self.waiting and "sequential" not in used:
            out.append(
                f"not finished: {self.waiting:,} questions have no reply yet; p and interval hold for one look, not "
                "for many (--looks)"
            )
        return [*out, *self._metric_notes(), *self._model_notes()]

    def _question_notes(self) -> list[str]:
        return [*(f"{board}: left out: {text}" for board, text in self.left_out.items()), *self.keys]

    def _metric_notes(self) -> list[str]:
        text = (
            "metrics: a board whose number is no mean of scores is compared on that number; square-and-add of the two "
            "intervals with the jackknife's correlation over documents; p is the level at which the interval begins to "
            f"exclude 0; p ({self.adjust}) is corrected for the rows of that table; margins and looks are not for these"
        )
        return [text] if self.metrics else []

    def _model_notes(self) -> list[str]:
        text = (
            "over ways: each question's score is averaged over the templates, orders and samples that both models were "
            "asked in, so that one template does not decide; p and the first interval are for these ways and other "
            "questions, the wider interval for other templates of their kind as well (crossed random effects)"
        )
        marginal = (
            "efforts: each question's score is averaged over the models asked at both; p and the first interval "
            "are for these models and other questions, the wider one for other models of their kind as well (crossed "
            "random effects): few models make it wide"
        )
        return [marginal if self.efforts else text] if self.models else []


def _better(found: Sequence[tuple[float, float]]) -> list[tuple[int, str]]:
    """Of each pair as (adjusted p, A - B), the cell with the name of the one that is shown to be better."""
    return [(i, "A" if difference > 0 else "B") for i, (p, difference) in enumerate(found) if p < LEVEL]


def _row(c: Comparison) -> list[Value]:
    return [
        c.a,
        c.b,
        c.part,
        c.n,
        c.only_a,
        c.only_b,
        c.difference,
        c.ci95,
        c.test,
        c.p,
        c.p_adjusted,
        _verdict(c),
        c.needed if c.p_adjusted >= LEVEL else None,
    ]


def _verdict(c: Comparison) -> str:
    if c.p_adjusted >= LEVEL:
        return "not shown" if c.p >= LEVEL else "not shown (only before correction)"
    return f"shown: {'A' if c.difference > 0 else 'B'} better"


def _margin_row(c: Comparison, test: MarginTest) -> list[Value]:
    verdict = test.verdict("A", "B")
    return [
        c.a,
        c.b,
        c.part,
        c.n,
        c.difference,
        c.ci95,
        test.margin,
        test.p_b_adjusted,
        test.p_a_adjusted,
        verdict,
        test.needed if verdict != "shown: equivalent" else None,
    ]


def _metric_row(m: MetricComparison) -> list[Value]:
    low, high = m.found.ci95
    verdict = "not shown" if m.p_adjusted >= LEVEL else f"shown: {'A' if m.found.difference > 0 else 'B'} better"
    interval = f"{low:+.3f} to {high:+.3f}"
    d = m.found
    return [m.a, m.b, m.part, d.n, d.metric, d.a, d.b, d.difference, interval, d.p, m.p_adjusted, verdict]


def _model_row(m: ModelDifference, what: str) -> list[Value]:
    c = m.found
    wide = m.other_templates
    scope = "these ways" if wide is None or wide[0] <= 0 <= wide[1] else f"other {what} too"
    verdict = _verdict(c) if c.p_adjusted >= LEVEL else f"{_verdict(c)} ({scope})"
    return [c.a, c.b, c.part, m.ways, m.templates, c.n, c.difference, c.ci95, wide, c.p, c.p_adjusted, verdict]
