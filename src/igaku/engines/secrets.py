"""A key that a server repeats is hidden before anything is read, written or shown.

It is looked for in the letters and digits alone, whatever stands between them and whichever their case: as it is,
backwards, and in the encodings in which servers and the libraries behind them print it. A part of it counts too, where
it is long enough to be no word.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from struct import Struct
from urllib.parse import quote

HIDDEN = "***"
SHORT = 8
"""A key of fewer characters (``none``, ``EMPTY``) is no secret; it is hidden only where it stands alone in an error."""
GRAM = 6
"""Characters that are compared first: any part of 11 or more holds one whole piece of this length somewhere."""
PART, WORDY = 12, 20
"""Characters from which on a part of a key is hidden: with a digit in it, and without one, which may be a word."""
_SMALL = bytes(range(256)).lower()
_OTHERS = bytes(c for c in range(256) if not chr(c).isalnum() or c > 127)
_PIECES = Struct(f"{GRAM}s").iter_unpack
_ESCAPED = re.compile(rb"\\u00[2-7]")


class Masker:
    """Hides keys in texts, in decoded JSON and in whole bodies."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = sorted({k for k in keys if k}, key=len, reverse=True)
        self._forms = [f for k in self._keys if _is_long(k) for f in _forms(k)]
        self._grams = {f[at : at + GRAM].encode() for f in self._forms for at in range(len(f) - GRAM + 1)}
        self._brief = [f.encode() for f in self._forms if len(f) < 2 * GRAM - 1]
        self._words = [re.compile(rf"(?<![A-Za-z0-9]){re.escape(k)}(?![A-Za-z0-9])") for k in self._keys]
        self._words += [re.compile(rf"{re.escape(k[:GRAM])}[^\s\"',;]*") for k in self._keys if _is_long(k)]

    def body(self, raw: bytes) -> bytes:
        """A response's bytes, as they are where no key is in them: most have none, and are looked at once."""
        if not self._forms or not (self._hints(raw) or _ESCAPED.search(raw)):
            return raw
        try:
            return json.dumps(self.value(json.loads(raw))).encode()
        except (ValueError, RecursionError):
            return self.text(raw.decode("utf-8", "replace")).encode("utf-8", "replace")

    def value(self, value: object) -> object:
        """Decoded JSON with every text in it masked, names of fields as well."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(v) for v in value]
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        return value

    def text(self, text: str) -> str:
        """One text."""
        if not self._forms or not self._hints(text.encode("utf-8", "replace")):
            return text
        at = [i for i, c in enumerate(text) if c.isascii() and c.isalnum()]
        small = "".join(text[i] for i in at).lower()
        out, end = [], 0
        for first, last in _joined(found for form in self._forms for found in _spans(small, form)):
            out += [text[end : at[first]], HIDDEN]
            end = at[last - 1] + 1
        return "".join([*out, text[end:]])

    def error(self, text: str) -> str:
        """An error's text, in which a short key that stands alone is hidden too, and what begins like a long one."""
        text = self.text(text)
        for word in self._words:
            text = word.sub(HIDDEN, text)
        return text

    def _hints(self, raw: bytes) -> bool:
        """Whether the letters and digits of some bytes may hold a key, or a part of one."""
        small = raw.translate(_SMALL, _OTHERS)
        pieces = chain.from_iterable(_PIECES(small[: len(small) // GRAM * GRAM]))
        return not self._grams.isdisjoint(pieces) or any(form in small for form in self._brief)


@lru_cache(maxsize=64)
def masker(*keys: str) -> Masker:
    """The masker of some keys, built once."""
    return Masker(keys)


def _is_long(key: str) -> bool:
    """Whether a key is a secret, and no word that a reply may hold."""
    return len(key) >= PART or (len(key) >= SHORT and any(c.isdigit() for c in key) and not key.isdigit())


def _forms(key: str) -> list[str]:
    """A key as it may be printed, each form in its letters and digits: plain, backwards, quoted for an address, in
    hexadecimal, as JSON's and HTML's numbers, and in base64 at each of the three offsets (``Bearer`` before it)."""
    raw = key.encode()
    codes = (raw.hex(), "".join(f"u{b:04x}" for b in raw), "".join(map(str, raw)), "".join(f"x{b:x}" for b in raw))
    shifted = (b64encode(b" " * n + raw).decode()[(0, 2, 3)[n] :] for n in range(3))
    whole = [s[: len(s.rstrip("=")) - (1 if s.endswith("=") else 0)] for s in shifted]
    all_forms = [key, key[::-1], quote(key, safe=""), *codes, *whole]
    small = ("".join(c for c in f if c.isalnum()).lower() for f in all_forms)
    return [f for f in dict.fromkeys(small) if len(f) >= SHORT]


def _spans(small: str, form: str) -> Iterable[tuple[int, int]]:
    """Where a form, or a long part of it, stands."""
    for start in range(0, len(form) - GRAM + 1, GRAM):
        gram, at = form[start : start + GRAM], -1
        while (at := small.find(gram, at + 1)) >= 0:
            first, last, low, high = at, at + GRAM, start, start + GRAM
            while first and low and small[first - 1] == form[low - 1]:
                first, low = first - 1, low - 1
            while last < len(small) and high < len(form) and small[last] == form[high]:
                last, high = last + 1, high + 1
            part = small[first:last]
            if part == form or len(part) >= (PART if any(c.isdigit() for c in part) else WORDY):
                yield first, last


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch as one."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if out and first <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], last)
        else:
            out.append((first, last))
    return out
