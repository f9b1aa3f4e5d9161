"""A model: what the catalog knows, every result, accuracy by template and order, and the identity of its runs."""

from collections.abc import Iterable

import msgspec
from markupsafe import Markup
from msgspec import Struct

from igaku.benchmarks import family
from igaku.catalog import Model
from igaku.engines import Identity
from igaku.report.site.collect import SiteData, display
from igaku.report.site.pages.base import Page, viewer_query
from igaku.report.site.pages.exam import ExamRow
from igaku.report.site.pages.heat import Heat, heats
from igaku.report.site.pages.names import bench_name, catalog_text, model_name, named
from igaku.report.site.pages.sections import SectionBars, section_bars
from igaku.report.site.slugs import Slugs
from igaku.runs.counted import images_shown
from igaku.runs.model_facts import model_entry
from igaku.runs.origins import origin_rows
from igaku.runs.results import score
from igaku.statistics.tally import FAILURES, Cell
from igaku.tables import interval, points

FAILED = [f for f in FAILURES if f not in ("not_applicable", "void")]
"""Failures of a model, as fields of a cell."""


class CellRow(Struct, frozen=True):
    """One result, and the link to its wrong answers."""

    cell: Cell
    slug: str
    query: str
    sent: bool
    """Whether the questions' images were sent."""

    bench: Markup

    @property
    def prompt(self) -> Markup:
        """The template,"""
        return named("prompt", self.cell.prompt)

    @property
    def order(self) -> Markup:
        """the order of the choices,"""
        return named("order", self.cell.order)

    @property
    def method(self) -> Markup:
        """and the grading method, by name."""
        return named("method", self.cell.method)

    @property
    def ci(self) -> str:
        """The interval in percent."""
        return interval(self.cell.ci95)

    @property
    def points(self) -> str:
        """Points out of the maximum."""
        return points(self.cell.points, self.cell.max_points)

    @property
    def score(self) -> str:
        """The benchmark's own score, where it is not the accuracy."""
        return score(self.cell) if self.cell.aggregate != "accuracy" else ""

    @property
    def failures(self) -> str:
        """Each kind of failure with its number."""
        return ", ".join(f"{name.replace('_', ' ')} {n}" for name in FAILED if (n := getattr(self.cell, name)))


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
    grader: Markup
    """The method that boards take."""
    heats: list[Heat]
    identities: list[list[tuple[str, object]]]


def page(data: SiteData, slugs: Slugs, model: str) -> Page:
    """The page of a model."""
    entry = model_entry(model, data.runs.values())
    cells = [(label, c) for label, c in data.cells if c.model == model]
    families = {family(c.benchmark) for _, c in cells}
    content = ModelPage(
        model=model_name(model)[0],
        setting=model_name(model)[1],
        points=[ExamRow(p, "") for p in data.points if p.complete and p.key.model == model],
        seen=[(s.benchmark, s.how) for s in entry.seen if s.benchmark in families] if entry else [],
        facts=_facts(entry) if entry else [],
        sections=section_bars(data, slugs, model),
        cells=[_cell_row(data, slugs, label, c) for label, c in cells],
        grader=_grader(data, model),
        heats=heats(data, slugs, model),
        identities=[
            *_identities(data.runs[label].manifest.identity for label in dict.fromkeys(k for k, _ in cells)),
            *_origins(data, model),
        ],
    )
    return Page(f"m-{slugs.model(model)}.html", "model.html", content)


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


def _identities(identities: Iterable[Identity | None]) -> list[list[tuple[str, object]]]:
    """Each different identity as rows of name and value; imported runs have none."""
    out: list[list[tuple[str, object]]] = []
    for identity in identities:
        rows: list[tuple[str, object]] = list(msgspec.to_builtins(identity).items()) if identity else []
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


def _cell_row(data: SiteData, slugs: Slugs, label: str, c: Cell) -> CellRow:
    bench = c.benchmark, c.language
    fields = ("model", "prompt", "shots", "order", "question_format")
    variants = [
        v for v in data.items[bench] if v[0] == label and all(getattr(v[1], f) == getattr(c, f) for f in fields)
    ]
    sent = any(images_shown(data.runs[run], key) for run, key in variants)
    query = viewer_query(data, bench, variants[:1], c.model)
    return CellRow(c, slugs.bench(bench), query, sent, bench_name(data, bench))


def _grader(data: SiteData, model: str) -> Markup:
    """The methods by which the model stands on boards."""
    methods = dict.fromkeys(s.method for b in data.boards for s in b.standings if s.model == model)
    return Markup(", ").join(named("method", m) for m in methods)
