"""Pictures of questions, copied beside the pages: only files that begin like a picture, under names of our own."""

import re
from collections.abc import Iterable
from pathlib import Path

from igaku.io.hashing import digest

FOLDER = "pictures"
MOST = 20_000_000
"""Bytes of one picture; a larger file is left out."""
KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.S), "webp"),
)
"""How a file begins, and the ending of its copy. SVG is none of them: it can hold scripts."""


def copied(paths: Iterable[str], site: Path) -> list[str]:
    """Copy pictures into a site; their names from its pages. A file that is missing or no picture has an empty name."""
    return [_copied(Path(path), site) for path in paths]


def _copied(path: Path, site: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > MOST:
            return ""
        content = path.read_bytes()
    except OSError:
        return ""
    kind = next((kind for begin, kind in KINDS if begin.match(content)), "")
    if not kind:
        return ""
    name = f"{FOLDER}/{digest(content)[:16]}.{kind}"
    (site / FOLDER).mkdir(exist_ok=True)
    if not (site / name).exists():
        (site / name).write_bytes(content)
    return name
