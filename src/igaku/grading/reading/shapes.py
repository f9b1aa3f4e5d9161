"""Replies whose shape alone tells: nothing but choices, one list, a first line, one short statement."""

import re
from typing import NamedTuple

from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.stance import Group, denied, groups, supposed, tentative
from igaku.grading.reading.vocabulary import TRUE_EN, TRUE_JA
from igaku.io.patterns import lazy


class Found(NamedTuple):
    """The answer, the rule that read it, and whether the reply weighed without deciding."""

    positions: tuple[int, ...] = ()
    rule: str = ""
    unsure: bool = False


_ITEM = lazy(rf"^[^\w\n{MENTION}]*(?:\d{{1,2}}[.)] ?)?([{MENTION}])([^\n]*)$", re.M)


def unlisted(text: str, n: int) -> str:
    """Without a list of all choices that only repeats the question: lines of labels and words with no verdict."""
    items = list(_ITEM.finditer(text))
    run: list[re.Match[str]] = []
    for item in [*items, None]:
        follows = item is not None and (not run or not text[run[-1].end() : item.start()].strip())
        if item is not None and follows and (not run or _order(item) == _order(run[-1]) + 1) and _only(item):
            run.append(item)
            continue
        if len(run) >= max(3, n - 1) and _order(run[0]) == 0:
            start, end = run[0].start(), run[-1].end()
            return text[:start] + "\n" * 2 + unlisted(text[end:], n)
        run = [item] if item is not None and _order(item) == 0 and _only(item) else []
    return text


_BULLET = lazy(r"^[ ]*(?:[-*・•●■◆]|\d{1,2}[.)])[ ]?\S", re.M)


def rows(text: str, k: int | None, n: int) -> tuple[int, ...]:
    """The only list of a reply, where it has as many lines as choices are wanted, and two or more."""
    items = [i for i in _ITEM.finditer(text) if "×" not in i[0]]
    bullets = len(_BULLET.findall(text))
    if bullets > len(_ITEM.findall(text)):
        return ()
    positions = tuple(dict.fromkeys(map(_order, items)))
    return positions if k and 1 < k < n - 1 and len(items) == len(positions) == k else ()


def _order(item: re.Match[str]) -> int:
    return (ord(item[1]) - 0xE000) % 0x40


def _only(item: re.Match[str]) -> bool:
    """Nothing but the choice: no verdict, no reason, no other mention."""
    return not item[2].strip(" .。:、)") and not re.search("[○×]", item[0][: item.start(1) - item.start()])


def nothing_else(text: str, found: list[Group], n: int) -> tuple[int, ...]:
    """A reply that is nothing but choices (not all of them)."""
    rest = re.sub(
        rf"[{MENTION}]|[\s\"'「」『』（）()\[\]【】{{}}<>.。、,，・/&+;:!*|\-–—]|\b(?:and|und|et)\b|と|"
        rf"および|及び|です|^\W*\d[.)]",
        "",
        text,
        flags=re.M,
    )
    positions = tuple(dict.fromkeys(p for g in found for p in g.positions))
    once = len(found) == 1 or len({g.positions for g in found}) == 1 or "\n" in text
    labels = (
        len(found) == 1
        and found[0].end - found[0].start >= n
        and all(c < "\ue040" for c in re.findall(f"[{MENTION}]", text))
    )
    whole = len(positions) < n or n == 1 or labels
    return positions if not rest and once and whole and not any(g.either for g in found) else ()


_DENIES_ALL = lazy(
    r"(?:いずれ|どれ|どちら|全て|すべて)(?:の(?:選択肢|疾患|もの))?(?:も|が|は)[^。\n]{0,30}(?:ない|"
    r"ません|誤|不適|否定)|含まれて(?:い)?(?:ない|"
    r"ません)|該当(?:する)?(?:もの|選択肢)?(?:は|が)?(?:な|あり)|正解(?:は|が)?(?:な[いし]|ありません)|"
    r"\bnone of\b|\bneither\b|no correct|not (?:listed|among|possible|enough)|cannot be (?:determined|"
    r"answered)|判断できな|特定できな|決められな|決めかね|わかりません|分かりません|選べません|"
    r"以上のいずれでもない|无法(?:确定|判断)|不能确定",
    re.I,
)
SHORT = 240
"""Characters of a reply that may be one statement without an answer word."""


