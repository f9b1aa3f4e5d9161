"""What a corpus begins with: files of the user's, and texts of benchmarks' own files that may be trained on.

Those are explanations of exam years that are open, and passages that questions were made from. What may be trained on
is in the catalog (``train_parts``); anything else is refused here, before it gets into a corpus.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.corpus.decontaminate import open_parts
from igaku.corpus.documents import Document, files_of, line_of, read_documents, short_names
from igaku.corpus.licences import of_benchmark
from igaku.corpus.manifest import PARTIAL, Manifest, started
from igaku.corpus.progress import Say
from igaku.corpus.steps import benchmark_files, once
from igaku.corpus.stream import finished
from igaku.errors import IgakuError
from igaku.io.files import open_output
from igaku.provenance import joined

TAKES = ("explanations", "contexts")


class Part(msgspec.Struct, frozen=True):
    """Years of a benchmark: ``yakugakuqa:2012-2020``."""

    benchmark: str
    years: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Part":
        """From ``NAME:FIRST-LAST`` or ``NAME:YEAR,YEAR``."""
        name, _, years = text.partition(":")
        if m := re.fullmatch(r"(\d{4})-(\d{4})", years):
            return cls(name, tuple(str(y) for y in range(int(m[1]), int(m[2]) + 1)))
        if years and not re.fullmatch(r"\d{4}(,\d{4})*", years):
            raise IgakuError(f"{text!r}: expected a part of a benchmark, as NAME:2012-2020 or NAME:2012,2014")
        return cls(name, tuple(years.split(",")) if years else ())

    def __str__(self) -> str:
        return f"{self.benchmark}:{','.join(self.years)}" if self.years else self.benchmark


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source of a corpus: files, or what a benchmark's files hold."""

    files: tuple[str, ...] = ()
    take: str = ""
    """``explanations`` of a benchmark's open years, or ``contexts`` its questions were made from."""
    of: str = ""
    """The benchmark, as ``yakugakuqa:2012-2020``."""
    licence: str = ""
    """Of the files; of a benchmark the catalog knows it."""


def may_train(part: Part) -> None:
    """Pass where the catalog opens all these years for training.

    Raises:
        IgakuError: some of it is for evaluation only.
    """
    bench = load_benchmark(part.benchmark)
    allowed = open_parts(bench.name)
    if not part.years or (closed := [y for y in part.years if y not in allowed]):
        subject = f"years {', '.join(closed)} are" if part.years else "it is"
        opened = f"; open for training: {', '.join(sorted(allowed))}" if allowed else ""
        raise IgakuError(f"{part}: {subject} for evaluation only{opened}")


def may_take(take: str, part: Part) -> None:
    """Pass where the catalog opens explanations of these years, or the passages that questions were made from.

    Raises:
        IgakuError: they are for evaluation only.
    """
    if take == "explanations":
        may_train(part)
    elif take == "contexts" and "contexts" not in open_parts(load_benchmark(part.benchmark).name):
        raise IgakuError(f"{part}: its contexts are for evaluation only")


def gather(
    sources: dict[str, Source], out: Path, base: Path = Path(), say: Say = lambda _: None, redo: bool = False
) -> Manifest:
    """Write the documents of all sources, each with its ``source``; where each came from is in the manifest.

    Args:
        base: the folder that paths of files are relative to.

    Raises:
        IgakuError: a source names neither files nor a benchmark, or what is for evaluation only.
    """
    files: dict[str, list[Path]] = {}
    parts: dict[str, Part] = {}
    for name, source in sources.items():
        if bool(source.files) == bool(source.take):
            raise IgakuError(f"source {name}: give either `files`, or `take` with `of`")
        files[name] = files_of(base / f for f in source.files) if source.files else []
        if source.take:
            parts[name] = _part(name, source)
    plain = {n: msgspec.to_builtins(s) for n, s in sources.items()}
    taken = {n: benchmark_files(load_benchmark(p.benchmark)) for n, p in parts.items()}
    every = [f for fs in files.values() for f in fs]

    def write(folder: Path) -> Manifest:
        return _write(folder, sources, files, parts, started("sources", every, plain))

    return once("sources", {"sources": plain, "benchmarks": taken}, every, out, write, say, redo)


def _write(
    out: Path, sources: dict[str, Source], files: dict[str, list[Path]], parts: dict[str, Part], manifest: Manifest
) -> Manifest:
    with open_output(out / PARTIAL) as file:
        for name, source in sources.items():
            for d in read_documents(files[name]) if source.files else _taken(source, parts[name]):
                file.write(line_of(replace(d, id=f"{name}/{d.id}", extra={**d.extra, "source": name})))
                manifest.read += 1
                manifest.characters_read += len(d.text)
                manifest.counts[f"documents of {name}"] = manifest.counts.get(f"documents of {name}", 0) + 1
    manifest.retained, manifest.characters_retained = manifest.read, manifest.characters_read
    manifest.licences = joined(manifest.licences, _own_licences(sources, files, parts, manifest), "this corpus")
    return finished(out, manifest)


def _own_licences(
    sources: dict[str, Source], files: dict[str, list[Path]], parts: dict[str, Part], manifest: Manifest
) -> dict[str, str]:
    """Source -> licence as the plan or the catalog has it; left out where its files are a corpus that names its own."""
    names = short_names([f for mine in files.values() for f in mine])
    known = {n: of_benchmark(part.benchmark) for n, part in parts.items()}
    found = {n: s.licence or known.get(n, "") for n, s in sources.items()}
    return {n: v for n, v in found.items() if v or not any(names[f] in manifest.past for f in files[n])}


def _part(name: str, source: Source) -> Part:
    """The part of a benchmark that a source takes from, where it may be trained on."""
    if source.take not in TAKES or not source.of:
        raise IgakuError(f"source {name}: write take: {' or '.join(TAKES)}, with of: a benchmark")
    part = Part.read(source.of)
    may_take(source.take, part)
    return part


def _taken(source: Source, part: Part) -> Iterator[Document]:
    bench = load_benchmark(part.benchmark)
    for lang in bench.languages:
        explanations = bench.explanations(lang) if source.take == "explanations" else {}
        for q in bench.load(lang):
            text = explanations.get(q.id, "") if source.take == "explanations" else q.context
            if text and (not part.years or q.year in part.years):
                yield Document(q.id, text, {"language": lang, **({"year": q.year} if q.year else {})})
