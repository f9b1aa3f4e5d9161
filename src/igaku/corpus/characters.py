"""Characters of medical text in one form.

NFKC alone damages medical text: 10⁵ becomes 105, ①頭痛②発熱 becomes 1頭痛2発熱, 1½ becomes 11/2, ㏗ becomes PH. Here
every character that NFKC would change is looked up in a table of ours first; full-width punctuation beside Japanese is
kept.
"""

import re
import sys
import unicodedata
from functools import cache

_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni"))
_UNCHANGED = "…‥　（）！？：；，．～／［］｛｝＝％＋－＊＆＜＞™℠"
_REPLACED = {
    "℃": "℃",
    "℉": "℉",
    "㏄": "cc",
    "㏗": "pH",
    "…": "…",
    "‥": "‥",
    "～": "〜",
    "​": "",
    "\ufeff": "",
    "\u00ad": "",
    "´": "'",
    "‐": "-",
    "‑": "-",
}
_SQUARED = [(c, u, p) for row, p in (("㎟㎠㎡㎢", 2), ("㎣㎤㎥㎦", 3)) for c, u in zip(row, ("mm", "cm", "m", "km"))]
_NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffd\ue000-\uf8ff]"
)
_FULL = re.compile("[（）！？：；，．／［］｛｝＝％＋－＊＆＜＞]")
_SUPERS = re.compile("[" + "".join(_SUPER) + "]+")
_MASS = re.compile(r"(?<![A-Za-z0-9)])([⁰¹²³⁴-⁹]{1,3}ᵐ?)(?=[A-Z][a-z]?(?![a-z]))")
_SIGNED = re.compile("[（(]([-−－＋+±])[）)]")
_BRACKET = re.compile("[()（）]|\n\n")
_DEGREE = re.compile("(?<=[0-9０-９])ﾟ")
_BLANKS = re.compile(r"[^\S\n]+")


def characters(text: str) -> str:
    """Width, units, powers and numbered marks in one form; control characters are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _BLANKS.sub(" ", _NOT_TEXT.sub("", text))
    text = _SIGNED.sub(r"(\1)", _DEGREE.sub("°", text))
    text = _MASS.sub(lambda m: unicodedata.normalize("NFKC", m[1]), text)
    text = _SUPERS.sub(_power, text)
    text = unicodedata.normalize("NFC", _NOT_TEXT.sub("", text).translate(_table()))
    text = _in_pairs(_FULL.sub(_punctuation, text))
    return _BLANKS.sub(" ", text)


def japanese(character: str) -> bool:
    """Kana, kanji, and the signs that stand only between these."""
    return "\u3040" <= character <= "\u9fff" or character in "、。々ー（）"


def _power(m: re.Match[str]) -> str:
    """10⁵ → 10^5, m² → m^2; a note's number such as 報告³⁾ keeps its bracket, and is stripped with the citations."""
    return "^" + "".join(_SUPER[c] for c in m[0])


def _punctuation(m: re.Match[str]) -> str:
    text, i = m.string, m.start()
    beside = (text[i - 1] if i else "") + (text[i + 1] if i + 1 < len(text) else "")
    if any(japanese(c) for c in beside) and m[0] in "（）！？：；":
        return m[0]
    if m[0] in "，．":
        before = text[i - 1] if i else ""
        after = text[i + 1] if i + 1 < len(text) else ""
        if not (before.isdigit() and after.isdigit()) and (japanese(before) or japanese(after) or before in "）)"):
            return "、" if m[0] == "，" else "。"
    return unicodedata.normalize("NFKC", m[0])


def _in_pairs(text: str) -> str:
    """Both brackets of a pair in the width for Japanese where one of them has it: CRP（0.3以下）, not CRP(0.3以下）."""
    if "（" not in text and "）" not in text:
        return text
    wide, open_at = list[int](), list[int]()
    for m in _BRACKET.finditer(text):
        if m[0] in "(（":
            open_at.append(m.start())
        elif m[0] == "\n\n":
            open_at.clear()
        elif open_at and text[(start := open_at.pop())] + m[0] in ("(）", "（)"):
            wide += [start, m.start()]
    if not wide:
        return text
    out = list(text)
    for i in wide:
        out[i] = "（" if out[i] in "(（" else "）"
    return "".join(out)


@cache
def _table() -> dict[int, str]:
    """Every character that NFKC changes, with what becomes of it here."""
    unchanged = {ord(c) for c in _UNCHANGED} - {ord("　")}
    table = {}
    for code in range(0xA0, sys.maxunicode + 1):
        c = chr(code)
        if code in unchanged or 0xD800 <= code < 0xE000:
            continue
        changed = unicodedata.normalize("NFKC", c)
        if changed == c:
            continue
        name = unicodedata.name(c, "")
        if "CIRCLED" in name or "PARENTHESIZED" in name:
            inside = changed.strip("()")
            changed = f"({inside})"
        elif "VULGAR FRACTION" in name:
            changed = " " + changed.replace("\u2044", "/")
        table[code] = changed
    table |= {ord(k): f"{unit}^{power}" for k, unit, power in _SQUARED}
    # half-width voiced marks must join what is before them, which NFC does once they are combining marks
    table[0xFF9E], table[0xFF9F] = "\u3099", "\u309a"
    return table | {ord(k): v for k, v in _REPLACED.items()}
