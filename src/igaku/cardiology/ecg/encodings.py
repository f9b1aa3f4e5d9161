"""XML in a Japanese encoding, which XML readers of single bytes refuse: written anew in UTF-8, next to nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from igaku.errors import IgakuError

_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_CODECS = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms932": "cp932", "cp932": "cp932", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp",
}  # fmt: skip
"""Declared name -> Python's codec."""


@contextmanager
def in_utf8(path: Path) -> Iterator[Path]:
    """The file, or, where it declares a Japanese encoding, a copy in UTF-8 that lasts as long as the context.

    Raises:
        IgakuError: it is not in the encoding that it declares.
    """
    raw = path.read_bytes() if path.suffix.lower() == ".xml" else b""
    m = _DECLARED.match(raw[:200])
    codec = _CODECS.get(m[1].decode("ascii").lower()) if m else None
    if not m or codec is None:
        yield path
        return
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        raise IgakuError(f"{path}: declares {m[1].decode()}, but byte {error.start:,} is not; damaged") from None
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(text.replace(m[1].decode("ascii"), "UTF-8", 1), encoding="utf-8")
        yield copy
