"""Documents streamed through a function: in this process, over the cores of this machine, or over a Ray cluster.

Documents go out in chunks and come back in their order, with few chunks under way at a time: the output is the same
byte for byte for any number of workers, and memory does not grow with the input. Progress is written after every
chunk, so that a step that was cut off goes on.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct, field

from igaku.corpus.documents import Document, line_of, read_documents
from igaku.corpus.manifest import DOCUMENTS, PARTIAL, SAMPLES, Dropped, Manifest, Sample, write_manifest
from igaku.corpus.progress import Progress, Say, number_of
from igaku.corpus.removed import Removed
from igaku.corpus.steps import Workers
from igaku.errors import IgakuError, optional
from igaku.io.files import open_output, write_whole
from igaku.io.hashing import file_sha256
from igaku.io.json_values import FAULTS

T = TypeVar("T")
CHUNK = 256
"""Documents sent to a worker at a time."""


class Retained(NamedTuple):
    """A document that a step wrote, changed or not, with what it counted and took out."""

    document: Document
    counts: Mapping[str, int] = MappingProxyType({})
    removed: Sequence[Removed] = ()
    """Pieces that are counted by their rule, the first of each shown as samples."""


Work = Callable[[Document], Document | Dropped | Retained]
"""What a step does with one document: keep it, drop it, or keep it and count something."""


class Done(Struct):
    """What became of one chunk."""

    lines: bytes = b""
    retained: int = 0
    characters: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


class Reached(Struct):
    """``progress.json``: how far a step came, so that it can go on."""

    manifest: Manifest
    size: int
    """Bytes of the partial output that belong to it."""


def stream(
    manifest: Manifest,
    files: list[Path],
    out: Path,
    work: Work,
    workers: Workers = 1,
    check: Callable[[Manifest], None] = lambda manifest: None,
    say: Say = lambda _: None,
) -> Manifest:
    """Stream documents through ``work`` into ``out``, from where the same work was cut off; the finished manifest.

    Args:
        manifest: as ``started`` gives it.
        check: raises where what was counted must not be published.
        say: called with a line of progress now and then.

    Raises:
        IgakuError: something cannot be read or written, or the number of workers is not one.
    """
    output = out / PARTIAL
    manifest, size = _resumed(out, output, manifest)
    documents = islice(read_documents(files), manifest.read, None)
    progress = Progress(f"{manifest.step}: documents", number_of(files), say, manifest.read)
    with open_output(output, "r+b" if size else "wb") as file:
        file.truncate(size)
        file.seek(size)
        for chunk, done in spread(_Chunked(work), chunks_of(documents), workers):
            file.write(done.lines)
            _add(manifest, chunk, done)
            file.flush()
            write_whole(out / "progress.json", msgspec.json.encode(Reached(manifest, file.tell())).decode())
            progress.add(len(chunk))
    check(manifest)
    return finished(out, manifest)


def finished(out: Path, manifest: Manifest) -> Manifest:
    """Give a step's whole output its name, and write its manifest."""
    (out / PARTIAL).replace(out / DOCUMENTS)
    manifest.output = file_sha256(out / DOCUMENTS)
    write_manifest(out, manifest)
    (out / "progress.json").unlink(missing_ok=True)
    return manifest


Chunk = list[Document]
C = TypeVar("C")
"""What is sent to a worker at a time: a chunk of documents, a batch of pairs."""


def spread(work: Callable[[C], T], chunks: Iterator[C], workers: Workers) -> Iterator[tuple[C, T]]:
    """Each chunk with its result of ``work``, in order.

    Raises:
        IgakuError: the number of workers is less than 1, or no number.
    """
    if workers == "ray":
        yield from _over_ray(work, chunks)
    elif not str(workers).isdigit() or int(workers) < 1:
        raise IgakuError(f"--workers {workers}: expected a number of 1 or more, or ray")
    elif int(workers) == 1:
        for chunk in chunks:
            yield chunk, work(chunk)
    else:
        yield from _over_processes(work, chunks, int(workers))


