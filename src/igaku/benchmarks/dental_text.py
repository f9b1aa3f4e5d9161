"""What OCR has done to the dentists' questions, undone where the file itself shows how."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from igaku.question import LETTERS

PLACEHOLDER = re.compile(r"【計算問題】.*")
_ANOTHER = re.compile(r"^[ \t　]*\d{3}[A-D]\d{1,3}(?!\d)", re.M)
"""「114A10（解答なし）」: the next question begins here."""
_HEADING = re.compile(r"^[ \t　]*次の文により([\d\s、,・〜~～-]+)の(?:問い|問題)に答えよ。?[ \t　]*", re.M)
_SUB = re.compile(r"^[ \t　]*([l\d]{1,3})(?![\d.,歳か年月日回つ名人本%％a-z])[ \t　\n]?", re.M)
_PAGE = re.compile(
    r"\n[ \t　]*(?:[A-DＡ-Ｄ]|問[ \t　]*)\d{1,3}[ \t　]*[〜～~\-−][ \t　]*"
    r"(?:[A-DＡ-Ｄ]|問[ \t　]*)?\d{1,3}[ \t　]*(?=\n|$)"
)
"""「A61〜A80」 or 「問21〜40」: the heading of the next page."""
_CHOOSE = re.compile(r"([1-8１-８lｌI])\s*つ\s*[選還]\s*(?:[べベぺペへ]|$)")
COMMON = re.compile(r"^[（(](\d{3}[A-D]\d{1,3})と共通[）)]\s*")
_FULL_WIDTH = {ord("ａ") + i: c for i, c in enumerate(LETTERS)} | {ord("Ａ") + i: c for i, c in enumerate(LETTERS)}
_CHOICE = re.compile(r"(?:\n|(?<=。))[ \t　]*([a-hA-Hａ-ｈＡ-Ｈ])(?:[ \t　]+|[.．][ \t　]*)(\S[^\n]*)(?=\n|$)")
_LOST_CHOICE = re.compile(r"選択肢\s*[a-hａ-ｈ]")


class Cleaned(NamedTuple):
    """A question's own text and choices (by letter, without a gap), and what the file shows of them."""

    stem: str
    choices: dict[str, str]
    lost: bool
    """Whether its choices are another question's, or gone."""
    linked: tuple[int, ...] = ()
    """Numbers of the questions that its heading links."""
    common: str = ""
    """The question whose case it shares by its own words (「118A50と共通」)."""


def cleaned(text: str, name: str, given: Mapping[str, str]) -> Cleaned:
    """A stem without other questions' text, and its choices in order; choices in the stem go to their place."""
    own = int(re.sub(r"^\d{3}[A-D]", "", name))
    common = COMMON.match(text)
    text = text[common.end() :] if common else text
    text, merged, linked = _own_part(text, own)
    choices = {} if all(PLACEHOLDER.fullmatch(c) for c in given.values()) else dict(given)
    stem, choices = _with_choices_of_the_stem(_PAGE.sub("", text), choices)
    stem = _CHOOSE.sub(lambda m: f"{'1' if m[1] in 'lｌI' else m[1]}つ選べ", stem).strip()
    gaps = sorted(choices) != list(LETTERS[: len(choices)])
    lost = merged or gaps or any(_LOST_CHOICE.fullmatch(c.strip()) for c in choices.values())
    return Cleaned(stem, _filled(choices), lost and bool(choices), linked, common[1] if common else "")


def _own_part(text: str, own: int) -> tuple[str, bool, tuple[int, ...]]:
    """A question's own part of its text, whether a later question has run into it, and the numbers of its heading."""
    merged = False
    if (found := _ANOTHER.search(text)) and found.start():
        text, merged = text[: found.start()], True
    linked: tuple[int, ...] = ()
    for heading in _HEADING.finditer(text):
        numbers = tuple(int(n) for n in re.findall(r"\d+", heading[1]))
        if own not in numbers and heading.start():
            return text[: heading.start()], True, linked
        linked = numbers
    subs = [m for m in _SUB.finditer(text) if int(m[1].replace("l", "1")) in linked]
    if [m for m in subs if int(m[1].replace("l", "1")) == own]:
        at = next(i for i, m in enumerate(subs) if int(m[1].replace("l", "1")) == own)
        end = subs[at + 1].start() if at + 1 < len(subs) else len(text)
        text, merged = text[: subs[0].start()] + text[subs[at].end() : end], merged or at + 1 < len(subs)
    return _HEADING.sub("", text), merged, linked


def _with_choices_of_the_stem(stem: str, choices: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Choices that stand as lines in the stem (the sixth to eighth, or one that was missed) in their place."""
    if not choices:
        return stem, choices
    for found in list(_CHOICE.finditer(stem)):
        letter = found[1].translate(_FULL_WIDTH).lower()
        if letter not in choices:
            choices = {**choices, letter: found[2].strip()}
            stem = stem.replace(found[0], "", 1)
    return stem, choices


def _filled(choices: Mapping[str, str]) -> dict[str, str]:
    """Every letter up to the last; one that is missing says so."""
    last = max((LETTERS.index(c) for c in choices), default=-1)
    return {c: choices.get(c, "").strip() or "（元のファイルで欠けている。）" for c in LETTERS[: last + 1]}


def named_case(name: str, stems: Mapping[str, str]) -> str:
    """The case of a question whose text another one shares: what stands before its last sentence."""
    if name not in stems:
        return ""
    text, _, _ = _own_part(stems[name], int(name[4:]))
    return "".join(re.split(r"(?<=。)", text.strip())[:-3]).strip() or text.split("\n")[0].strip()
