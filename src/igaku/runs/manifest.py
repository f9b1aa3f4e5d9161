"""What a run's folder says of itself: who was asked what, in which way, and which reply answers which question."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from igaku.engines.base import Identity
from igaku.errors import IgakuError
from igaku.grading import VERSION
from igaku.io.hashing import digest
from igaku.io.json_values import decode
from igaku.question import Question, RequestKind, Sampling
from igaku.runs.bench_facts import BenchFacts
from igaku.runs.origins import Origin
from igaku.statistics.tally import CellKey

FORMAT = 1


class TaskRun(Struct, kw_only=True, omit_defaults=True):
    """One block of a run: these questions of one benchmark and language, asked in one way."""

    model: str
    bench: str
    lang: str
    prompt: str = ""
    prompt_hash: str = ""
    shots: int = 0
    examples: str = ""
    order: str = "original"
    question_format: str = field(default="choices", name="form")
    """``choices``, ``open`` or ``statements`` (``igaku.prompts.formats``)."""
    aggregate: str = "accuracy"
    effort: str = ""
    """How long the model was let think (``igaku.engines.effort``), which stands in ``model`` too."""
    sampling: Sampling = field(default_factory=Sampling)
    methods: list[str]
    images: bool = False
    """Whether the questions' images were sent."""
    penalty: float | None = None
    """Points that a wrong answer costs, as the prompt said; None: it did not offer to abstain."""
    replies: dict[str, dict[RequestKind, str]]
    """Question id -> kind of request -> the key of its reply; none where none is needed."""
    samples: dict[str, list[str]] = field(default_factory=dict)
    """Question id -> the keys of its further written replies (its second sample, third …), where it has some."""
    origins: list[Origin] = field(default_factory=list)
    """Of imported replies: the files, and what they say of themselves."""

    def reply_keys(self) -> Iterator[str]:
        """The keys of all its replies."""
        for name, kinds in self.replies.items():
            yield from (*kinds.values(), *self.samples.get(name, ()))

    def wanted(self, name: str, kind: RequestKind) -> int:
        """How many replies of one kind a question is to have."""
        return 1 + len(self.samples.get(name, ())) if kind == "text" else 1

    def cell_key(self, method: str) -> CellKey:
        """Where its verdicts by one method stand."""
        return CellKey(
            self.model,
            self.bench,
            self.lang,
            self.prompt,
            self.shots,
            self.order,
            method,
            self.aggregate,
            self.question_format,
        )


class JudgeVotes(Struct, kw_only=True, omit_defaults=True):
    """What one judge said of a run's replies; its votes stand in the journal like any reply."""

    judge: Identity
    prompt: str
    prompt_hash: str = ""
    votes: dict[str, list[str]]
    """Key of the reply that the judge read -> keys of the votes on it."""


class SuiteRef(Struct, frozen=True, kw_only=True):
    """The suite that a run was asked as (``igaku.runs.suites``); all of the run is it, and nothing else."""

    name: str
    version: str
    content: str
    """Hash over everything that was asked, and how (``igaku.runs.suite_hash``)."""

    @property
    def hash(self) -> str:
        """32 hex digits for a score: what was asked, and the version of the graders that read it now."""
        return digest(f"{self.content} {VERSION}".encode())

    @property
    def label(self) -> str:
        """``quick 1 (hash 0a1b2c3d4e5f)``."""
        return f"{self.name} {self.version} (hash {self.hash[:12]})"


class Manifest(Struct, kw_only=True, omit_defaults=True):
    """``run.json``."""

    format: int = FORMAT
    igaku: str
    identity: Identity | None = None
    """None for imported replies."""
    notes: list[str] = field(default_factory=list)
    tasks: list[TaskRun] = field(default_factory=list, name="asked")
    judges: list[JudgeVotes] = field(default_factory=list, name="judged")
    suite: SuiteRef | None = None
    benchmarks: dict[str, BenchFacts] = field(default_factory=dict)
    """Label -> title, licence, credit, and the fingerprint of the key."""


class StoredQuestion(Struct, omit_defaults=True):
    """One line of ``questions.jsonl``."""

    bench: str
    question: Question


class StoredPrompt(Struct):
    """One line of ``prompts.jsonl``."""

    hash: str
    prompt: str


def read_manifest(path: Path) -> Manifest:
    """``run.json`` of a folder, checked."""
    file = path / "run.json"
    if not file.exists():
        raise IgakuError(f"{path}: no run here (run.json is missing); give a folder that `igaku eval --out` wrote")
    manifest = decode(file, Manifest, "a run")
    if manifest.format > FORMAT:
        raise IgakuError(f"{file}: written by a newer igaku ({manifest.igaku}); update igaku")
    return manifest
