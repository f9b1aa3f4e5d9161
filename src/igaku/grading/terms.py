"""terms: a list of expressions found in a text (named entities), read from whatever form a model gives it.

A JSON or Python list is scanned, never evaluated; else bullets, numbered lines or separated words are read. Scores are
F1 of the set, exact (widths and blanks unified) and partial (one expression inside the other, matched one to one).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from igaku.grading.reply_text import clean, is_refusal
from igaku.io.patterns import lazy

_CLOSES = {"'": "'", '"': '"', "「": "」", "『": "』"}
_FIELD = lazy(r"\"(?:text|term|entity|表現|name)\"\s*:\s*\"((?:[^\"\\\n]|\\.)*)\"", re.I)
NOTHING = lazy(
    r"^\W*(?:[^、,\n]{0,20}(?:見当たり|見つかり|含まれてい|存在し|あり)ません(?:でした)?|該当(?:する(?:もの|表現))?(?:は)?(?:なし|無し|ありません|ない)|(?:特に)?(?:なし|ありません)|none|nothing|n/?a)\W*$",
    re.I,
)
_BULLET = lazy(r"^\s*(?:[-*•・●○◦▪]|\(?\d{1,2}(?:[.)）:：、]|\s(?=\D)))\s*")
_SEPARATED = lazy(r"[、,，/／;；]\s*")
_REMARK = lazy(r"(?:[:：]| - | – |—|（|\().*$")
_ANCHOR = lazy(r"(?:答え|回答|解答|抽出結果|表現|answer|entities)\s*(?:は|:|：)\s*", re.I)


def read_terms(reply: str) -> tuple[str, ...] | None:
    """The expressions a reply lists, each once, in order; () where it says that there are none, None if unreadable."""
    cleaned = clean(reply)
    text = re.sub(r"```\w*", "", cleaned.text).strip()
    if cleaned.cut or not text:
        return None
    found = _bracketed(text)
    if found is not None:
        return _once(found)
    if NOTHING.match(text):
        return ()
    lines = [line for line in text.split("\n") if line.strip()]
    if bullets := [line for line in lines if _BULLET.match(line)]:
        return _once(_item(_BULLET.sub("", b)) for b in bullets)
    if rows := [line for line in lines if line.lstrip().startswith("|")]:
        return _once(_item(row.split("|")[1]) for row in rows[1:] if not set(row) <= set("|-: "))
    if is_refusal(text):
        return None
    if quoted := _quotes(text):
        return _once(quoted)
    paragraph = text.split("\n\n")[0].split("\n")
    if len(paragraph) > 1 and all(len(line) <= 40 for line in paragraph):
        return _once(_item(line) for line in paragraph if not line.rstrip().endswith((":", "です。", "ます。")))
    items = [_item(i) for i in _SEPARATED.split(_ANCHOR.split(paragraph[0])[-1])]
    return _once(items) if all(len(i) <= 60 for i in items) else None


def _bracketed(text: str) -> list[str] | None:
    """The quoted items of the last bracketed list, closed or cut; None where there is no list."""
    starts = [m.start() for m in re.finditer(r"\[(?=\s*(?:['\"「『\]{]|$))", text)]
    if not starts:
        return None
    rest = text[starts[-1] + 1 :]
    if rest.lstrip().startswith("{"):
        return [m[1] for m in _FIELD.finditer(rest)]
    return _quotes(rest[: _closing(rest)])


def _closing(text: str) -> int:
    """Where the list ends: its bracket outside quotes, else the end of the text."""
    inside = -1
    quoted = dict(_spans(text))
    for i, c in enumerate(text):
        if i > inside and c == "]":
            return i
        inside = quoted.get(i, inside)
    return len(text)


def _quotes(text: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", text[start + 1 : end]) for start, end in _spans(text)]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Positions of opening and closing quotes, on one line each, in linear time however many are never closed."""
    ends = {opening: _ends(text, closing) for opening, closing in _CLOSES.items() if opening in text}
    i = 0
    while i < len(text):
        end = ends[text[i]][i + 1] if text[i] in ends else -1
        if end >= 0:
            yield i, end
        i = max(i, end) + 1


def _ends(text: str, closing: str) -> list[int]:
    """For each position, where a quote that begins there is closed; -1 where its line ends first."""
    escapes = closing in "'\""
    out = [-1] * (len(text) + 2)
    for i in range(len(text) - 1, -1, -1):
        if text[i] == closing:
            out[i] = i
        elif escapes and text[i] == "\\":
            out[i] = -1 if text[i + 1 : i + 2] == "\n" else out[i + 2]
        elif text[i] != "\n":
            out[i] = out[i + 1]
    return out


def _item(text: str) -> str:
    text = text.replace("**", "")
    remark = _REMARK.search(text)
    return (text[: remark.start()].rstrip() if remark else text).strip(" \t。.*`'\"「」『』")


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i.strip() for i in items if i.strip()))


def bare_term(term: str) -> str:
    """NFKC, lower case, no blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", term)).lower()


def scores(read: Sequence[str], gold: Sequence[str]) -> dict[str, float]:
    """Precision, recall and F1, exact and partial, of two sets of expressions."""
    listed, golds = {bare_term(t) for t in read}, {bare_term(t) for t in gold}
    exact = len(listed & golds)
    partial = matched([[a in b or b in a for b in golds] for a in listed])
    return {**_f1("", exact, len(listed), len(golds)), **_f1("partial_", partial, len(listed), len(golds))}


def _f1(name: str, hits: int, listed: int, golds: int) -> dict[str, float]:
    precision, recall = (hits / n if n else float(listed == golds) for n in (listed, golds))
    return {f"{name}precision": precision, f"{name}recall": recall, f"{name}f1": f1(hits, hits, listed, golds)}


def f1(hit_listed: int, hit_golds: int, listed: int, golds: int) -> float:
    """Harmonic mean of hit_listed / listed and hit_golds / golds; 1 where both sides are empty."""
    if not listed and not golds:
        return 1.0
    precision, recall = hit_listed / listed if listed else 0.0, hit_golds / golds if golds else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def matched(allowed: Sequence[Sequence[bool]]) -> int:
    """Size of the largest one-to-one matching (augmenting paths) of rows to columns that ``allowed`` permits."""
    taken: dict[int, int] = {}

    def assign(row: int, seen: set[int]) -> bool:
        for column, ok in enumerate(allowed[row]):
            if ok and column not in seen:
                seen.add(column)
                if column not in taken or assign(taken[column], seen):
                    taken[column] = row
                    return True
        return False

    return sum(assign(row, set()) for row in range(len(allowed)))
