"""Sentences that claim to be the answer, each with the rule that recognised it and how strong that rule is.

3: an answer word before it, a box, a field, a first or last line that is nothing else.
2: a predicate (``c が最も適切``), a conclusion (``したがって…``), the stem's own words (``最も考えられるのは c``).
Weaker signs are in ``shapes`` and ``marks``.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from igaku.grading.reading.lines import (
    ABOVE,
    ANNOUNCED,
    FIRST_AFTER,
    HEADING,
    LINE_BEFORE,
    LISTED,
    LISTED_BEFORE,
    LISTS_ON,
    NUMBERED,
    OTHERS,
    ROW_BEFORE,
    WRAPPED,
    alone,
    answers_first,
    block,
)
from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.predicates import (
    BOTH,
    CHOSEN,
    CONCLUDED,
    CONCLUDES,
    CONCLUSION_AFTER,
    CONCLUSION_EN,
    COPULA,
    POINTED,
    PREDICATE,
    TIGHT_FILL,
    TURNS,
)
from igaku.grading.reading.stance import Group, denied, supposed, tentative
from igaku.grading.reading.topics import IS_THE, all_but, asks_again, headed_by, polar, repeats
from igaku.grading.reading.vocabulary import ANCHOR
from igaku.io.patterns import lazy

STRONG, PLAIN = 3, 2


class Statement(NamedTuple):
    """One claim: the choices it names, where, how strong, and by which rule it was read."""

    start: int
    end: int
    positions: tuple[int, ...]
    strength: int
    rule: str
    firm: bool
    """False where it only weighs: it makes no answer, but shows that the reply was not sure."""
    alone: bool
    """Its line holds nothing else: what a reply that was cut later had already answered."""


_ANCHORED = lazy(rf"{ANCHOR}([^。\n{MENTION}]{{0,60}})$", re.I)


def statements(
    text: str, found: list[Group], stem: str, negative: bool, wanted: int | None, n: int
) -> Iterator[Statement]:
    """Every claim in a tagged reply, in the order of the text."""
    inherits, covered, inherited = -1, 0, (STRONG, "anchor")
    first = re.match(WRAPPED, text)
    begin = first.end() if first else 0
    for group in found:
        if group.start < covered:
            continue
        if all_but(group.after, negative):
            yield Statement(group.start, group.end, group.positions, PLAIN, "the others", True, alone(text, group))
            continue
        claim = _claim(Mention(text, group, stem, negative, wanted, group.start <= begin))
        if not claim and group.sentence == inherits:
            claim = inherited
        if not claim:
            continue
        strength, rule = claim
        if rule == "last line" and wanted and len(group.positions) > wanted:
            continue
        no = denied(group, negative)
        if rule in ("anchor", "heading", "stem") and (no or group.either):
            inherits, inherited = group.sentence, (strength, "anchor" if strength == STRONG else rule)
        if no:
            continue
        firm = not tentative(group) and not supposed(group, strength == STRONG)
        end, positions = (
            block(text, group, found, wanted)
            if rule in ("heading", "anchor") and firm
            else (group.end, group.positions)
        )
        if len(positions) >= n and len(positions) > len(group.positions):
            continue
        covered = end
        yield Statement(group.start, end, positions, strength, rule, firm, alone(text, group))


class Mention(NamedTuple):
    """A group of choices where it stands, and what the stem asks for."""

    text: str
    group: Group
    stem: str
    negative: bool
    wanted: int | None
    first: bool
    """Nothing but signs stands before it."""

    @property
    def window(self) -> str:
        """What stands before it, across lines."""
        return self.text[max(0, self.group.start - WINDOW) : self.group.start]


WINDOW = 120


def _anchored(p: Mention) -> bool:
    anchor = _ANCHORED.search(p.group.before)
    return bool(
        anchor and (TIGHT_FILL.fullmatch(anchor[1]) or (COPULA.match(p.group.after) and "ない" not in anchor[1]))
    )


def _under_heading(p: Mention) -> bool:
    if not COPULA.match(p.group.after):
        return False
    head = ABOVE.search(p.window) if p.stem else None
    restated = bool(head and asks_again(head[1] + "は", p.stem)) or _announced(p)
    return restated or bool(HEADING.search(p.window) or LISTED.search(p.window))


def _announced(p: Mention) -> bool:
    """``以下の2つです。`` above, where two are wanted."""
    found = ANNOUNCED.search(p.window)
    if found is None or not p.wanted or not 1 < p.wanted < 6:
        return False
    return found[1] in (str(p.wanted), "一二三四五"[p.wanted - 1])


def _first_line(p: Mention) -> bool:
    return p.first and bool(FIRST_AFTER.match(p.text, p.group.end)) and answers_first(p.text, p.group)


def _last_line(p: Mention) -> bool:
    if _SIGNS.sub("", p.text[p.group.end :]):
        return False
    window = p.window
    return bool(LINE_BEFORE.search(window) and not LISTED_BEFORE.search(window) and not ROW_BEFORE.search(window))


def _predicate(p: Mention) -> bool:
    found = PREDICATE.match(p.group.after)
    return bool(found and not TURNS.match(p.group.after, found.end()))


def _both(p: Mention) -> bool:
    several = len(p.group.positions) > 1 and not p.negative
    return several and bool(BOTH.match(p.group.after)) and not TURNS.match(p.group.after, 3)


def _stem(p: Mention) -> bool:
    if not p.stem:
        return False
    g = p.group
    if asks_again(g.before, p.stem) and (COPULA.match(g.after) or denied(g, p.negative)):
        return True
    return not p.negative and repeats(g.after, p.stem)


def _concludes(p: Mention) -> bool:
    concluded = CONCLUSION_AFTER.match(p.group.after) or CONCLUSION_EN.match(p.group.after)
    if not concluded:
        return False
    below = CONCLUDED.search(p.window) and not LISTS_ON.match(p.text, p.group.end)
    return bool(below or CONCLUDES.search(p.group.before))


def _last_sentence(p: Mention) -> bool:
    rest = p.text[p.group.end :].strip()
    ends = "\n" not in rest and "。" not in rest.strip(" 。")
    return ends and bool(IS_THE.search(p.group.before) and COPULA.match(p.group.after))


_SIGNS = lazy(r"[ \n\"'」』）)\]】>〉}.。!*|]|です")
_RULES: tuple[tuple[int, str, Callable[[Mention], bool]], ...] = (
    (STRONG, "anchor", _anchored),
    (PLAIN, "list", lambda p: bool(NUMBERED.search(p.window))),
    (PLAIN, "heading", lambda p: headed_by(p.window, p.negative)),
    (0, "", lambda p: bool(OTHERS.search(p.window))),
    (STRONG, "heading", _under_heading),
    (STRONG, "first line", _first_line),
    (STRONG, "last line", _last_line),
    (PLAIN, "predicate", _predicate),
    (PLAIN, "pointer", lambda p: bool(POINTED.match(p.text, p.group.end))),
    (PLAIN, "predicate", _both),
    (PLAIN, "predicate", lambda p: bool(CHOSEN.search(p.group.before[-60:]))),
    (PLAIN, "stem", _stem),
    (PLAIN, "conclusion", _concludes),
    (PLAIN, "last sentence", _last_sentence),
    (PLAIN, "stem", lambda p: polar(p.group.before, p.negative)),
)
"""In the order in which they are tried; the one of strength 0 keeps what is said of the other choices out."""


def _claim(mention: Mention) -> tuple[int, str] | None:
    """Strength and rule of what is said of a group, None where nothing claims it to be the answer."""
    for strength, rule, holds in _RULES:
        if holds(mention):
            return (strength, rule) if strength else None
    return None
