"""What the replies took, on an exam's page and a model's: the rows of ``igaku usage``, and score against length."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.numbers import percent
from igaku.report.site.pages.base import BenchLink
from igaku.report.site.pages.names import bench_name, model_name
from igaku.report.site.pages.scatter import Scatter, scatter
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.studies.usage_report import UsageReport
from igaku.studies.usage_rows import Spread, UsageRow
from igaku.tables import interval

MOST = 100
"""Rows above which only the Pareto front is shown: each model's own are on its page."""


class UsageCells(Struct, frozen=True, kw_only=True):
    """One row, its numbers as they are shown."""

    number: int
    row: UsageRow
    model_slug: str

    @property
    def name(self) -> str:
        """The model as asked,"""
        return model_name(display(self.row.respondent))[0]

    @property
    def setting(self) -> Markup:
        """and its setting."""
        return model_name(display(self.row.respondent))[1]

    @property
    def ci(self) -> str:
        """The accuracy's interval in percent."""
        return interval(self.row.ci95)

    @property
    def approximate(self) -> str:
        """A sign where thinking and answer share a number that was counted for both."""
        return "~" if self.row.split == "by characters" else ""

    @property
    def truncated(self) -> str:
        """Share of replies cut off without an answer."""
        return percent(self.row.truncated / self.row.n)

    @property
    def cost(self) -> str:
        """Of 1,000 questions."""
        return f"{1000 * self.row.cost.total / self.row.n:.3g}" if self.row.cost else ""


class UsageView(Struct, frozen=True, kw_only=True):
    """A table with its pictures."""

    bench: BenchLink
    rows: list[UsageCells]
    n_rows: int
    """How many there are; of a large board only those that nobody beats are shown."""
    pictures: list[Scatter]
    notes: list[Markup]
    sessions: list[Markup]

    @property
    def lead(self) -> str:
        """Phrase: in which unit."""
        units = {c.row.unit for c in self.rows}
        return f"took.lead_{units.pop()}" if len(units) == 1 else "took.lead_mixed"

    @property
    def mixed(self) -> bool:
        """Whether the unit is a row's own."""
        return len({c.row.unit for c in self.rows}) > 1

    @property
    def parts(self) -> list[str]:
        """Parts of a reply that are known: ``prompt``, ``thinking``, ``answer``."""
        rows = [c.row for c in self.rows]
        known = {"prompt": any(r.prompt for r in rows), "thinking": any(r.thought for r in rows)}
        return [name for name in ("prompt", "thinking", "answer") if known.get(name, True)]

    @property
    def shown(self) -> list[str]:
        """Further columns in which some row has something."""
        rows = [c.row for c in self.rows]
        known = {
            "failed": any(r.failed for r in rows),
            "loops": True,
            "seconds": any(r.last for r in rows),
            "cost": any(r.cost for r in rows),
        }
        return [name for name, there in known.items() if there]


def usage_view(data: SiteData, slugs: Slugs, bench: BenchKey, model: str = "") -> UsageView | None:
    """Of all models on an exam with the pictures, or of one without; None where nothing was written."""
    report = data.measured.usage.get(bench)
    if report is None:
        return None
    rows = [
        UsageCells(number=n, row=r, model_slug=slugs.model(r.model))
        for n, r in enumerate(report.rows, 1)
        if not model or r.model == model
    ]
    if not any(c.row.written for c in rows):
        return None
    first = {f.row.respondent for f in report.fronts if not f.beaten_by}
    few = rows if model or len(rows) <= MOST else [c for c in rows if c.row.respondent in first]
    return UsageView(
        bench=BenchLink(bench_name(data, bench), slugs.bench(bench)),
        rows=few,
        n_rows=len(rows),
        pictures=[] if model else _pictures(report, rows),
        notes=_notes(report, few),
        sessions=_sessions(report, data, model) if model else [],
    )


def _pictures(report: UsageReport, rows: Sequence[UsageCells]) -> list[Scatter]:
    numbers = {c.row.respondent: c.number for c in rows}
    by = dict.fromkeys(f.by for f in report.fronts)
    found = [[(numbers[f.row.respondent], f) for f in report.fronts if f.by == one and f.amount > 0] for one in by]
    return [scatter(points) for points in found if len(points) > 1]


def _notes(report: UsageReport, cells: Sequence[UsageCells]) -> list[Markup]:
    rows = [c.row for c in cells]
    some = [f"{display(r.respondent)} ({r.thought} / {r.n})" for r in rows if 0 < r.thought < r.n - r.failed]
    names = {r.respondent for r in rows}
    return [
        word("took.cut_note", n=f"{100 * report.max_truncated:g}"),
        *(word("took.split") for _ in range(any(c.approximate for c in cells))),
        *(word("took.imported") for _ in range(any(r.imported for r in rows))),
        *([word("took.partly", a=", ".join(some))] if some else []),
        *(word("took.cost_note") for _ in range(any(r.cost for r in rows))),
        *(
            word("took.without", a=display(w.respondent), t=w.truncated, n=w.n, r=percent(w.rest), m=percent(w.most))
            for w in report.without
            if w.respondent in names
        ),
    ]


def _sessions(report: UsageReport, data: SiteData, model: str) -> list[Markup]:
    """Of runs in which nobody else answered."""
    alone = {run.path.name for run in data.runs.values() if {t.model for t in run.manifest.tasks} == {model}}
    return [
        word(
            "took.session",
            a=display(s.run),
            n=f"{s.replies:,}",
            s=f"{s.seconds:,.0f}",
            r=f"{s.seconds / s.replies:.2g}",
        )
        + (word("took.spent", c=f"{s.cost:.3g}") if s.cost is not None else "")
        for s in report.sittings
        if s.run in alone and s.replies
    ]


def spread_text(spread: Spread | None, digits: int = 0) -> tuple[str, str]:
    """Median and 95th percentile as text; empty where nothing is known."""
    return ("", "") if spread is None else (f"{spread.median:,.{digits}f}", f"{spread.p95:,.{digits}f}")
