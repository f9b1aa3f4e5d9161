"""error: does a reply say that a text holds an error, in which sentence, and what is right?

Read are JSON, labelled lines (``Sentence: 3`` / ``Correction: ...``), one line (``3: ...``, 「文3：…」), the whole text
written again with one sentence changed, and prose. A sentence that a reply calls right is not one that it calls wrong.
Where a reply names several sentences as wrong, none is taken: each text has at most one.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from igaku.grading.correction_words import (
    ARROW,
    CORRECTIONS,
    FINE,
    FLAGS,
    HEADED,
    IS_NO,
    IS_YES,
    LABEL,
    NAMED,
    NUMBER,
    ONE_LINE,
    OPEN,
    PLACES,
    QUOTED,
    RIGHT,
    RIGHT_LINE,
    TO,
    WRONG,
)
from igaku.grading.json_values import json_values, objects
from igaku.grading.reply_text import clean


class Found(NamedTuple):
    """What a reply says: an error or none, its sentence (None where it names no single one), the corrected text."""

    error: bool
    sentence: int | None = None
    correction: str = ""


def read_correction(reply: str, text: Mapping[int, str]) -> Found | None:
    """What a reply says of a text with these numbered sentences; None where it cannot be read."""
    cleaned = clean(reply)
    answer = re.sub(r"```\w*|\*\*|`|__|\\boxed\{([^{}\n]*)\}", r"\1", cleaned.text).strip()
    if cleaned.cut or not answer:
        return None
    for reader in (_json, _labelled, _rewritten, _short, _prose):
        if found := reader(answer, text):
            return found
    return None


def _json(answer: str, text: Mapping[int, str]) -> Found | None:
    found = [f for value in json_values(answer) for row in objects(value) if (f := _from_fields(row, text))]
    return found[-1] if found else None


def _labelled(answer: str, text: Mapping[int, str]) -> Found | None:
    """Lines ``label: value``; the last of each label counts, so that a summary goes before its reasoning."""
    row: dict[str, object] = {}
    for line in answer.split("\n"):
        if found := LABEL.match(line[:1000]) or HEADED.match(line[:1000]):
            label = re.sub(r"[\s_\-]+", "_", found[1].strip().lower())
            if label in FLAGS | RIGHT | PLACES | CORRECTIONS:
                row[label] = found[2].strip()
    return _from_fields(row, text) if row.keys() & (PLACES | FLAGS | RIGHT) else None


def _from_fields(row: Mapping[str, object], text: Mapping[int, str]) -> Found | None:
    flag = next((f for k in row if k in FLAGS and (f := _yes(row[k])) is not None), None)
    if flag is None and (right := next((_yes(row[k]) for k in row if k in RIGHT), None)) is not None:
        flag = not right
    values = [row[k] for k in row if k in PLACES] + [row[k] for k in row if k in FLAGS and flag is None]
    number = next((n for value in values if (n := _sentence(value, text)) is not None), None)
    if flag is False or (flag is None and number is None):
        named = any(k in PLACES for k in row) and any(k in CORRECTIONS | FLAGS for k in row)
        denied = all(v is None or IS_NO.fullmatch(str(v)) for v in values)
        return Found(False) if flag is False or (named and denied) else None
    correction = next((str(row[k]) for k in row if k in CORRECTIONS and isinstance(row[k], str)), "")
    return Found(True, number, _without_number(correction))


def _yes(value: object) -> bool | None:
    """A flag as it may be given; None for anything else, such as the sentence itself."""
    if isinstance(value, bool):
        return value
    word = "" if value is None else str(value)[:1000]
    return False if IS_NO.fullmatch(word) or _remark(word) else True if IS_YES.fullmatch(word) else None


def _sentence(value: object, text: Mapping[int, str]) -> int | None:
    """A sentence by its number, or by its own words."""
    if isinstance(value, bool) or value is None:
        return None
    word = unicodedata.normalize("NFKC", str(value))[:1000]
    same = [n for n, sentence in text.items() if plain(sentence) == plain(word)]
    if len(same) == 1:
        return same[0]
    if found := re.fullmatch(
        rf"\W*(?:sentence|文番号|文|第)?\s*{NUMBER}\s*(?:文目|番目の文|番|文|行目)?\W*", word, re.I
    ):
        return int(found[1]) if int(found[1]) in text else None
    if (found := ONE_LINE.match(word)) and int(found[1] or found[2]) in text:
        return int(found[1] or found[2])
    numbers = {n for n in _numbers(word) if n in text}
    return numbers.pop() if len(numbers) == 1 else _quoted(word, text)


def _short(answer: str, text: Mapping[int, str]) -> Found | None:
    """One line, or one in the end: ``CORRECT``, ``3: corrected``, 「文3：…」."""
    lines = [line.strip()[:2000] for line in answer.split("\n") if line.strip()]
    if len(lines) == 1 and (
        bare := re.fullmatch(r"\W*(?:文番号|文|第|sentence)?\s*(\d{1,3})\s*文?\W*", lines[0], re.I)
    ):
        return Found(True, int(bare[1])) if int(bare[1]) in text and int(bare[1]) > 1 else None
    if RIGHT_LINE.fullmatch(lines[-1][:200]) or (len(lines) == 1 and IS_NO.fullmatch(lines[0][:200])):
        return Found(False)
    alone = [line for line in answer.split("\n\n")[-1].split("\n") if line.strip()]
    for some in (alone if len(alone) == 1 else [], lines if len(lines) <= 3 else []):
        found = [f for line in some if (f := _one_line(line, text))]
        if len(found) == 1:
            return found[0]
    return None


def _one_line(line: str, text: Mapping[int, str]) -> Found | None:
    """A line that gives a sentence's number and other words for it."""
    found = ONE_LINE.match(line.strip()[:2000])
    number = int(found[1] or found[2]) if found else -1
    if found is None or number not in text or _remark(found[3]) or plain(found[3]) == plain(text[number]):
        return None
    words = TO.search(found[3])
    return Found(True, number, words[1].strip() if words and words.start() < 12 else _after_arrow(found[3]))


