"""What a step did: read, kept, dropped and why, with samples for a reviewer, and the steps its input came through."""

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku._version import __version__
from igaku.corpus.documents import Document, short_names
from igaku.corpus.licences import what_follows
from igaku.io.files import write_json, write_whole
from igaku.io.hashing import file_sha256
from igaku.io.json_values import decode
from igaku.provenance import joined
from igaku.tables import Table, Value

SAMPLES = 5
"""Dropped documents kept as samples for each reason."""
DOCUMENTS = "documents.jsonl"
PARTIAL = DOCUMENTS + ".partial"
READ_ON = "persons were looked for by rules and a dictionary; no tool replaces someone who reads the text"
_MARKUP = re.compile(r"[&\\`*_|\[\]<>#]")


class Dropped(Struct, frozen=True):
    """A document that a step took out: the reason to count it by, and what was found."""

    document: Document
    reason: str
    found: str = ""


class Sample(Struct, frozen=True):
    """One dropped document, or one piece that a rule took out of a document, to be looked at."""

    id: str
    reason: str
    found: str
    text: str
    """The first 300 characters."""


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
    """Benchmarks of which no question is in the output: checked in this step, or in all that was read."""
    past: dict[str, list[Past]] = field(default_factory=dict)
    """File -> the steps it came through, in their order; none where igaku did not write it."""
    licences: dict[str, str] = field(default_factory=dict)
    """Source -> licence of what went in; empty where none is known."""
    read: int = 0
    retained: int = field(default=0, name="kept")
    """Documents that were written."""
    characters_read: int = 0
    characters_retained: int = field(default=0, name="characters_kept")
    dropped: dict[str, int] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)
    """What else the step counted: replacements, pairs, tokens."""
    samples: list[Sample] = field(default_factory=list)
    output: str = ""
    """SHA-256 of ``documents.jsonl``."""

    def tables(self) -> list[Table]:
        """What was dropped and why, and what else was counted."""
        dropped: list[list[Value]] = [[r, n] for r, n in sorted(self.dropped.items())]
        counts: list[list[Value]] = [[k, f"{v:,g}"] for k, v in self.counts.items()]
        tables = [
            Table(name="dropped", columns={"reason": "text", "dropped": "count"}, rows=dropped),
            Table(name="counted", columns={"counted": "text", "n": "text"}, rows=counts),
        ]
        return [t for t in tables if t.rows]

    def notes(self) -> list[str]:
        """The number of documents that are kept, and what a person must still do."""
        return [f"{self.read:,} documents read, {self.retained:,} kept", *self.warnings()]

    def warnings(self) -> list[str]:
        """What a person must still do, and what the licences ask for."""
        replaced = any(name.endswith(" replaced") for name in self.counts)
        return [*([READ_ON] if replaced else []), *what_follows(self.licences)]

    @property
    def stands_for(self) -> tuple[object, ...]:
        """What makes two runs of a step the same work."""
        return (self.step, self.settings, self.inputs, self.igaku)


def started(step: str, files: list[Path], settings: dict[str, Any]) -> Manifest:
    """The manifest of a step that begins: what it reads, and what that went through before."""
    settings = msgspec.json.decode(msgspec.json.encode(settings))  # as they will be read back
    names = short_names(files)
    hashes = {names[f]: file_sha256(f) for f in files}
    before = {names[f]: written_by(f, hashes[names[f]]) for f in files}
    past = {name: history(manifest) for name, manifest in before.items() if manifest}
    known = [set(manifest.clear) if manifest else set() for manifest in before.values()]
    clear = sorted(set.intersection(*known)) if known else []
    licences: dict[str, str] = {}
    for name, manifest in before.items():
        licences = joined(licences, manifest.licences, name) if manifest else licences
    return Manifest(step=step, settings=settings, inputs=hashes, past=past, clear=clear, licences=licences)


def written_by(file: Path, sha256: str = "") -> Manifest | None:
    """The manifest of the step that wrote a file; None where there is none, or where the file has changed since."""
    found = read_manifest(file.parent)
    return found if found and file.name == DOCUMENTS and found.output == (sha256 or file_sha256(file)) else None


def history(manifest: Manifest) -> list[Past]:
    """The steps that a step's output came through, its own the last."""
    before = [p for steps in manifest.past.values() for p in steps]
    mixed = [p for i, p in enumerate(before) if p not in before[:i]]
    return [*mixed, Past(manifest.step, manifest.settings, manifest.output)]


def read_manifest(folder: Path) -> Manifest | None:
    """A step's manifest; None where the step has not ended in this folder.

    Raises:
        IgakuError: it cannot be read.
    """
    file = folder / "manifest.json"
    if not file.exists():
        return None
    return decode(file, Manifest, "a step's manifest")


def write_manifest(out: Path, manifest: Manifest) -> None:
    """As JSON for programs, and as a page for a reviewer."""
    write_json(out / "manifest.json", manifest)
    write_whole(out / "MANIFEST.md", page(manifest))


def page(m: Manifest) -> str:
    """What a reviewer reads: numbers, reasons, and a few of the documents that were dropped."""
    head = (
        f"igaku {m.igaku}. {m.read:,} documents read, {m.retained:,} kept; "
        f"{m.characters_read:,} characters read, {m.characters_retained:,} kept."
    )
    settings = "Settings: " + "; ".join(f"{k} = {_cell(str(v))}" for k, v in m.settings.items())
    lines = [
        f"# {m.step}",
        "",
        *m.warnings(),
        head,
        "",
        *_counts(m),
        settings,
        "",
        "Read:",
        "",
        *_origins(m),
        *_samples(m),
    ]
    return "\n".join(lines) + "\n"


def _counts(m: Manifest) -> list[str]:
    lines = []
    if m.dropped:
        rows = sorted(m.dropped.items(), key=lambda x: -x[1])
        lines += ["| dropped because | documents |", "|---|---|", *(f"| {_cell(r)} | {n:,} |" for r, n in rows), ""]
    if m.counts:
        lines += ["| counted | |", "|---|---|", *(f"| {_cell(k)} | {v:,g} |" for k, v in m.counts.items()), ""]
    return lines


def _origins(m: Manifest) -> list[str]:
    steps = {
        n: " → ".join(_cell(p.step) for p in m.past.get(n, ())) or "not through any step of igaku" for n in m.inputs
    }
    return [f"- {_cell(name)} (SHA-256 {sha[:12]}), {steps[name]}" for name, sha in m.inputs.items()]


def _samples(m: Manifest) -> list[str]:
    rows = [f"- **{_cell(s.reason)}** {_cell(s.id)} {_cell(s.found)}: {_cell(s.text)}" for s in m.samples]
    return ["", "## Some of what was dropped or removed", "", *rows] if rows else []


def _cell(text: str) -> str:
    """A text of documents, which is hostile: without its markup, in one line."""
    return _MARKUP.sub(lambda m: f"&#{ord(m[0])};", " ".join(text.split()))