def _over_processes(work: Callable[[C], T], chunks: Iterator[C], n: int) -> Iterator[tuple[C, T]]:
    from igaku.io.workers import processes

    with processes(n, "fork", _set_work, (work,)) as pool:
        yield from _window(chunks, lambda chunk: pool.submit(_do_work, chunk).result, 2 * n)


_work: Callable[[Any], object]
"""What a worker process does with each chunk."""


def _set_work(work: Callable[[Any], object]) -> None:
    global _work
    _work = work


def _do_work(chunk: object) -> Any:
    return _work(chunk)


def _over_ray(work: Callable[[C], T], chunks: Iterator[C]) -> Iterator[tuple[C, T]]:
    ray = optional("ray", "ray")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
    shared = ray.put(work)
    task = ray.remote(lambda w, c: w(c))
    size = 2 * int(ray.cluster_resources().get("CPU", 1))
    yield from _window(chunks, lambda chunk: partial(ray.get, task.remote(shared, chunk)), size)


def _window(chunks: Iterator[C], submit: Callable[[C], Callable[[], T]], size: int) -> Iterator[tuple[C, T]]:
    """Send chunks out, at most ``size`` at a time, and give their results back in their order."""
    waiting: deque[tuple[C, Callable[[], T]]] = deque()
    for chunk in chunks:
        waiting.append((chunk, submit(chunk)))
        if len(waiting) >= size:
            first, result = waiting.popleft()
            yield first, result()
    for first, result in waiting:
        yield first, result()


class _Chunked:
    """A step's work on a chunk; it can be sent to other machines where the work itself can."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, chunk: Chunk) -> Done:
        done, lines = Done(), []
        for document in chunk:
            result = self._work(document)
            if isinstance(result, Dropped):
                done.dropped[result.reason] += 1
                if done.dropped[result.reason] <= SAMPLES:
                    done.samples.append(Sample(document.id, result.reason, result.found, result.document.text[:300]))
                continue
            retained = result if isinstance(result, Retained) else Retained(result)
            done.counts.update(retained.counts)
            for rule, text in retained.removed:
                done.counts[f"{rule} removed"] += 1
                if done.counts[f"{rule} removed"] <= SAMPLES:
                    done.samples.append(Sample(document.id, f"{rule} removed", "", text[:300]))
            lines.append(line_of(retained.document))
            done.retained += 1
            done.characters += len(retained.document.text)
        done.lines = b"".join(lines)
        return done


def _add(manifest: Manifest, chunk: Chunk, done: Done) -> None:
    manifest.read += len(chunk)
    manifest.characters_read += sum(len(d.text) for d in chunk)
    manifest.retained += done.retained
    manifest.characters_retained += done.characters
    for sample in done.samples:
        if sum(s.reason == sample.reason for s in manifest.samples) < SAMPLES:
            manifest.samples.append(sample)
    manifest.dropped = dict(Counter(manifest.dropped) + done.dropped)
    manifest.counts = dict(Counter(manifest.counts) + done.counts)


def _resumed(out: Path, output: Path, manifest: Manifest) -> tuple[Manifest, int]:
    """Where the same work was cut off: its manifest so far and the bytes that count; else the manifest and 0."""
    try:
        progress = msgspec.json.decode((out / "progress.json").read_bytes(), type=Reached)
    except (OSError, *FAULTS):
        return manifest, 0
    same = progress.manifest.stands_for == manifest.stands_for
    whole = output.exists() and output.stat().st_size >= progress.size
    return (progress.manifest, progress.size) if same and whole else (manifest, 0)


def chunks_of(documents: Iterator[Document]) -> Iterator[Chunk]:
    """Documents in lists of ``CHUNK``."""
    while chunk := list(islice(documents, CHUNK)):
        yield chunk
