"""Which encoding a text is in that is not UTF-8, and how its owner turns it into UTF-8.

Nothing is read by a guess: bytes that are no UTF-8 may be valid in several encodings, and a wrong one gives other
characters without an error. The guess goes into the line that says what to do.
"""

import codecs

SAMPLE = 1 << 16
"""Bytes from the beginning that show the encoding."""
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks; the longer ones first, since one begins with another."""
TITLES = {"CP932": "CP932 (Shift-JIS, which Excel saves as plain CSV)", "UTF-16": "UTF-16 (Excel's Unicode text)"}
_DECODERS = {"CP932": "cp932", "EUC-JP": "euc_jp"}


def guessed(data: bytes) -> str:
    """``CP932``, ``EUC-JP``, ``ISO-2022-JP``, ``UTF-16`` (``LE`` or ``BE`` without a mark), ``UTF-32``; empty if none.

    Args:
        data: the beginning of a text, which may end inside a character.
    """
    data = data[:SAMPLE]
    for begins, name in MARKS.items():
        if data.startswith(begins):
            return name
    if nuls := data.count(0):
        return "UTF-16LE" if data[1::2].count(0) * 2 > nuls else "UTF-16BE"
    if b"\x1b$" in data:
        return "ISO-2022-JP"
    odd = {name: n for name, codec in _DECODERS.items() if (n := _oddities(data, codec)) is not None}
    return min(odd, key=lambda name: odd[name]) if odd else ""


def _oddities(data: bytes, codec: str) -> int | None:
    """Characters that Japanese texts seldom have: katakana of half width, private ones; None where it does not decode,
    or most of it is odd."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data, final=False)
    except UnicodeDecodeError:
        return None
    wide = [c for c in text if ord(c) > 0x7F]
    odd = sum("\uff61" <= c <= "\uff9f" or "\ue000" <= c <= "\uf8ff" or "\x80" <= c < "\xa0" for c in wide)
    return odd if wide and odd * 2 <= len(wide) else None


def advice(data: bytes) -> str:
    """What the text seems to be, and how to convert it on any system."""
    name = guessed(data)
    seems = f"it seems to be {TITLES.get(name[:6], name)}; " if name else ""
    command = f"iconv -f {name} -t UTF-8 FILE > NEW" if name else "iconv -f ENCODING -t UTF-8 FILE > NEW"
    return (
        f"{seems}convert the file: in Excel save it as 'CSV UTF-8' or give the .xlsx itself, in Notepad save it with "
        f"encoding UTF-8, on Linux and macOS {command}"
    )


def is_disguised(data: bytes) -> bool:
    """Whether bytes that pass as UTF-8 are another encoding: a NUL beside each character, or the escapes of JIS."""
    return data.count(0) * 4 > len(data) or b"\x1b$B" in data or b"\x1b$@" in data
