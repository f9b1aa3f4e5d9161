"""A verdict on each choice: ``a ×、b ○``, a table with marks, 正 and 誤, "A is wrong, B is right"."""

import re
from typing import NamedTuple

from igaku.grading.reading.mentions import position
from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.stance import Group, denied, supposed, tentative
from igaku.grading.reading.vocabulary import FALSE_EN, FALSE_JA, TRUE_EN, TRUE_JA
from igaku.io.patterns import lazy

_VERDICT = lazy(
    rf"(?P<no>{FALSE_JA}|\b(?:{FALSE_EN})|誤(?=[^嚥飲診認差解字]|$))|(?P<yes>{TRUE_JA}|\b(?:{TRUE_EN})|"
    rf"正(?= |:|$|。|、))",
    re.I,
)
_SIGN = lazy("[○×]")
_SIGN_BEFORE = lazy(r"(?:^|\n)[\s\-*・|]*([○×])[\s:.\-|)）]*$")
_INLINE = lazy(rf"\s*[○×] ?[{MENTION}]")
_DIRECT = lazy(r"([○×]) ?$")
_STOP = lazy(r"[。\n]|(?<=[a-z]\.) ")
_NOT_SO = lazy(r"[^。]{0,4}(?:とは|とまでは|ではな|ではあり|くな)")


SHORT = 240
"""Characters up to which one verdict may stand for all; in a longer reply all choices but one need one."""


class _Verdict(NamedTuple):
    """Right or wrong, and whether a mark or a cell says so rather than prose."""

    right: bool
    explicit: bool


def verdicts(text: str, found: list[Group], negative: bool, k: int | None, n: int) -> tuple[int, ...]:
    """The choices that verdicts on all single ones leave as the answer; () where they leave no k of n."""
    if marked := _marked(text, found, k, n):
        return marked
    yes, no = _sides(text, found)
    if len(text) > SHORT and len(yes) + len(no) < n - 1:
        return ()
    every = set(range(n))
    if negative and len(no) == (k or len(no)) and no and (yes or len(no) == 1):
        return tuple(sorted(no))
    if negative and not (len(yes) == k and len(no) == n - (k or 0)):
        return tuple(sorted(every - yes)) if k and len(yes) == n - k else ()
    if not yes and k and len(no) == n - k and n > 2:
        return tuple(sorted(every - no))
    if len(yes) == (k or len(yes)) and (k or len(yes) + len(no) == n):
        return tuple(sorted(yes))
    return ()


_ITEMS = lazy(rf"(?:^|\n)[^\w\n{MENTION}]*(?:\d{{1,2}}[.)] ?)?([{MENTION}])")


def _marked(text: str, found: list[Group], k: int | None, n: int) -> tuple[int, ...]:
    """A list of all choices in which as many as are wanted carry a tick, and no other a mark."""
    items = {position(m[1]) for m in _ITEMS.finditer(text)}
    if len(items) < n - 1 or not k:
        return ()
    ticked, crossed = set[int](), set[int]()
    for at, group in enumerate(found):
        stop = found[at + 1].start if at + 1 < len(found) else len(text)
        verdict = _verdict(text, group, min(stop, group.end + 160))
        if verdict and verdict.explicit and len(group.positions) == 1:
            (ticked if verdict.right else crossed).update(group.positions)
    return tuple(sorted(ticked)) if len(ticked) == k and not crossed else ()


_OTHERS = lazy(
    r"(?:他の|その他の|残りの|以外の|ほかの)(?:選択肢|肢|もの|薬|疾患)|誤答|その他[:はの]|(?:why|"
    r"the) (?:the )?other (?:options|"
    r"choices|answers)|other (?:options|choices)|为什么不选|其他选项",
    re.I,
)


def left_over(text: str, found: list[Group], k: int | None, n: int) -> tuple[int, ...]:
    """What "the other choices" leave: k of n, where all others and no more are named behind such a heading."""
    heads = list(_OTHERS.finditer(text))
    if not heads or not k:
        return ()
    others = {p for g in found if g.start > heads[-1].end() for p in g.positions if g.start < heads[-1].end() + 1500}
    return tuple(sorted(set(range(n)) - others)) if len(others) == n - k and n > k + 1 else ()


def _sides(text: str, found: list[Group]) -> tuple[set[int], set[int]]:
    """Choices called right and choices called wrong, each by the last verdict on it."""
    last: dict[int, bool] = {}
    signed: dict[int, bool] = {}
    for at, group in enumerate(found):
        if group.either or supposed(group) or tentative(group) or denied(group, negative=True):
            continue
        stop = found[at + 1].start if at + 1 < len(found) else len(text)
        verdict = _verdict(text, group, min(stop, group.end + 160))
        if verdict:
            (signed if verdict.explicit else last).update(dict.fromkeys(group.positions, verdict.right))
    last.update(signed)
    return {i for i, v in last.items() if v}, {i for i, v in last.items() if not v}


_YES = (
    "○ 適 正 可 yes はい 該当 該当する true 正しい 適切 正解 採用 一致 適合 推奨 残す 可能 "
    "correct right みられる 含まれる 認められる ある あり"
)
_NO = (
    "× 不適 誤 不可 no いいえ 非該当 該当しない false 誤り 不適切 不正解 不採用 不一致 不適合 "
    "非推奨 消去 不可能 除外 incorrect wrong 該当なし みられない 含まれない 認められない ない なし"
)
_CELLS = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}


def _cell(line: str) -> bool | None:
    """The last cell of a table's row that holds a verdict and nothing else; None where none does."""
    found = [_CELLS[c] for cell in line.split("|") if (c := cell.strip(" .。!！").lower()) in _CELLS]
    return found[-1] if found else None


def _verdict(text: str, group: Group, stop: int) -> _Verdict | None:
    line = text[group.end : stop].split("\n", 1)[0]
    if _INLINE.match(text) and (before := _DIRECT.search(text[max(0, group.start - 4) : group.start])):
        return _Verdict(before[1] == "○", True)
    if before := _SIGN_BEFORE.search(text[max(0, group.start - 12) : group.start]):
        return _Verdict(before[1] == "○", True)
    if "|" in line and (cell := _cell(line)) is not None:
        return _Verdict(cell, True)
    if not line.strip(" .:)。|") and stop > group.end + len(line):
        line = text[group.end + len(line) : stop].lstrip("\n ").split("\n", 1)[0]
    if (word := line.strip(" .:)。,").lower()) in _CELLS:
        return _Verdict(_CELLS[word], True)
    if sign := _SIGN.search(line[:60]):
        return _Verdict(sign[0] == "○", True)
    sentence = _STOP.split(line, maxsplit=1)[0]
    if len(sentence.strip(" .:)")) < 1:
        sentence = line
    hits = list(_VERDICT.finditer(sentence))
    if not hits or _NOT_SO.match(sentence, hits[-1].end()):
        return None
    return _Verdict(hits[-1]["yes"] is not None, False)
