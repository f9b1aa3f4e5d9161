"""How sure models are against how often they are right, on an exam's page and a model's."""

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site import charts
from igaku.report.site.bins import bin_rows
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.numbers import percent
from igaku.report.site.pages.base import BenchLink, Picture, picture
from igaku.report.site.pages.names import bench_name, spoken_name, spoken_variant
from igaku.report.site.slugs import Slugs
from igaku.report.site.words import word
from igaku.statistics.respondents import PromptVariant, variant_names
from igaku.statistics.tally import CellKey
from igaku.studies.calibration_rows import ALL, READ, SEEN, CalibrationRow
from igaku.tables import interval

PANELS = 9
"""Most pictures on one page."""
SCOPES = {ALL: "all", READ: "read", SEEN: "seen"}


class CalibrationCells(Struct, frozen=True):
    """One row of ``igaku calibration``."""

    name: Markup
    model_slug: str
    row: CalibrationRow

    @property
    def scope(self) -> Markup:
        """Which answers."""
        return word(f"calib.{SCOPES[self.row.answers]}")

    @property
    def over(self) -> tuple[str, str]:
        """Mean confidence less accuracy in points, and its interval."""
        low, high = self.row.overconfidence_ci95
        value, least, most = (f"{100 * x:+.1f}".replace("-", "−") for x in (self.row.overconfidence, low, high))
        return value, f"{least} – {most}"

    @property
    def ece(self) -> tuple[str, str, Markup]:
        """The error, its interval, and what chance alone gives."""
        e = self.row.errors[0]
        by_chance = word("calib.chance", x=percent(e.if_calibrated), y=percent(e.if_calibrated_most))
        return percent(e.value), interval(e.ci95), by_chance

    @property
    def auroc(self) -> tuple[str, str]:
        """With its interval; empty where all answers are right, or all wrong."""
        a = self.row.auroc
        return (percent(a.value), interval(a.ci95)) if a else ("", "")


class CalibrationPicture(Struct, frozen=True):
    """The bins of one row."""

    name: Markup
    source: str
    picture: Picture


class CalibrationView(Struct, frozen=True):
    """A table with pictures of its first rows."""

    bench: BenchLink
    rows: list[CalibrationCells]
    pictures: list[CalibrationPicture]
    n_pictures: int
    """How many there could be."""

    @property
    def several_scopes(self) -> bool:
        """Whether some row is over a part of the answers."""
        return any(c.row.answers != ALL for c in self.rows)


def calibration_view(data: SiteData, slugs: Slugs, bench: BenchKey, model: str = "") -> CalibrationView | None:
    """Of all models on an exam, or of one; None where no confidence is known."""
    found = data.measured.calibration.get(bench, [])
    variants = list(dict.fromkeys(_variant(label, r) for label, r in found))
    names = {v: _name(v, name) for v, name in variant_names(variants).items()} if found else {}
    rows = [
        CalibrationCells(names[_variant(label, r)], slugs.model(r.model), r)
        for label, r in found
        if not model or r.model == model
    ]
    whole = [c for c in rows if c.row.answers == ALL]
    pictures = [
        CalibrationPicture(
            c.name, f"calib.{c.row.source}", picture(charts.reliability_panel, bin_rows(c.row, c.row.model))
        )
        for c in whole[:PANELS]
    ]
    link = BenchLink(bench_name(data, bench), slugs.bench(bench))
    return CalibrationView(link, rows, pictures, len(whole)) if rows else None


def _variant(label: str, r: CalibrationRow) -> PromptVariant:
    fields = (r.model, r.benchmark, r.language, r.prompt, r.shots, r.order, r.method, "accuracy", r.question_format)
    return label, CellKey(*fields)


def _name(variant: PromptVariant, name: str) -> Markup:
    """The model with its setting, and what tells its rows apart."""
    model = variant[1].model
    rest = name.removeprefix(model).strip() if name.startswith(model) else name
    return spoken_name(display(model)) + (Markup(" <small>{}</small>").format(spoken_variant(rest)) if rest else "")
