"""Medical text in one form: characters, ruby, running heads, references, broken lines.

NFKC alone damages medical text: 10⁵ becomes 105, ①頭痛②発熱 becomes 1頭痛2発熱, 1½ becomes 11/2. Here every character
    that NFKC would change is looked up in a table of ours first; full-width punctuation beside Japanese is kept.
"""

import re
import sys
import unicodedata
from functools import cache
from itertools import pairwise

HEAD_DISTANCE = 5
"""Lines between two running heads, at least."""
_JA = "\u3040-\u30ff\u3400-\u9fff々〆ヶ"
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni"))
_UNCHANGED = "…‥　（）！？：；，．～／［］｛｝＝％＋－＊＆＜＞"
_REPLACED = {
    "℃": "℃",
    "℉": "℉",
    "㏄": "cc",
    "…": "…",
    "‥": "‥",
    "～": "〜",
    "​": "",
    "\ufeff": "",
    "­": "",
    "‐": "-",
    "‑": "-",
}
_NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffd\ue000-\uf8ff]"
)
_FULL = re.compile("[（）！？：；，．／［］｛｝＝％＋－＊＆＜＞]")
_SUPERS = re.compile("[" + "".join(_SUPER) + "]+")

_RUBY_HTML = re.compile(r"<ruby>(.*?)</ruby>", re.S)
_RT = re.compile(r"<rp>.*?</rp>|<rt>.*?</rt>|</?rb>", re.S)
_RUBY_AOZORA = re.compile(r"｜?([\u3400-\u9fff々]+)《[\u3041-\u309fー]+》")
_RUBY_PAREN = re.compile(r"([\u3400-\u9fff々]{1,8})[（(]([\u3041-\u309fー]{2,16})[）)]")
_NO_RUBY = frozenset(
    "など うち ただし または および やや とくに すなわち いわゆる なし あり のみ まれ つまり たとえば".split()  # noqa: SIM905
)
_PAGE = re.compile(
    r"^\s*(?:[-–—―‐]\s*\d{1,4}\s*[-–—―‐]|(?:p|pp|page|頁)\.?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?"
    r"|\d{1,4}\s*/\s*\d{1,4}|\d{1,4}\s*(?:頁|ページ))\s*$",
    re.I,
)
_REFERENCES = re.compile(
    r"^\s*(?:#+\s*)?[【\[]?(?:参考文献|引用文献|文\s*献|References?|Bibliography)[】\]]?\s*[:：]?\s*$", re.I
)
_A_REFERENCE = re.compile(
    r"^\s*(?:[\[(（]?\d{1,3}[\])）.．:：]|[•・*-])|(?:19|20)\d\d\s*[;；:：)]|\bet al\b|\bdoi\b", re.I
)
_CITED = re.compile(r"\[\d{1,3}(?:\s*[-–,、]\s*\d{1,3})*\]|(?<=[^\s\d])\^\d{1,3}(?:[-–,]\d{1,3})*\)")
_HYPHEN = re.compile(r"(?<=[a-z]{2})-\n[ \t]*(?=[a-z]{2})")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
_DIGITS = re.compile(r"\d+")


def normalize(text: str) -> str:
    """The text in its one form; doing it twice changes nothing more."""
    return lines_joined(without_references(strip_running_heads(without_ruby(characters(text)))))


def characters(text: str) -> str:
    """Width, units, powers and numbered marks in one form; control characters are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _BLANKS.sub(" ", _NOT_TEXT.sub("", text))
    text = _SUPERS.sub(_power, text)
    text = unicodedata.normalize("NFC", _NOT_TEXT.sub("", text).translate(_table()))
    text = _FULL.sub(_punctuation, text)
    return _BLANKS.sub(" ", text)


def without_ruby(text: str) -> str:
    """Strip readings beside kanji: 心窩部（しんかぶ）, HTML's ruby, 《》."""
    if "<ruby>" in text:
        text = _RUBY_HTML.sub(lambda m: _RT.sub("", m[1]), text)
    if "《" in text:
        text = _RUBY_AOZORA.sub(r"\1", text)
    return _RUBY_PAREN.sub(_reading, text)


def strip_running_heads(text: str) -> str:
    """Strip page numbers, and short lines that come back on every page (running heads).

    Rows of a table, which stand closer together, are kept.
    """
    if "\n" not in text:
        return text
    lines = [line.strip() for line in text.split("\n")]
    seen: dict[str, list[int]] = {}
    for n, line in enumerate(lines):
        if 4 <= len(line) <= 60 and line[-1] not in "。.!?！？」":
            seen.setdefault(_DIGITS.sub("0", line), []).append(n)
    running = {m for m, at in seen.items() if len(at) >= 3 and min(b - a for a, b in pairwise(at)) >= HEAD_DISTANCE}
    body = [x for x in lines if not _PAGE.match(x) and (not x or len(x) > 60 or _DIGITS.sub("0", x) not in running)]
    return _MANY_LINES.sub("\n\n", "\n".join(body)).strip("\n")


def without_references(text: str) -> str:
    """Strip the list of references at the end, and the numbers that point at it."""
    if "\n" in text:
        lines = text.split("\n")
        for i in range(len(lines) - 1, -1, -1):
            if _REFERENCES.match(lines[i]):
                after = [x for x in lines[i + 1 :] if x.strip()]
                if sum(bool(_A_REFERENCE.search(x)) for x in after) * 2 >= len(after):
                    text = "\n".join(lines[:i]).rstrip()
                break
    return _CITED.sub("", text)


def lines_joined(text: str) -> str:
    """Join words divided at the end of a line, and Japanese sentences broken by the width of a page."""
    if "\n" not in text:
        return text.strip()
    text = _HYPHEN.sub("", text)
    lines = text.split("\n")
    longest = max(map(len, lines))
    out = [lines[0]]
    for before, line in pairwise(lines):
        broken = (
            before
            and line
            and len(before) >= max(12, 0.7 * longest)
            and longest <= 80
            and _japanese(before[-1])
            and _japanese(line[0])
            and before[-1] not in "。」』】！？"
        )
        if broken:
            out[-1] += line
        else:
            out.append(line)
    return "\n".join(out).strip()


def _japanese(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff" or character in "、。々ー（）"


def _power(m: re.Match[str]) -> str:
    """10⁵ → 10^5, m² → m^2; a note's number such as 報告³⁾ keeps its bracket, and is stripped with the citations."""
    return "^" + "".join(_SUPER[c] for c in m[0])


def _punctuation(m: re.Match[str]) -> str:
    text, i = m.string, m.start()
    beside = (text[i - 1] if i else "") + (text[i + 1] if i + 1 < len(text) else "")
    if any(_japanese(c) for c in beside) and m[0] in "（）！？：；":
        return m[0]
    if m[0] in "，．":
        before = text[i - 1] if i else ""
        after = text[i + 1] if i + 1 < len(text) else ""
        if not (before.isdigit() and after.isdigit()) and (_japanese(before) or _japanese(after) or before in "）)"):
            return "、" if m[0] == "，" else "。"
    return unicodedata.normalize("NFKC", m[0])


def _reading(m: re.Match[str]) -> str:
    return m[0] if m[2] in _NO_RUBY or len(m[2]) < len(m[1]) else m[1]


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
    # half-width voiced marks must join what is before them, which NFC does once they are combining marks
    table[0xFF9E], table[0xFF9F] = "\u3099", "\u309a"
    return table | {ord(k): v for k, v in _REPLACED.items()}