def headed(text: str, found: list[Group], negative: bool, k: int | None) -> Found | None:
    """``c: since the pain moves``: the first line begins with a choice, and no other line begins with another."""
    items = list(_ITEM.finditer(text))
    head = re.match(
        rf"\s*(?:[^\w\n{MENTION}]*)([{MENTION}])[)）」』】\]\"']*\s*(?:[.:、。,\-–—←]|"
        rf"(?<=[\ue000-\ue03f]) (?=[a-z])|(?= \S*[ぁ-ヶ一-龠])|\n)",
        text,
    )
    if not head or len({_order(i) for i in items}) > 1:
        return None
    first = found[0]
    line = text.split("\n", 1)[0]
    others = {p for g in groups(line) if not denied(g) for p in g.positions}
    if (
        denied(first, negative)
        or tentative(first)
        or len(others) > (k or 1)
        or len(first.positions) != (k or 1)
        or _DENIES_ALL.search(line)
    ):
        return None
    return Found(first.positions, "headed")


_IS = lazy(
    rf"^[\s)）」』】\]}}\"'>]*(?:[(（][^()（）\n]{{0,60}}[)）])?(?:ごろ|頃|程度|前後|こそ|の(?:ほう|方|"
    rf"障害|もの|所見|はず)|"
    rf"という(?:もの|こと|発言|病態)?|で間違いな|と(?:考えられ|思われ|診断され|いえ|言え|判断され|考え|"
    rf"思い)|が(?:考えられ|疑われ|該当|当てはま|適切|正し|妥当)|"
    rf"に(?:該当|相当|当た|なり|なる)|を(?:疑|考え|選|行|投与|使|開始|最初|まず|第一))?[^。\n{MENTION}]{{0,8}}?"
    rf"(?:です|でした|である|だ|でしょう|ます|る|た|。|！|!|\.|$|\n)|"
    rf"^(?:(?!\bnot\b|n't|never|less|ない|ません|ず)[^.。\n{MENTION}]){{0,28}}[.。]"
)
_ASIDE = lazy(rf"[{MENTION}][^()（）]*[(（][^()（）]*$")
_TOPIC = lazy(r"^[\s)）」』】\]]*(?:[(（][^()（）\n]{0,40}[)）])?は")
_LOOKS_AT = lazy(
    r"^[)）」』】]?(?:から(?:見|検討|順|考)|について|を(?:見|検討|確認|考察|評価)|"
    r"[^。\n]{0,16}?(?:言い切れ|言いきれ|限らな|限りませ|"
    r"べきでは|いけ(?:な|ませ)|人(?:が|も)多い|乏し))"
)
_RIGHT = lazy(TRUE_JA + "|" + TRUE_EN, re.I)
_TOO = lazy(r"^[)）」』】]?も(?!っと|ちろん)")
_PARENS = lazy(r"[(（][^()（）]*(?:[)）]|$)")
_BESIDE = lazy(
    r"^[\s\-・*※]*(?:なお|ちなみに|また|補足|参考|注|※|ただし|一方|加えて|さらに|余談|note|of note|"
    r"additionally|also|however|for reference)",
    re.I,
)


_ONLY_THESE = lazy(r"^[)）」』】]?(?: only\b|のみ|だけ)")


def first_sentence(text: str, found: list[Group], negative: bool, k: int | None) -> Found | None:
    """A first sentence that is about as many choices as are wanted and says that it is those."""
    start = found[0].sentence
    if text[:start].strip() or len(_ITEM.findall(text)) > 1:
        return None
    here = [g for g in found if g.sentence == start and not denied(g, negative) and not _ASIDE.search(g.before)]
    positions = tuple(dict.fromkeys(p for g in here for p in g.positions))
    if not positions or (len(positions) != (k or len(positions)) and not _ONLY_THESE.match(here[-1].after)):
        return None
    sentence, after = text[start : here[-1].end + 80], here[-1].after
    if _BESIDE.match(sentence) or _DENIES_ALL.search(_PARENS.sub("", sentence)):
        return None
    if any(tentative(g) or supposed(g) for g in here) or _LOOKS_AT.match(after):
        return None
    if not _IS.match(after) or _TOPIC.match(after) or (negative and _RIGHT.search(after)):
        return None
    return Found(positions, "first sentence")


def short(text: str, found: list[Group], negative: bool, k: int | None, n: int) -> Found:
    """A short reply that names as many choices as are wanted and denies the others."""
    if (
        text.rstrip(" \n*").endswith((":", "、", ","))
        or len(text.strip()) > SHORT
        or text.strip().count("\n") > 3
        or _DENIES_ALL.search(text)
    ):
        return Found()
    remaining = [g for g in found if not denied(g) and not supposed(g)]
    if any(tentative(g) or _LOOKS_AT.match(g.after) or _TOO.match(g.after) for g in remaining):
        return Found()
    positions = tuple(dict.fromkeys(p for g in remaining for p in g.positions))
    if negative and k and len(positions) == n - k and n - k > k:
        return Found(tuple(sorted(set(range(n)) - set(positions))), "the others")
    together = len(positions) == 1 or len({g.sentence for g in remaining}) == 1
    return Found(positions, "words") if together and len(positions) == (k or len(positions)) else Found()
