"""Is a finding of a short text stated, doubted or denied, in English or Japanese? "no LVH", "左室肥大の疑い".

Cues and their reach after NegEx and ConText (Chapman 2001, Harkema 2009), for statements of ECGs: a cue reaches to the
end of its clause, and of several before a finding the nearest counts. Linear in the length of a text.
"""

import re
from typing import Literal

from igaku.cardiology import negation_en as english
from igaku.cardiology import negation_ja as japanese

Certainty = Literal["stated", "doubted", "denied"]
LONGEST = 2000
"""Letters of a text that are read; what stands behind them is not known."""
REACH = 300
"""Letters of a clause before and behind a finding in which a cue is looked for."""

_CLAUSE = re.compile(
    r"[.;。；、\n]+(?!\d)|->|=>|[→⇒]|\b(?:but|however|although|except|though|whereas)\b|(?:ものの|だが|ただし|一方)",
    re.I,
)
_SHORT = re.compile(r"\b(vs|poss|prob|susp|ddx?|neg(?=\. ?for\b))\.(?=\s*\w)", re.I)
"""Abbreviations whose dot ends no clause."""


def _cue(kinds: dict[str, tuple[str, ...]], form: str) -> re.Pattern[str]:
    return re.compile(form % "|".join(rf"(?P<{kind}>{'|'.join(words)})" for kind, words in kinds.items()), re.I)


_CUE_BEFORE = _cue(english.BEFORE, r"(?<![\w-])(?:%s)(?![\w-])")
_CUE_AFTER = _cue(english.AFTER, r"[\s:：(-]*(?:%s)")
_CUE_JA = _cue(japanese.AFTER, rf"{japanese.PARTICLES}(?:%s)")
_JA_BEFORE = re.compile(japanese.BEFORE)
_GLUED = re.compile(
    r"(?P<denied>\bnon[- ]?|\b(?:negative|unlikely)(?: to be)? )$"
    r"|(?P<doubted>[?？]\s*(?:\w+\s){0,2}|(?<!no )\bdoubt(?:ful)? )$",
    re.I,
)

_WAVE = re.compile(
    r"(?:[PTUF]|QRS|delta|flutter)(?:[- ]?(?:waves?|terminal|deflections?|complex(?:es)?)\b|波)"
    r"(?! (?:inversion|chang|abnormal|alternans))",
    re.I,
)
_FORM = re.compile("negative|陰性", re.I)
"""Of a wave, negative is a form and no denial: "negative T wave", T波陰性."""


def certainty(text: str, words: str) -> Certainty | None:
    """What a text says of a finding; the surest of several mentions, None where there is none.

    "Rule out LVH" asks for a test and is read as denied.

    Args:
        words: alternatives as a regular expression, ``LVH|左室肥大``.
    """
    found: set[Certainty] = set()
    text = text[:LONGEST]
    for clause in _clauses(text):
        for m in re.finditer(
            rf"(?:(?<![a-z0-9])|(?=[^a-z0-9]))(?:{words})(?:(?<=[^a-z0-9])|s?(?![a-z0-9]))", clause, re.I
        ):
            before, after = clause[max(0, m.start() - REACH) : m.start()], clause[m.end() : m.end() + REACH]
            found.add(_of(before, after, bool(_WAVE.match(clause, m.start()))))
    order: tuple[Certainty, ...] = ("stated", "doubted", "denied")
    return next((c for c in order if c in found), None)


def _clauses(text: str) -> list[str]:
    text = _SHORT.sub(r"\1", text.replace("\n", ";"))
    return _CLAUSE.split(japanese.EACH.sub("・", text))


def _of(before: str, after: str, wave: bool) -> Certainty:
    """By the words around one mention; a cue after it is nearer than any before, but "no LVH seen" is no LVH."""
    last = next(reversed(list(_CUE_BEFORE.finditer(before))), None)
    for cue in (_CUE_AFTER.match(after), _CUE_JA.match(after), _JA_BEFORE.search(before)):
        if cue and not (wave and _FORM.search(cue[0])):
            turned = last and _kind(cue) == "stated" and "," not in before[last.end() :]
            return _kind(last if last and turned else cue)
    if (glued := _GLUED.search(before)) and not (wave and _FORM.search(glued[0])):
        return _kind(glued)
    return _kind(last) if last else "stated"


def _kind(cue: re.Match[str]) -> Certainty:
    order: tuple[Certainty, ...] = ("doubted", "denied", "stated")
    return next(kind for kind in order if cue.groupdict().get(kind))
