"""Documents, read one at a time from files or folders of JSON Lines, Parquet and text; written as JSON Lines."""

import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from igaku.errors import IgakuError
from igaku.io.json_values import check_values, decode_lines
from igaku.io.parquet import read_parquet
from igaku.io.read import read_text

SUFFIXES = (".jsonl", ".parquet", ".txt", ".md")
TEXT = ("text", "content", "body")
"""Fields that may hold a document's text, in this order."""
LEARNT = ("system", "instruction", "input", "output", "prompt", "chosen", "rejected")
"""Other fields that training learns from: whatever is done to a text is done to them too."""
TURNS = ("messages", "conversations", "prompt", "chosen", "rejected")
"""Fields that may hold turns of a conversation, each with its text in ``content`` or ``value``."""
SPOKEN = ("content", "value", "text", "reasoning_content", "thinking", "reasoning")
Row = dict[str, Any]


class Document(Struct, frozen=True):
    """One text. ``extra`` holds the other fields of its row, which every step hands on."""

    id: str
    text: str
    extra: Row = field(default_factory=dict)

    @property
    def learnt(self) -> str:
        """All that training could learn from it."""
        return "\n".join([self.text, *learnt_of(self.extra)])


def learnt_of(extra: Row) -> list[str]:
    """The texts of a row's other fields that training could learn from, those of turns included."""
    alone = [str(extra[k]) for k in LEARNT if extra.get(k) and not (k in TURNS and isinstance(extra[k], list))]
    return [*alone, *(t for k in TURNS if isinstance(extra.get(k), list) for t in _texts(extra[k]))]


def _texts(turns: object) -> Iterator[str]:
    """The texts of turns, and of contents in parts."""
    for turn in turns if isinstance(turns, list) else ():
        for name in SPOKEN if isinstance(turn, dict) else ():
            value = turn.get(name)
            yield from [value] if isinstance(value, str) and value else _texts(value)


def with_texts(extra: Row, texts: Mapping[str, str]) -> Row:
    """A row's other fields with each text of ``learnt_of`` replaced."""
    fields = {k: v for k, v in extra.items() if k in LEARNT or k in TURNS}
    return {**extra, **{k: _replaced(v, texts) for k, v in fields.items()}}


def _replaced(value: object, texts: Mapping[str, str]) -> object:
    """A text, or turns whose texts are replaced; all else is as it was."""
    if isinstance(value, str):
        return texts.get(value, value)
    if not isinstance(value, list):
        return value
    return [
        {k: _replaced(v, texts) if k in SPOKEN else v for k, v in turn.items()} if isinstance(turn, dict) else turn
        for turn in value
    ]


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
            if name is None and (texts := learnt_of(row)):
                name, row = "text", {**row, "text": "\n".join(texts)}
            if name is None:
                raise IgakuError(f"{file}, row {line}: no text; a field must be called {', '.join(TEXT)}")
            extra = {k: v for k, v in row.items() if k not in (name, "text", "id")}
            yield Document(str(row.get("id") or f"{names[file]}:{line}"), row[name], extra)


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
    return _encoder.encode({"id": document.id, "text": document.text, **document.extra}) + b"\n"


_encoder = msgspec.json.Encoder(enc_hook=str)
