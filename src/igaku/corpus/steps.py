"""Run a step: documents streamed through a function, in this process, over the cores of this machine, or over a Ray cluster.

Documents go out in chunks and come back in their order, at most a few chunks on the way at a time: the output is the same byte for byte however
many workers there are, and memory does not grow with the input. What is done is noted after every chunk, so that a step that was cut off goes on.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku.corpus.documents import Document, files_of, line_of, read_documents
from igaku.corpus.manifest import (
    DOCUMENTS,
    PARTIAL,
    SAMPLES,
    Dropped,
    Manifest,
    Sample,
    read_manifest,
    started,
    write_manifest,
)
from igaku.errors import IgakuError, optional
from igaku.io.files import write_whole
from igaku.io.hashing import file_sha256

CHUNK = 256
"""Documents sent to a worker at a time."""

Work = Callable[[Document], "Document | Dropped | tuple[Document, dict[str, int]]"]
"""What a step does with one document: keep it (changed or not), drop it, or keep it and count something."""


class Done(Struct):
    """What became of one chunk."""

    lines: bytes = b""
    kept: int = 0
    characters: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


class Progress(Struct):
    """``progress.json``: how far a step came, so that it can go on."""

    manifest: Manifest
    size: int
    """Bytes of the partial output that belong to it."""


def run_step(
    step: str,
    inputs: Iterable[Path],
    out: Path,
    settings: dict[str, Any],
    work: Work,
    workers: str | int = 1,
    clear: Iterable[str] = (),
) -> Manifest:
    """Stream documents through ``work`` into ``out``; done before, it is not done again, and cut off, it goes on.

    Args:
        settings: all that can change the result; they are kept in the manifest.
        clear: benchmarks that the step looks for.
        workers: processes on this machine, or ``ray`` for the Ray cluster that is running (or a local one).

    Raises:
        IgakuError: something cannot be read or written, or ``out`` holds another step's work.
    """
    files = files_of(inputs)
    manifest = started(step, files, settings)
    manifest.clear = sorted({*manifest.clear, *clear})
    if before := done_before(out, manifest):
        return before
    out.mkdir(parents=True, exist_ok=True)
    partial = out / PARTIAL
    manifest, size = _resumed(out, partial, manifest)
    documents = islice(read_documents(files), manifest.read, None)
    with partial.open("r+b" if size else "wb") as file:
        file.truncate(size)
        file.seek(size)
        for chunk, done in spread(_Chunked(work), chunks_of(documents), workers):
            file.write(done.lines)
            _add(manifest, chunk, done)
            file.flush()
            write_whole(out / "progress.json", msgspec.json.encode(Progress(manifest, file.tell())).decode())
    return finished(out, manifest)


def done_before(out: Path, manifest: Manifest) -> Manifest | None:
    """The manifest of the same work where it has ended in ``out``.

    Raises:
        IgakuError: ``out`` holds the work of another step, input or setting.
    """
    before = read_manifest(out)
    if before is None:
        return None
    if before.stands_for == manifest.stands_for:
        return before
    raise IgakuError(f"{out}: holds the work of another step, input or setting; give another --out")


def finished(out: Path, manifest: Manifest) -> Manifest:
    """Name a step's whole output, and write its manifest."""
    (out / PARTIAL).replace(out / DOCUMENTS)
    manifest.output = file_sha256(out / DOCUMENTS)
    write_manifest(out, manifest)
    (out / "progress.json").unlink(missing_ok=True)
    return manifest


def spread(
    work: Callable[[list[Document]], Any], chunks: Iterator[list[Document]], workers: str | int
) -> Iterator[tuple[list[Document], Any]]:
    """Each chunk with what ``work`` makes of it, in order.

    Raises:
        IgakuError: the number of workers is none.
    """
    if workers == "ray":
        yield from _over_ray(work, chunks)
    elif not str(workers).isdigit() or int(workers) < 1:
        raise IgakuError(f"--workers {workers}: at least one is needed, or ray")
    elif int(workers) == 1:
        for chunk in chunks:
            yield chunk, work(chunk)
    else:
        yield from _over_processes(work, chunks, int(workers))


def _over_processes(work: Any, chunks: Iterator[list[Document]], n: int) -> Iterator[tuple[list[Document], Any]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(n, get_context("fork"), _adopt, (work,)) as pool:
        for chunk, future in _window(chunks, lambda c: pool.submit(_adopted, c), 2 * n):
            yield chunk, future.result()


_work: Any = None


def _adopt(work: Any) -> None:
    global _work
    _work = work


def _adopted(chunk: list[Document]) -> Any:
    return _work(chunk)


def _over_ray(work: Any, chunks: Iterator[list[Document]]) -> Iterator[tuple[list[Document], Any]]:
    ray = optional("ray", "ray")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, configure_logging=False)
    shared = ray.put(work)
    task = ray.remote(lambda w, c: w(c))
    for chunk, future in _window(
        chunks, lambda c: task.remote(shared, c), 2 * int(ray.cluster_resources().get("CPU", 1))
    ):
        yield chunk, ray.get(future)


def _window(
    chunks: Iterator[list[Document]], submit: Callable[[list[Document]], Any], size: int
) -> Iterator[tuple[list[Document], Any]]:
    """Send chunks out, at most so many at a time, and give them back in their order."""
    waiting: deque[tuple[list[Document], Any]] = deque()
    for chunk in chunks:
        waiting.append((chunk, submit(chunk)))
        if len(waiting) >= size:
            yield waiting.popleft()
    yield from waiting


class _Chunked:
    """A step's work on a chunk; can be sent to other machines where the work itself can."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, chunk: list[Document]) -> Done:
        done, lines = Done(), []
        for document in chunk:
            result = self._work(document)
            if isinstance(result, Dropped):
                done.dropped[result.reason] += 1
                if done.dropped[result.reason] <= SAMPLES:
                    done.samples.append(Sample(document.id, result.reason, result.found, result.document.text[:300]))
                continue
            kept, counted = result if isinstance(result, tuple) else (result, {})
            done.counts.update(counted)
            lines.append(line_of(kept))
            done.kept += 1
            done.characters += len(kept.text)
        done.lines = b"".join(lines)
        return done


def _add(manifest: Manifest, chunk: list[Document], done: Done) -> None:
    manifest.read += len(chunk)
    manifest.characters_read += sum(len(d.text) for d in chunk)
    manifest.kept += done.kept
    manifest.characters_kept += done.characters
    for sample in done.samples:
        if sum(s.reason == sample.reason for s in manifest.samples) < SAMPLES:
            manifest.samples.append(sample)
    manifest.dropped = dict(Counter(manifest.dropped) + done.dropped)
    manifest.counts = dict(Counter(manifest.counts) + done.counts)


def _resumed(out: Path, partial: Path, manifest: Manifest) -> tuple[Manifest, int]:
    """Where the same work was cut off: its manifest so far and the bytes that count; else a fresh start."""
    try:
        progress = msgspec.json.decode((out / "progress.json").read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return manifest, 0
    if (
        progress.manifest.stands_for != manifest.stands_for
        or not partial.exists()
        or partial.stat().st_size < progress.size
    ):
        return manifest, 0
    return progress.manifest, progress.size


def chunks_of(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """Documents in lists of ``CHUNK``."""
    while chunk := list(islice(documents, CHUNK)):
        yield chunk