def _remark(text: str) -> bool:
    """Whether a text is nothing but the statement that something is right."""
    return bool(FINE.search(text)) and len(plain(FINE.sub("", text))) < 12


def _rewritten(answer: str, text: Mapping[int, str]) -> Found | None:
    """The whole text again, with one sentence changed."""
    lines = [m for line in answer.split("\n") if (m := re.match(r"\W*(\d{1,3})[.:：)]?\s+?(.+)$", line[:4000]))]
    again = {int(m[1]): m[2] for m in lines if int(m[1]) in text}
    if len(again) < max(2, len(text) // 2):
        return None
    changed = [n for n in again if plain(again[n]) != plain(text[n])]
    return Found(True, changed[0], again[changed[0]].strip()) if len(changed) == 1 else None


def _prose(answer: str, text: Mapping[int, str]) -> Found | None:
    """Sentences that say of a numbered (or quoted) sentence that it is wrong."""
    wrong: list[int] = []
    fine = claimed = False
    for part in _parts(answer):
        claims = OPEN.sub(" ", part)
        good, bad = FINE.search(claims), WRONG.search(FINE.sub(" ", claims)) or ARROW.search(claims)
        fine, claimed = fine or bool(good), claimed or bool(bad)
        if bad:
            wrong += [n for n in _numbers(part) if n in text]
    if not wrong and claimed and (number := _quoted(answer, text)) is not None:
        wrong = [number]
    if wrong:
        return Found(True, wrong[0] if len(set(wrong)) == 1 else _concluded(answer, text), _correction(answer))
    if fine:
        return Found(False)
    numbers = {n for n in _numbers(answer) if n in text}
    if numbers or claimed:
        return Found(True, numbers.pop() if len(numbers) == 1 else None, _correction(answer)) if claimed else None
    return None


def _parts(answer: str) -> Iterator[str]:
    yield from (p for p in re.split(r"(?<=[。!?\n])|(?<=[a-z)])\.\s+(?=[A-Z])", answer) if p.strip())


def _numbers(text: str) -> list[int]:
    return [int(next(g for g in m.groups() if g)) for m in NAMED.finditer(text)]


def _concluded(answer: str, text: Mapping[int, str]) -> int | None:
    """The one sentence that the last lines name, where the reasoning before it names several."""
    for line in reversed(answer.split("\n")):
        if numbers := {n for n in _numbers(line) if n in text}:
            return numbers.pop() if len(numbers) == 1 else None
    return None


def _quoted(answer: str, text: Mapping[int, str]) -> int | None:
    """The one sentence whose words stand in the reply."""
    inside = plain(answer)
    hits = [n for n, sentence in text.items() if len(plain(sentence)) >= 8 and plain(sentence) in inside]
    return hits[0] if len(hits) == 1 else None


def _correction(answer: str) -> str:
    """The corrected words in prose: after an arrow, after "should be" or 「正しくは」, or the last quotation."""
    for line in reversed(answer.split("\n")):
        if ARROW.search(line):
            return _after_arrow(line)
    if found := TO.search(answer):
        return found[1].strip()
    quotes = QUOTED.findall(answer)
    return quotes[-1] if quotes else ""


def _after_arrow(line: str) -> str:
    return _without_number(ARROW.split(line)[-1].strip())


def _without_number(text: str) -> str:
    return re.sub(r"^\W*(?:sentence|文)?\s*\d{1,3}\s*[.:：、)]\s*(?=\D)", "", text, flags=re.I).strip()


def plain(text: str) -> str:
    """NFKC in lower case, without blanks, quotation marks and closing punctuation, commas and full stops alike."""
    text = re.sub(r"[\s「」『』\"“”'’`]", "", unicodedata.normalize("NFKC", text)).lower()
    return text.replace("。", ".").replace("、", ",").rstrip(".,")
