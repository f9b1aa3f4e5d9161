"""From all that a reply claims to the one answer it ends with."""

import re
from functools import lru_cache

from igaku.grading.reading.fields import fields
from igaku.grading.reading.marks import left_over, verdicts
from igaku.grading.reading.mentions import tag
from igaku.grading.reading.shapes import Found, first_sentence, headed, nothing_else, rows, short, unlisted
from igaku.grading.reading.stance import CORRECTION, groups
from igaku.grading.reading.statements import STRONG, Statement, statements
from igaku.grading.reading.topics import requested
from igaku.grading.reading.vocabulary import asks_for_the_wrong
from igaku.io.patterns import lazy
from igaku.keys.stated import stated
from igaku.question import LETTERS, Question


def read_choices(text: str, question: Question, cut: bool) -> Found:
    """The choices that a reply in plain text ends with; see ``read_statements``.

    Most replies of a run that asks for letters are one letter, alone or after an answer word. They are read as the
    grammar reads them, without it.
    """
    bare = None if cut else _BARE.fullmatch(text)
    at = LETTERS.find(bare[2].lower()) if bare else -1
    if bare and at < len(question.choices) > 1:
        return Found((at,), "anchor" if bare[1] else "nothing else")
    return read_statements(text, question, cut)


_BARE = lazy(r"\s*(?:(答え|正解|解答|回答|answer) ?[:は] ?)?[(「]?([a-z])[)」]?(?:です)?[.。]?\s*", re.I)


def read_statements(text: str, question: Question, cut: bool) -> Found:
    """The choices that a reply ends with, by all that it claims.

    Args:
        text: after ``plain``, without thinking.
        question: as it was shown.
        cut: the reply was cut off, so that only an answer given before counts.
    """
    n = len(question.choices)
    k = wanted(question.stem)
    negative = asks_for_the_wrong(question.stem)
    body = unlisted(tag(text, question.choices), n)
    found = list(groups(body))
    if not found:
        return Found()
    if not cut and (every := nothing_else(body, found, n)):
        return Found(every, "nothing else")
    claims = list(fields(body)) + list(statements(body, found, requested(question.stem), negative, k, n))
    claims.sort(key=lambda s: s.start)
    claims = [c for c in claims if len(c.positions) < n or (c.rule == "anchor" and not _placeholder(body, c))]
    if cut:
        loops = len({c.positions for c in claims}) == 1 and len(claims) > 2
        first = re.search(r"[。\n]", body)
        openers = [c for c in claims if c.firm and first and c.end < first.end() and len(c.positions) == (k or 1)]
        claims = [c for c in claims if c.firm and c.strength >= STRONG and (c.alone or loops)] or openers
    if negative and k and n > 2 * k:
        claims = [c for c in claims if c.strength >= STRONG or len(c.positions) != n - k]
    claims = _joined(body, claims, k)
    chosen = _last(body, claims)
    if chosen and k == 1 and _GIVES_UP.search(body[chosen.end :][-120:]):
        return Found(unsure=True)
    if chosen and chosen.firm and chosen.strength < STRONG and len(chosen.positions) < (k or 1):
        if chosen.rule == "predicate" and len({c.positions for c in claims}) == 1:
            return Found(chosen.positions, chosen.rule)
        together = tuple(dict.fromkeys(p for c in claims if c.firm for p in c.positions))
        return Found(together, chosen.rule) if len(together) == k else Found()
    if chosen and chosen.firm:
        return Found(chosen.positions, chosen.rule)
    if cut or _THINKS.match(text) or (chosen and chosen.strength >= STRONG):
        return Found(unsure=True)
    if by_marks := verdicts(body, found, negative, k, n):
        return Found(by_marks, "marks")
    if rest := left_over(body, found, k, n):
        return Found(rest, "the others")
    if listed := rows(body, k, n):
        return Found(listed, "list")
    return (
        headed(body, found, negative, k)
        or first_sentence(body, found, negative, k)
        or short(body, found, negative, k, n)
    )


_SEVERAL = lazy(r"多选|複数(?:選択|回答)|あてはまるものをすべて", re.I)


@lru_cache(maxsize=4096)
def wanted(stem: str) -> int | None:
    """How many choices the stem wants: as it says, 1 where it says nothing, None for "all that apply"."""
    count = stated(stem)
    if count is None and _SEVERAL.search(stem):
        return None
    return count if isinstance(count, int) else None if count else 1


def _placeholder(text: str, claim: Statement) -> bool:
    """``Answer: [A/B/C/D/E]``: a form that was not filled in."""
    return bool(re.search(r"[/|]", text[claim.start : claim.end])) or text[claim.start - 1 : claim.start] == "["


_GIVES_UP = lazy(
    r"決められ(?:ない|ません)|決めかね|判断(?:でき|が(?:でき|つか))(?:ない|ません)|確信(?:が|は)持て|"
    r"選ぶことは?でき(?:ない|ません)|"
    r"cannot (?:choose|decide)|unable to (?:choose|decide)|can't decide",
    re.I,
)
_THINKS = lazy(
    r"\s*(?:thinking process|the user (?:wants|is asking|asks)|okay,? (?:so|let)|let me (?:think|"
    r"analy)|we (?:need|have) to|first, i need)",
    re.I,
)
"""How models begin to think aloud, without marks: of such a reply only an explicit answer counts."""


def _last(text: str, claims: list[Statement]) -> Statement | None:
    """The last claim of the strongest kind; a weaker later one only after words of correction, or over a doubt."""
    current: Statement | None = None
    for claim in claims:
        if current is None:
            current = claim
        elif not claim.firm:
            if not current.firm and claim.strength >= current.strength:
                current = claim
        elif not current.firm or _overrides(text, current, claim):
            current = claim
    return current


NEAR = 150
"""Characters before a weaker claim in which words of correction let it count."""


def _overrides(text: str, current: Statement, claim: Statement) -> bool:
    """Whether a later claim takes the place of a firm one."""
    if claim.strength >= current.strength and not _explains(text, current, claim):
        return True
    return bool(CORRECTION.search(text[max(current.end, claim.start - NEAR) : claim.start]))


_EXPLANATION = lazy(
    r"\n[^\w\n]*(?:解説|理由|根拠|説明|補足|考察|explanation|rationale|reasoning|why)[^\n]{0,20}(?:\n|:)", re.I
)


def _explains(text: str, current: Statement, claim: Statement) -> bool:
    """Whether a claim only stands in the explanation of an answer that was given before it."""
    between = text[current.end : claim.start]
    return current.strength >= STRONG and claim.rule not in ("anchor", "field") and bool(_EXPLANATION.search(between))


def _joined(text: str, claims: list[Statement], k: int | None) -> list[Statement]:
    """Claims side by side, each with fewer choices than are wanted, as one: 答え1：a, 答え2：b."""
    if k == 1:
        return claims
    out: list[Statement] = []
    for claim in claims:
        before = out[-1] if out else None
        if before and _continues(text, before, claim, k):
            positions = tuple(dict.fromkeys(before.positions + claim.positions))
            out[-1] = before._replace(end=claim.end, positions=positions)
        else:
            out.append(claim)
    return out


def _continues(text: str, before: Statement, claim: Statement, k: int | None) -> bool:
    between = text[before.end : claim.start]
    total = len(set(before.positions + claim.positions))
    if not (before.firm and claim.firm) or total == len(before.positions) or total > (k or 26):
        return False
    return len(between) < 60 and before.strength == claim.strength and not CORRECTION.search(between)
