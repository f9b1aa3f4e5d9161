"""Sentences that claim to be the answer, each with the rule that recognised it and how strong that rule is.

3: an answer word before it, a box, a field, a first or last line that is nothing else.
2: a predicate (``c が最も適切``), a conclusion (``したがって…``), the stem's own words (``最も考えられるのは c``).
Weaker signs are in ``shapes`` and ``marks``.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from igaku.grading.reading.lines import (
    ABOVE,
    FIRST_AFTER,
    HEADING,
    LINE_BEFORE,
    LISTED,
    LISTED_BEFORE,
    LISTS_ON,
    NUMBERED,
    OTHERS,
    WRAPPED,
    alone,
    block,
    heads,
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


_ANCHORED = re.compile(rf"{ANCHOR}([^。\n{MENTION}]{{0,60}})$", re.I)


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
        claim = _claim(text, group, stem, negative, begin)
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


def _claim(text: str, g: Group, stem: str, negative: bool, begin: int) -> tuple[int, str] | None:
    """Strength and rule of what is said of a group, None where nothing claims it to be the answer."""
    if (anchor := _ANCHORED.search(g.before)) and (
        TIGHT_FILL.fullmatch(anchor[1]) or (COPULA.match(g.after) and "ない" not in anchor[1])
    ):
        return STRONG, "anchor"
    window = text[max(0, g.start - 120) : g.start]
    if NUMBERED.search(window):
        return PLAIN, "list"
    if headed_by(window, negative):
        return PLAIN, "heading"
    if OTHERS.search(window):
        return None
    if stem and (head := ABOVE.search(window)) and asks_again(head[1] + "は", stem) and COPULA.match(g.after):
        return STRONG, "heading"
    if (HEADING.search(window) or LISTED.search(window)) and COPULA.match(g.after):
        return STRONG, "heading"
    if (
        g.start <= begin
        and FIRST_AFTER.match(text, g.end)
        and (not LISTS_ON.match(text, g.end) or g.positions[0] != 0 == min(p for p in heads(text)))
    ):
        return STRONG, "first line"
    if (
        not text[g.end :].strip(" \n\"'」』）)]】>〉}.。!*|です")
        and LINE_BEFORE.search(window)
        and not LISTED_BEFORE.search(window)
    ):
        return STRONG, "last line"
    if (said := PREDICATE.match(g.after)) and not TURNS.match(g.after, said.end()):
        return PLAIN, "predicate"
    if POINTED.match(text, g.end):
        return PLAIN, "pointer"
    if len(g.positions) > 1 and not negative and BOTH.match(g.after) and not TURNS.match(g.after, 3):
        return PLAIN, "predicate"
    if CHOSEN.search(g.before[-60:]):
        return PLAIN, "predicate"
    if (stem and (asks_again(g.before, stem) and (COPULA.match(g.after) or denied(g, negative)))) or (
        stem and not negative and repeats(g.after, stem)
    ):
        return PLAIN, "stem"
    if CONCLUDES.search(g.before) and (CONCLUSION_AFTER.match(g.after) or CONCLUSION_EN.match(g.after)):
        return PLAIN, "conclusion"
    if (
        CONCLUDED.search(window)
        and not LISTS_ON.match(text, g.end)
        and (CONCLUSION_AFTER.match(g.after) or CONCLUSION_EN.match(g.after))
    ):
        return PLAIN, "conclusion"
    if (
        not text[g.end :].strip().count("\n")
        and IS_THE.search(g.before)
        and COPULA.match(g.after)
        and "。" not in text[g.end :].strip(" 。\n")
    ):
        return PLAIN, "last sentence"
    if polar(g.before, negative):
        return PLAIN, "stem"
    return None
