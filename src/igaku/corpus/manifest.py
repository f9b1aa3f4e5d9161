"""What a step did: in, out, dropped and why, with samples that a reviewer can read, and which steps its input had been through."""

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku._version import __version__
from igaku.corpus.documents import Document, short_names
from igaku.errors import IgakuError
from igaku.io.files import write_json, write_whole
from igaku.io.hashing import file_sha256

SAMPLES = 5
"""Dropped documents kept as samples for each reason."""
DOCUMENTS = "documents.jsonl"
PARTIAL = DOCUMENTS + ".partial"
_MARKUP = re.compile(r"[&\\`*_|\[\]<>#]")


class Dropped(Struct, frozen=True):
    """A document that a step took out: the reason to count it by, and what was found."""

    document: Document
    reason: str
    found: str = ""


class Sample(Struct, frozen=True):
    """One dropped document, to be looked at."""

    id: str
    reason: str
    found: str
    text: str
    """Its first 300 characters."""


class Past(Struct, frozen=True):
    """A step that (part of) the input went through before."""

    step: str
    settings: dict[str, Any]
    output: str
    """SHA-256 of what that step wrote."""


class Manifest(Struct, kw_only=True):
    """``manifest.json`` of a step's folder."""

    step: str
    igaku: str = __version__
    settings: dict[str, Any]
    inputs: dict[str, str]
    """File -> SHA-256 of what was read."""
    clear: list[str] = field(default_factory=list)
    """Benchmarks of which no question is in the output: checked here, or in all that was read."""
    past: dict[str, list[Past]] = field(default_factory=dict)
    """File -> the steps it came through, the first first; none where igaku did not make it."""
    read: int = 0
    kept: int = 0
    characters_read: int = 0
    characters_kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)
    """What the step counted besides: replacements, pairs made, tokens."""
    samples: list[Sample] = field(default_factory=list)
    output: str = ""
    """SHA-256 of ``documents.jsonl``."""

    @property
    def stands_for(self) -> tuple[object, ...]:
        """What makes two runs of a step the same work."""
        return (self.step, self.settings, self.inputs, self.igaku)


def started(step: str, files: list[Path], settings: dict[str, Any]) -> Manifest:
    """The manifest of a step that begins: what it reads, and what that went through before."""
    settings = msgspec.json.decode(msgspec.json.encode(settings))  # as they will be read back
    names = short_names(files)
    hashes = {names[f]: file_sha256(f) for f in files}
    makers = {names[f]: made_by(f, hashes[names[f]]) for f in files}
    past = {name: history(made) for name, made in makers.items() if made}
    known = [set(made.clear) if made else set() for made in makers.values()]
    clear = sorted(set.intersection(*known)) if known else []
    return Manifest(step=step, settings=settings, inputs=hashes, past=past, clear=clear)


def made_by(file: Path, sha256: str = "") -> Manifest | None:
    """The manifest of the step that wrote a file; None where there is none, or where the file was changed since."""
    made = read_manifest(file.parent)
    return made if made and file.name == DOCUMENTS and made.output == (sha256 or file_sha256(file)) else None


def history(made: Manifest) -> list[Past]:
    """The steps that a step's output came through, its own the last."""
    before = [p for steps in made.past.values() for p in steps]
    mixed = [p for i, p in enumerate(before) if p not in before[:i]]
    return [*mixed, Past(made.step, made.settings, made.output)]


def read_manifest(folder: Path) -> Manifest | None:
    """A step's manifest, None where the step has not ended there.

    Raises:
        IgakuError: it cannot be read.
    """
    file = folder / "manifest.json"
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IgakuError(f"{file}: cannot be read as a step's manifest ({error})") from None


def write_manifest(out: Path, manifest: Manifest) -> None:
    """As JSON for programs, and as a page for a reviewer."""
    write_json(out / "manifest.json", manifest)
    write_whole(out / "MANIFEST.md", page(manifest))


def page(m: Manifest) -> str:
    """What a reviewer reads: numbers, reasons, and a few of the documents that are gone."""
    lines = [
        f"# {m.step}",
        "",
        f"igaku {m.igaku}. {m.read:,} documents read, {m.kept:,} kept; "
        f"{m.characters_read:,} characters read, {m.characters_kept:,} kept.",
        "",
    ]
    if m.dropped:
        lines += ["| dropped because | documents |", "|---|---|"]
        lines += [f"| {_cell(r)} | {n:,} |" for r, n in sorted(m.dropped.items(), key=lambda x: -x[1])] + [""]
    if m.counts:
        lines += ["| counted | |", "|---|---|", *(f"| {_cell(k)} | {v:,g} |" for k, v in m.counts.items()), ""]
    lines += ["Settings: " + "; ".join(f"{k} = {_cell(str(v))}" for k, v in m.settings.items()), "", "Read:", ""]
    for name, sha in m.inputs.items():
        came = " → ".join(_cell(p.step) for p in m.past.get(name, ())) or "not through any step of igaku"
        lines.append(f"- {_cell(name)} (SHA-256 {sha[:12]}), {came}")
    if m.samples:
        lines += ["", "## Some of what was dropped", ""]
        lines += [f"- **{_cell(s.reason)}** {_cell(s.id)} {_cell(s.found)}: {_cell(s.text)}" for s in m.samples]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text of documents is hostile: no markup of its own, one line."""
    return _MARKUP.sub(lambda m: f"&#{ord(m[0])};", " ".join(text.split()))
