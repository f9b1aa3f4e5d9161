"""What is in a suite: benchmarks with sizes and licences, ways of asking, the hash, and what is missing here."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from igaku.benchmarks import load_benchmark
from igaku.errors import IgakuError
from igaku.runs.plan import Part, blocks_of
from igaku.runs.requests import n_shots
from igaku.runs.specs import TaskSpec
from igaku.runs.suites import Suite, read_suite, suite_notes, suite_parts, suite_ref
from igaku.tables import Kind, Table, Value, View


class SuiteRow(Struct, frozen=True, kw_only=True):
    """One benchmark and language of a suite, asked in one way."""

    benchmark: str
    language: str = ""
    prompt: str = ""
    shots: int | None = None
    order: str = ""
    question_format: str = ""
    methods: list[str] = []
    questions: int | None = None
    """None where its data are missing here."""
    image: int | None = None
    """Of these, questions that need a picture."""
    licence: str = ""
    source: str = ""
    here: bool
    """Whether its questions are on this machine."""


class SuiteReport(View, Struct, kw_only=True):
    """``igaku suites show``."""

    name: str
    version: str
    title: str
    hash: str
    """For scores by this igaku's graders; empty where data are missing here."""
    content: str
    """The hash without the graders' version, as a run keeps it."""
    requests: int
    rows: list[SuiteRow]
    missing: str
    """Why it cannot be asked here; empty where it can."""
    remarks: list[str] = []

    def tables(self) -> list[Table]:
        """One row a benchmark, language, template and order."""
        columns: dict[str, Kind] = {
            "benchmark": "text",
            "lang": "text",
            "prompt": "text",
            "shots": "count",
            "order": "text",
            "form": "text",
            "methods": "text",
            "questions": "count",
            "need a picture": "count",
            "licence": "text",
            "source": "text",
            "here": "text",
        }
        rows: list[list[Value]] = [
            [
                r.benchmark,
                r.language,
                r.prompt,
                r.shots,
                r.order,
                r.question_format,
                ", ".join(r.methods),
                r.questions,
                r.image,
                r.licence,
                r.source,
                "yes" if r.here else "no",
            ]
            for r in self.rows
        ]
        return [Table(name="suite", title=f"{self.name} {self.version}: {self.title}", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """The hash, and what is missing."""
        if self.missing:
            return [f"cannot be asked here: {self.missing}", *self.remarks]
        return [f"hash {self.hash}, {self.requests:,} questions to ask in all", *self.remarks]


def suite_report(name: str | Path) -> SuiteReport:
    """What is in a suite, by name or from a YAML file.

    Raises:
        IgakuError: no such suite, or it does not fit; not where only data are missing, which the report says.
    """
    suite = read_suite(name)
    try:
        parts = suite_parts(suite)
    except IgakuError as error:
        return _without_data(suite, str(error))
    ref = suite_ref(suite, parts)
    return SuiteReport(
        name=suite.name,
        version=suite.version,
        title=suite.title,
        hash=ref.hash,
        content=ref.content,
        requests=sum(len(b.questions) for _, blocks in parts for b in blocks),
        rows=_rows(parts),
        missing="",
        remarks=suite_notes(suite),
    )


def _rows(parts: Sequence[Part]) -> list[SuiteRow]:
    return [
        SuiteRow(
            benchmark=b.bench.label,
            language=b.lang,
            prompt=b.prompt.name,
            shots=n_shots(b.prompt, task),
            order=b.order,
            question_format=task.question_format,
            methods=b.methods,
            questions=len(b.questions),
            image=sum(not q.text_only for q in b.questions),
            licence=b.bench.licence,
            source=b.bench.upstream,
            here=True,
        )
        for task, blocks in parts
        for b in blocks
    ]


def _without_data(suite: Suite, why: str) -> SuiteReport:
    """What is here with its sizes; of the other benchmarks, what needs no data."""
    return SuiteReport(
        name=suite.name,
        version=suite.version,
        title=suite.title,
        hash="",
        content="",
        requests=0,
        rows=[row for task in suite.tasks for name in task.bench for row in _one(name, task)],
        missing=why.removeprefix(f"suite {suite.label}: ").removesuffix("; nothing was asked"),
    )


def _one(name: str, task: TaskSpec) -> list[SuiteRow]:
    try:
        return _rows([(task, blocks_of(name, task))])
    except IgakuError:
        bench = load_benchmark(name)
    return [
        SuiteRow(
            benchmark=bench.label,
            language=", ".join(task.lang or bench.languages),
            prompt=", ".join(task.prompt or [bench.prompt]),
            order=", ".join(task.order),
            question_format=task.question_format,
            methods=task.method or [bench.method],
            licence=bench.licence,
            source=bench.upstream,
            here=False,
        )
    ]
