"""Several samples of each question, on an exam's page and a model's: their mean with its two spreads, and pass,
majority and all right at k."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.numbers import percent
from igaku.report.site.pages.base import BenchLink
from igaku.report.site.pages.names import bench_name
from igaku.report.site.slugs import Slugs
from igaku.runs.sample_results import SampleResult
from igaku.statistics.respondents import variant_names
from igaku.statistics.samples import AtK, Estimate
from igaku.tables import interval


class SampleCells(Struct, frozen=True):
    """One block."""

    name: str
    model_slug: str
    result: SampleResult

    @property
    def failed(self) -> int:
        """Replies, of all samples, without an answer."""
        return sum(self.result.failures.values())

    @property
    def last(self) -> AtK:
        """What all samples of a question give."""
        return self.result.by_k[-1]

    @property
    def spreads(self) -> tuple[str, str, str]:
        """Standard deviations between questions and between samples, and the error of one sample, in points."""
        found = self.result.found
        return _points(found.between_questions), _points(found.between_samples), _points(found.once)


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


class SamplesView(Struct, frozen=True):
    """A table."""

    bench: BenchLink
    rows: list[SampleCells]


def samples_view(data: SiteData, slugs: Slugs, bench: BenchKey, model: str = "") -> SamplesView | None:
    """Of all models on an exam, or of one; None where no question has several samples."""
    found = data.measured.samples.get(bench, [])
    names = variant_names([(label, r.key) for label, r in found]) if found else {}
    rows = [
        SampleCells(display(names[label, r.key]), slugs.model(r.key.model), r)
        for label, r in found
        if not model or r.key.model == model
    ]
    return SamplesView(BenchLink(bench_name(data, bench), slugs.bench(bench)), rows) if rows else None


def estimates(at: AtK) -> Sequence[Estimate]:
    """Pass, majority and all right."""
    return at.passed, at.majority, at.all_right


def estimate_text(estimate: Estimate) -> tuple[str, str]:
    """Share and interval in percent."""
    return percent(estimate.value), interval(estimate.ci95)
