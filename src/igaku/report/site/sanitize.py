"""Text of a model or a file for display: no invisible or direction-changing characters, no endless text."""

import re

HEAD, TAIL = 6_000, 1_000
"""Characters shown of a longer text: its beginning, and its end, where a model gives its answer."""
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_COMBINING}]{{3}})[{_COMBINING}]+")


def sanitize_for_display(text: str) -> str:
    """Cut a very long text in its middle, name invisible and direction-changing characters, keep three stacked marks.

    >>> sanitize_for_display("a\\x00b\\u202ec")
    'a␀b⟦U+202E⟧c'
    """
    if len(text) > HEAD + TAIL + 200:
        text = f"{text[:HEAD]}\n⟦… {len(text) - HEAD - TAIL:,} …⟧\n{text[-TAIL:]}"
    text = text.replace("\r\n", "\n")
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub(lambda m: _name(m[0]), text)
    return _STACKED.sub(r"\1", text)


def _name(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else f"⟦U+{code:04X}⟧"
