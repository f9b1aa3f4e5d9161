"""Drop every document that holds an exam question, of every benchmark and language that may not be trained on.

Three rings: words (``overlap``, ``alignment``), on request meaning (``meaning``), and on request a model that judges
what is near by meaning (``judge``).

What may be trained on is in the catalog: ``train_parts`` are years or splits of a benchmark that are open for training.
Such questions are not searched for; one that was used again in a later year is found as that year's.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import ClassVar

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.catalog import data
from igaku.corpus.documents import Document
from igaku.corpus.encoders import encoder
from igaku.corpus.judge import Holds, by_limit, judge
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.meaning import Meaning
from igaku.corpus.overlap import SHARE, Overlap
from igaku.corpus.progress import Say
from igaku.corpus.steps import Step, Workers, benchmark_files, run_step
from igaku.corpus.stream import stream
from igaku.engines.base import Engine
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.question import Question

READ = 3
"""Passages of one document that a judge reads at most."""


class Decontaminate(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``decontaminate``."""

    name: ClassVar[str] = "decontaminate"
    benchmarks: list[str] | None = None
    """Names; if left out, every benchmark whose files are on this machine."""
    share: float = SHARE
    """Share of a question's own character runs from which a document is dropped."""
    meaning: str = ""
    """An encoder (``multilingual-e5-small``, or a folder for transformers), to find questions in other words or in
    another language too."""
    engine: EngineSpec | None = None
    """With ``meaning``: judges the passages that are near a question, instead of a limit."""

    def __post_init__(self) -> None:
        if self.engine and not self.meaning:
            raise IgakuError(
                "a judge reads what is near by meaning; give an encoder too (--meaning multilingual-e5-small)"
            )

    def depends_on(self) -> dict[str, object]:
        """The questions that are searched for: with another benchmark on this machine, the step is another one."""
        questions = {n: benchmark_files(load_benchmark(n)) for n in self.benchmarks or benchmark_names()}
        return {"questions": questions} | ({"encoder": encoder(self.meaning).identity} if self.meaning else {})

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Stream the documents through a ``Decontaminator``."""
        questions, missing = exam_questions(self.benchmarks)
        overlap = Overlap(questions)
        names = sorted({name for name, _ in questions})
        settings = {
            "benchmarks": names,
            "questions": len(questions),
            "share": self.share,
            "not here": missing,
            "too short to look for": len(overlap.unsearchable),
        }
        if self.meaning:
            model = self.engine.model if self.engine else engine.identity.model if engine else ""
            settings |= {"by meaning": encoder(self.meaning).identity, "judge": model}
        manifest = started("decontaminate", files, settings)
        manifest.clear = sorted({*manifest.clear, *(names if self.share <= SHARE else ())})
        if not self.meaning:
            return stream(manifest, files, out, Decontaminator(overlap, self.share), workers, say=say)
        meaning = Meaning(questions, encoder(self.meaning), say)
        reader = engine or self.engine
        with judge(reader, out) if reader else nullcontext(by_limit) as holds:
            work = Decontaminator(overlap, self.share, meaning, holds)
            # the encoder takes all cores itself, and a model stays in this process
            return stream(manifest, files, out, work, workers if workers == "ray" and not reader else 1, say=say)


def decontaminate(
    inputs: Iterable[str | Path],
    out: str | Path,
    benchmarks: Iterable[str] | None = None,
    share: float = SHARE,
    meaning: str | Path = "",
    judge: Engine | EngineSpec | None = None,
    workers: Workers = 1,
) -> Manifest:
    """Write the documents that hold no exam question to ``out``.

    Args:
        inputs: files or folders of documents (JSON Lines or Parquet with ``text``, or text).
        benchmarks: names; if left out, all whose files are on this machine. A benchmark whose files are not found
            is an error where it was named, else it is listed in the manifest's settings.
        share: share of a question's own character runs from which a document is dropped.
        meaning: see ``Decontaminate``.
        judge: one that is built already, or its spec.

    Raises:
        IgakuError: as of ``run_step``; or the files of a benchmark that was named are not found.
    """
    names = None if benchmarks is None else list(benchmarks)
    spec = judge if isinstance(judge, EngineSpec) else None
    step = Decontaminate(benchmarks=names, share=share, meaning=str(meaning), engine=spec)
    return run_step(step, inputs, out, workers=workers, engine=None if isinstance(judge, EngineSpec) else judge)


class Decontaminator:
    """What is done with one document.

    Args:
        holds: whether a passage that is near a question by meaning holds it, of a document's id and what was found.
    """

    def __init__(
        self, overlap: Overlap, share: float = SHARE, meaning: Meaning | None = None, holds: Holds = by_limit
    ) -> None:
        self._overlap, self._share, self._meaning, self._holds = overlap, share, meaning, holds

    def __call__(self, document: Document) -> Document | Dropped:
        """The document; or dropped, with the questions it holds."""
        if hits := self._overlap.find(document.learnt, self._share):
            return Dropped(document, f"holds {hits[0].benchmark}", "; ".join(map(str, hits[:5])))
        near = self._meaning.find(document.learnt) if self._meaning else []
        if found := next((f for f in near[:READ] if self._holds(document.id, f)), None):
            shown = f"{found.hit}: {found.passage[:200]}"
            return Dropped(document, f"holds {found.question.benchmark} in other words", shown)
        return document


def exam_questions(benchmarks: Iterable[str] | None = None) -> tuple[list[tuple[str, Question]], list[str]]:
    """Every question that may not be trained on, with its benchmark's name; and the benchmarks whose files are missing.

    Raises:
        IgakuError: the files of a benchmark that was named are not found.
    """
    named = list(benchmarks) if benchmarks is not None else None
    found: list[tuple[str, Question]] = []
    missing = []
    for name in named or benchmark_names():
        bench = load_benchmark(name)
        allowed = open_parts(bench.name)
        try:
            for lang in bench.languages:
                found += [(bench.label, q) for q in bench.load(lang) if q.year not in allowed or not q.year]
        except IgakuError:
            if named:
                raise
            missing.append(name)
    return found, missing


def open_parts(benchmark: str) -> set[str]:
    """Years or splits of a benchmark that the catalog opens for training."""
    return {p for d in data().values() if d.fetch == f"igaku data get {benchmark}" for p in d.train_parts}
