"""Documents, read one at a time from files or folders of JSON Lines, Parquet and text; written as JSON Lines."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku.corpus.rows import TEXT, Row, strings
from igaku.errors import IgakuError
from igaku.io.json_values import check_values, decode_lines
from igaku.io.parquet import read_parquet
from igaku.io.read import read_text

SUFFIXES = (".jsonl", ".parquet", ".txt", ".md")


class Document(Struct, frozen=True):
    """One text. ``extra`` holds the other fields of its row, which every step hands on."""

    id: str
    text: str
    """Of a row without a text (a conversation, a preference): all that training could learn from it."""
    extra: Row = field(default_factory=dict)
    joined: bool = False
    """Whether the text is put together from other fields, and is not written."""

    @property
    def learnt(self) -> str:
        """All that training could learn from it."""
        return self.text if self.joined else "\n".join([self.text, *strings(self.extra)])


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files of paths and folders, in a fixed order.

    Raises:
        IgakuError: a path is not found, or holds nothing that can be read.
    """
    return [file for path in paths for file in _files(path)]


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise IgakuError(f"{path}: not found; give a file or a folder of {', '.join(SUFFIXES)}")
    found = [path]
    if path.is_dir():
        found = sorted(f for f in path.rglob("*") if f.suffix in SUFFIXES and f.is_file() and f.name != "MANIFEST.md")
    if not found or found[0].suffix not in SUFFIXES:
        raise IgakuError(f"{path}: no documents found; files must be {', '.join(SUFFIXES)}")
    return found


def read_documents(paths: Iterable[Path]) -> Iterator[Document]:
    """Yield the documents of files and folders; a row's id is its own, or the file's name and line.

    Raises:
        IgakuError: a file cannot be read, or a row has no text; the line says which.
    """
    files = files_of(paths)
    names = short_names(files)
    for file in files:
        if file.suffix in (".txt", ".md"):
            yield Document(names[file], read_text(file))
            continue
        for line, row in _jsonl(file) if file.suffix == ".jsonl" else read_parquet(file):
            name = next((n for n in TEXT if isinstance(row.get(n), str)), None)
            text = row[name] if name else "\n".join(strings(row))
            if name is None and not text.strip():
                raise IgakuError(
                    f"{file}, row {line}: no text; a field must be called {', '.join(TEXT)}, "
                    "or hold messages, an instruction, or prompt, chosen and rejected"
                )
            extra = {k: v for k, v in row.items() if k not in (name, "text", "id")}
            yield Document(str(row.get("id") or f"{names[file]}:{line}"), text, extra, name is None)


def _jsonl(file: Path) -> Iterator[tuple[int, Row]]:
    """One line in memory at a time."""
    for number, row in decode_lines(file, dict[str, Any], "a JSON object with the document's text"):
        check_values(row, f"{file}, line {number}")
        yield number, row


def short_names(files: list[Path]) -> dict[Path, str]:
    """Each file by its name, with as many of its folders as are needed to make the name unique."""
    out = {}
    for file in files:
        for n in range(1, len(file.parts) + 1):
            name = "/".join(file.parts[-n:])
            if sum("/".join(f.parts[-n:]) == name for f in files) == 1:
                break
        out[file] = name
    return out


def sample_evenly(documents: Iterator[Document], size: int, seed: int = 0) -> list[Document]:
    """``size`` documents drawn evenly in one pass (reservoir sampling), in their order."""
    rng = random.Random(seed)
    reservoir: list[tuple[int, Document]] = []
    for n, document in enumerate(documents):
        if n < size:
            reservoir.append((n, document))
        elif (at := rng.randrange(n + 1)) < size:
            reservoir[at] = (n, document)
    return [d for _, d in sorted(reservoir, key=lambda x: x[0])]


def line_of(document: Document) -> bytes:
    """One line of JSON."""
    text = {} if document.joined else {"text": document.text}
    return _encoder.encode({"id": document.id, **text, **document.extra}) + b"\n"


_encoder = msgspec.json.Encoder(enc_hook=str)
