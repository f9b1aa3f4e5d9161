"""What a step did: in, out, dropped and why, with samples that a reviewer can read."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku import __version__
from igaku.corpus.documents import Document, files_of, line_of, read_documents
from igaku.engines.embedded import file_sha256
from igaku.errors import IgakuError
from igaku.run import write_whole

SAMPLES = 5
"""Dropped documents kept as samples for each reason."""


class Dropped(Struct, frozen=True):
    """A document that a step took out: the reason to count it by, and what was found."""

    document: Document
    reason: str
    found: str


class Sample(Struct, frozen=True):
    """One dropped document, to be looked at."""

    id: str
    reason: str
    found: str
    text: str
    """Its first 300 characters."""


class Manifest(Struct, kw_only=True):
    """``manifest.json`` of a step's folder."""

    step: str
    igaku: str = __version__
    settings: dict[str, Any]
    inputs: dict[str, str]
    """File name -> SHA-256 of what was read."""
    read: int = 0
    kept: int = 0
    characters_read: int = 0
    characters_kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    output: str = ""
    """SHA-256 of ``documents.jsonl``."""


def run_step(
    step: str, inputs: Iterable[Path], out: Path, settings: dict[str, Any], work: Any
) -> Manifest:  # fmt: skip
    """Stream documents through ``work`` (documents in; documents and ``Dropped`` out) into ``out``; done before, it is not done again.

    Raises:
        IgakuError: something cannot be read or written, or ``out`` holds another step's work.
    """
    files = files_of(inputs)
    manifest = Manifest(step=step, settings=settings, inputs={f.name: file_sha256(f) for f in files})
    if before := _before(out):
        if (before.step, before.settings, before.inputs, before.igaku) == (
            step,
            settings,
            manifest.inputs,
            __version__,
        ):
            return before
        raise IgakuError(f"{out}: holds the work of another step, input or setting; give another --out")
    out.mkdir(parents=True, exist_ok=True)
    reasons: Counter[str] = Counter()
    partial = out / "documents.jsonl.partial"
    digest = hashlib.sha256()
    with partial.open("w", encoding="utf-8") as file:
        for result in work(_counted(read_documents(files), manifest)):
            if isinstance(result, Dropped):
                reasons[result.reason] += 1
                if reasons[result.reason] <= SAMPLES:
                    d = result.document
                    manifest.samples.append(Sample(d.id, result.reason, result.found, d.text[:300]))
                continue
            line = line_of(result)
            file.write(line)
            digest.update(line.encode())
            manifest.kept += 1
            manifest.characters_kept += len(result.text)
    partial.replace(out / "documents.jsonl")
    manifest.dropped, manifest.output = dict(reasons), digest.hexdigest()
    write_whole(out / "manifest.json", json.dumps(msgspec.to_builtins(manifest), ensure_ascii=False, indent=1) + "\n")
    return manifest


def _counted(documents: Iterator[Document], manifest: Manifest) -> Iterator[Document]:
    for document in documents:
        manifest.read += 1
        manifest.characters_read += len(document.text)
        yield document


def _before(out: Path) -> Manifest | None:
    file = out / "manifest.json"
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IgakuError(f"{file}: cannot be read as a step's manifest ({error})") from None
