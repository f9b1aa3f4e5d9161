"""A model: what the catalog knows, every result, accuracy by template and order, and the identity of its runs."""

from collections.abc import Iterable

import msgspec
from markupsafe import Markup
from msgspec import Struct

from igaku.benchmarks import family
from igaku.catalog import Model
from igaku.report.site.collect import SiteData, display
from igaku.report.site.pages.base import Page
from igaku.report.site.pages.calibration import CalibrationView, calibration_view
from igaku.report.site.pages.cells import CellRow, cell_row, shown_columns
from igaku.report.site.pages.exam_rows import ExamRow
from igaku.report.site.pages.heat import Heat, heats
from igaku.report.site.pages.names import catalog_text, model_name, named
from igaku.report.site.pages.samples import SamplesView, samples_view
from igaku.report.site.pages.sections import SectionBars, section_bars
from igaku.report.site.pages.usage import UsageView, usage_view
from igaku.report.site.slugs import Slugs
from igaku.runs.origins import origin_rows
from igaku.runs.results import suite_label


class ModelPage(Struct, frozen=True, kw_only=True):
    """Variables of the template."""

    model: str
    setting: Markup
    points: list[ExamRow]
    """Of every whole exam."""
    seen: list[tuple[str, str]]
    """Benchmark, and how the model met it in training."""
    facts: list[tuple[str, Markup]]
    sections: list[SectionBars]
    cells: list[CellRow]
    shown: set[str]
    """Columns in which some row has something."""
    grader: Markup
    """The method that boards take."""
    usage: list[UsageView]
    samples: list[SamplesView]
    calibration: list[CalibrationView]
    """One an exam."""
    heats: list[Heat]
    identities: list[list[tuple[str, object]]]


def page(data: SiteData, slugs: Slugs, model: str) -> Page:
    """The page of a model."""
    entry = data.entry(model)
    cells = [(label, c) for label, c in data.cells if c.model == model]
    rows = [cell_row(data, slugs, label, c) for label, c in cells]
    families = {family(c.benchmark) for _, c in cells}
    content = ModelPage(
        model=model_name(model)[0],
        setting=model_name(model)[1],
        points=[ExamRow(p, "") for p in data.points if p.complete and p.key.model == model],
        seen=[(s.benchmark, s.how) for s in entry.seen if s.benchmark in families] if entry else [],
        facts=_facts(entry) if entry else [],
        sections=section_bars(data, slugs, model),
        cells=rows,
        shown=shown_columns(rows),
        grader=_grader(data, model),
        usage=[u for bench in data.items if (u := usage_view(data, slugs, bench, model))],
        samples=[s for bench in data.items if (s := samples_view(data, slugs, bench, model))],
        calibration=[c for bench in data.items if (c := calibration_view(data, slugs, bench, model))],
        heats=heats(data, slugs, model),
        identities=[*_identities(data, dict.fromkeys(label for label, _ in cells)), *_origins(data, model)],
    )
    return Page(f"m-{slugs.model(model)}.html", "model.html", content, (display(model), display(model)))


def _facts(entry: Model) -> list[tuple[str, Markup]]:
    """Phrase and text of what the catalog knows."""
    rows = [
        ("model.maker", entry.maker),
        ("col.size", f"{entry.parameters:g}" if entry.parameters is not None else ""),
        ("col.language", ", ".join(entry.languages)),
        ("col.licence", entry.licence),
        ("col.year", str(entry.year or "")),
        ("model.base", entry.base),
        ("model.recipe", entry.method),
        ("col.source", entry.paper or entry.url),
        ("col.why", entry.notes),
    ]
    return [(key, catalog_text(value)) for key, value in rows if value]


def _identities(data: SiteData, labels: Iterable[str]) -> list[list[tuple[str, object]]]:
    """Each different identity as rows of name and value, with the suite and which claims were verified; imported runs
    have no identity."""
    out: list[list[tuple[str, object]]] = []
    for run in (data.runs[label] for label in labels):
        identity = run.manifest.identity
        rows: list[tuple[str, object]] = list(msgspec.to_builtins(identity).items()) if identity else []
        rows += [("suite", suite_label(run.suite))] if run.suite else []
        rows += [("verified", claims)] if (claims := data.verified.get(str(run.path))) else []
        if rows and rows not in out:
            out.append(rows)
    return out


def _origins(data: SiteData, model: str) -> list[list[tuple[str, object]]]:
    """Where a model's imported replies are from, each file once."""
    tasks = (t for run in data.runs.values() for t in run.manifest.tasks if t.model == model)
    named = (("benchmark", t.bench, origin_rows(o)) for t in tasks for o in t.origins)
    found: list[list[tuple[str, object]]] = [
        [(key, bench), *((display(name), display(value)) for name, value in rows.items())] for key, bench, rows in named
    ]
    return [rows for k, rows in enumerate(found) if rows not in found[:k]]


def _grader(data: SiteData, model: str) -> Markup:
    """The methods by which the model stands on boards."""
    methods = dict.fromkeys(s.method for b in data.boards for s in b.standings if s.model == model)
    return Markup(", ").join(named("method", m) for m in methods)
