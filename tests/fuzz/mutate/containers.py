"""Damage of files with a structure of their own: zip, Parquet, safetensors, GGUF."""

import io
import json
import struct
import zipfile
from random import Random
from typing import Any
from warnings import catch_warnings

from .raw import BYTES
from .trees import damaged, dump, odd_value


def zipped(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """An entry whose content, name or packing is damaged."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = rng.randrange(len(entries))
    name, content = entries[at]
    way = rng.choice(("content", "content", "content", "bytes", "name", "lost", "twice", "bomb", "folder", "more"))
    if way == "content":
        found, value = damaged(json.loads(content), rng)
        way, entries[at] = found.replace("json", "zip"), (name, dump(value))
    elif way == "bytes":
        entries[at] = (name, BYTES(content, rng)[1])
    elif way == "name":
        entries[at] = (
            rng.choice(("../../evil", "/evil", "a\\..\\b", "samples/x/../..", "s" * 300, "\u202e", "header.json")),
            content,
        )
    elif way == "lost":
        del entries[at]
    elif way == "bomb":
        entries[at] = (name, b'"' + b"a" * 300_000_000 + b'"')
    else:
        entries += {"twice": [entries[at]], "folder": [("samples/", b"")]}.get(
            way, [(f"samples/{i}.json", content) for i in range(2000)]
        )
    return way if way.startswith("zip") else f"zip-{way}", _packed(entries, rng)


CELLS = (
    b'<c r="A1"', b'r="XFD1048576"', b'<row r="999999999">', b't="s"', b't="e"', b't="d"', b't="b"', b't="str"',
    b"<f>SUM(A1:A9)</f>", b"<v>1e999</v>", b"<v>-1</v>", b"<v>99999999</v>", b"</row>", b"</c>", b"<is><t>x</t></is>",
    b'<mergeCell ref="A1:XFD1048576"/>', b"<!DOCTYPE a>", b"&#x0;", b"&amp;", b"_x000D_", b's="999"', b"</sheetData>",
)  # fmt: skip
"""What stands in a sheet, and what must not."""


def workbook(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A part of a workbook is damaged, lost, doubled, or unpacks without end."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    sheets = [i for i, (name, _) in enumerate(entries) if "sheet" in name or "Strings" in name or "styles" in name]
    at = rng.choice(sheets) if rng.random() < 0.7 else rng.randrange(len(entries))
    name, content = entries[at]
    way = rng.choice(("cells", "cells", "cells", "bytes", "lost", "twice", "bomb", "many"))
    if way == "cells":
        for _ in range(rng.choice((1, 1, 2, 5))):
            cut = rng.randrange(len(content) + 1)
            content = content[:cut] + rng.choice(CELLS) + content[cut + rng.choice((0, 0, 8, 30)) :]
        entries[at] = (name, content)
    elif way == "lost":
        del entries[at]
    elif way == "twice":
        entries.append(entries[at])
    else:
        bomb = b"<a>" + b"x" * 300_000_000
        damaged = {"bytes": BYTES(content, rng)[1], "bomb": bomb}
        entries[at] = (name, damaged.get(way, content + b"<row><c/></row>" * 400_000))
    return f"xlsx-{way}", _packed(entries, rng)


def _packed(entries: list[tuple[str, bytes]], rng: Random) -> bytes:
    out, how = io.BytesIO(), rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    with catch_warnings(action="ignore"), zipfile.ZipFile(out, "w", how) as archive:  # two entries of one name
        for name, content in entries:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if len(content) > 10**6 else None)
    return out.getvalue()


def encrypted_zip(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A flag, a method, a size or a checksum of one header is another one."""
    out = bytearray(raw)
    signature = rng.choice((b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"))
    at = raw.find(signature)
    field = rng.choice((4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 30, 42))
    if at >= 0 and at + field < len(out):
        out[at + field] ^= rng.choice((1, 8, 0xFF))
    return "zip-header", bytes(out)


def parquet(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A table with another value or type somewhere, without a column, or with its bytes damaged between the ends."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Any] = pq.read_table(io.BytesIO(raw)).to_pylist()
    for _ in range(20):
        try:
            return "parquet-tree", _table(rows, rng)
        except (pa.ArrowException, TypeError, ValueError, OverflowError, UnicodeError):
            continue
    name, middle = BYTES(raw[4:-4], rng)
    return f"parquet-{name}", raw[:4] + middle + raw[-4:]


def _table(rows: list[Any], rng: Random) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    column, odd, out = rng.choice(list(rows[0])), odd_value(rng), io.BytesIO()
    if rng.random() < 0.5:
        _, one = damaged(rows[0], rng)
        rows = [one] * len(rows)
    elif rng.random() < 0.2:
        rows = [{k: v for k, v in row.items() if k != column} for row in rows]
    else:
        rows = [{**row, column: odd} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def safetensors(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A header that says something else, or a body that is shorter, longer, or not numbers."""
    (length,) = struct.unpack("<Q", raw[:8])
    header, body = raw[8 : 8 + length], raw[8 + length :]
    way = rng.choice(("header", "header", "header", "length", "body", "nan", "text", "empty"))
    if way == "header":
        name, value = damaged(json.loads(header), rng)
        header = dump(value)
        return name.replace("json", "safetensors"), struct.pack("<Q", len(header)) + header + body
    if way == "length":
        size = rng.choice((0, 1, 2**62, 2**63 + 5, 100_000_000, length - 3, length + 9))
        return "safetensors-length", struct.pack("<Q", size) + header + body
    if way == "text":
        return "safetensors-text", raw[:8] + BYTES(header, rng)[1] + body
    body = {"body": body[: rng.randrange(len(body) + 1)], "nan": b"\xff\xff\xff\x7f" * (len(body) // 4)}.get(way, b"")
    return f"safetensors-{way}", raw[: 8 + length] + body


def gguf(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A count, length or type in the header is another one."""
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.choice((4, 8, 16, rng.randrange(24, max(25, min(len(raw) - 9, 3000)))))
        number = rng.choice((0, 1, 2**31, 2**60, 2**64 - 1, rng.randrange(2**16)))
        out[at : at + 8] = struct.pack("<Q", number)
    return "gguf-number", bytes(out)
