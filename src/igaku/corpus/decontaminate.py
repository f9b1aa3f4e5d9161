"""Drop every document that holds an exam question, of every benchmark and language that may not be trained on.

What may be trained on is in the catalog: ``train_parts`` are years or splits of a benchmark that are open for training.
Such questions are not searched for; one that was used again in a later year is found as that year's.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.catalog import data
from igaku.corpus.documents import Document
from igaku.corpus.manifest import Dropped, Manifest, started
from igaku.corpus.overlap import SHARE, Overlap
from igaku.corpus.steps import Step, Workers, benchmark_files, run_step
from igaku.corpus.stream import stream
from igaku.engines.base import Engine
from igaku.errors import IgakuError
from igaku.question import Question


class Decontaminate(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``decontaminate``."""

    name: ClassVar[str] = "decontaminate"
    benchmarks: list[str] | None = None
    """Names; if left out, every benchmark whose files are on this machine."""
    share: float = SHARE
    """Share of a question's own character runs from which a document is dropped."""

    def depends_on(self) -> dict[str, object]:
        """The questions that are searched for: with another benchmark on this machine, the step is another one."""
        return {"questions": {n: benchmark_files(load_benchmark(n)) for n in self.benchmarks or benchmark_names()}}

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None) -> Manifest:
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
        manifest = started("decontaminate", files, settings)
        manifest.clear = sorted({*manifest.clear, *(names if self.share <= SHARE else ())})
        return stream(manifest, files, out, Decontaminator(overlap, self.share), workers)


def decontaminate(
    inputs: Iterable[str | Path],
    out: str | Path,
    benchmarks: Iterable[str] | None = None,
    share: float = SHARE,
    workers: Workers = 1,
) -> Manifest:
    """Write the documents that hold no exam question to ``out``.

    Args:
        inputs: files or folders of documents (JSON Lines or Parquet with ``text``, or text).
        benchmarks: names; if left out, all whose files are on this machine. A benchmark whose files are not found
            is an error where it was named, else it is listed in the manifest's settings.
        share: share of a question's own character runs from which a document is dropped.

    Raises:
        IgakuError: as of ``run_step``; or the files of a benchmark that was named are not found.
    """
    step = Decontaminate(benchmarks=None if benchmarks is None else list(benchmarks), share=share)
    return run_step(step, inputs, out, workers=workers)


class Decontaminator:
    """What is done with one document."""

    def __init__(self, overlap: Overlap, share: float = SHARE) -> None:
        self._overlap, self._share = overlap, share

    def __call__(self, document: Document) -> Document | Dropped:
        """The document; or dropped, with the questions it holds."""
        hits = self._overlap.find(document.learnt, self._share)
        return Dropped(document, f"holds {hits[0].benchmark}", "; ".join(map(str, hits[:5]))) if hits else document


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
