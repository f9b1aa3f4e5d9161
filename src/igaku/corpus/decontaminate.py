"""Take out of a corpus every document that holds an exam question, of every benchmark and language that may not be trained on.

What may is in the catalog: ``train_parts`` are years or splits of a benchmark that are open for training. Such questions are not looked for; one
that was used again in a later year is found as that year's.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.catalog import data
from igaku.corpus.documents import Document
from igaku.corpus.manifest import Dropped, Manifest
from igaku.corpus.overlap import SHARE, Overlap
from igaku.corpus.steps import run_step
from igaku.errors import IgakuError
from igaku.question import Question


def decontaminate(
    inputs: Iterable[str | Path],
    out: str | Path,
    benchmarks: Iterable[str] | None = None,
    share: float = SHARE,
    workers: str | int = 1,
) -> Manifest:
    """Write the documents that hold no exam question to ``out``.

    Args:
        inputs: files or folders of documents (JSON Lines or Parquet with ``text``, or text).
        benchmarks: names; all that are here if left out. A benchmark that is not here cannot be looked for and is an error where it was
            named, else listed in the manifest's settings.
        share: of a question's own character runs that a document must hold to be dropped.

    Raises:
        IgakuError: as the steps do; or a benchmark that was named is not here.
    """
    questions, missing = exam_questions(benchmarks)
    overlap = Overlap(questions)
    settings: dict[str, Any] = {
        "benchmarks": sorted({name for name, _ in questions}),
        "questions": len(questions),
        "share": share,
        "not here": missing,
        "too short to look for": len(overlap.unsought),
    }
    work = Decontaminator(overlap, share)
    clear = settings["benchmarks"] if share <= SHARE else ()
    return run_step("decontaminate", [Path(p) for p in inputs], Path(out), settings, work, workers, clear)


class Decontaminator:
    """What is done with one document."""

    def __init__(self, overlap: Overlap, share: float = SHARE) -> None:
        self._overlap, self._share = overlap, share

    def __call__(self, document: Document) -> Document | Dropped:
        """The document; or dropped, with the questions it holds."""
        hits = self._overlap.find(document.taught, self._share)
        return Dropped(document, f"holds {hits[0].benchmark}", "; ".join(map(str, hits[:5]))) if hits else document


def exam_questions(benchmarks: Iterable[str] | None = None) -> tuple[list[tuple[str, Question]], list[str]]:
    """Every question that may not be trained on, with its benchmark's name; and the benchmarks whose files are not here."""
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
