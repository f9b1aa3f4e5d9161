"""Is a finding of a short text stated, doubted or denied, in English or Japanese? "no LVH", "左室肥大の疑い".

Cues and their reach after NegEx and ConText (Chapman 2001, Harkema 2009), for statements of ECGs: a cue reaches to the
end of its clause, and of several before a finding the nearest counts. Linear in the length of a text.
"""

import re
from typing import Literal

Certainty = Literal["stated", "doubted", "denied"]
LONGEST = 2000
"""Letters of a text that are read; what stands behind them is not known."""

_CLAUSE = re.compile(
    r"[.;。；、\n]+(?!\d)|\b(?:but|however|although|except|though|whereas)\b|(?:ものの|だが|ただし|一方)", re.I
)
_SHORT = re.compile(r"\b(vs|poss|prob|susp|ddx?|neg(?=\. ?for\b))\.(?=\s*\w)", re.I)
"""Abbreviations whose dot ends no clause."""
_BEFORE = {
    "denied": (
        r"no longer(?: has| have| shows?| showing| meets?| any| evidence of)+",
        r"fail(?:s|ed)? to (?:meet|show|demonstrate)",
        r"no(?! change| doubt| longer| significant change| other)|not(?! only| excluded| ruled)|without",
        r"insufficient (?:\w+ )?(?:for|of)",
        r"absen(?:ce|t) (?:of)?|neg(?:ative)? for|free of|lack of|lacks|never|neither|nor|den(?:ies|ied)",
        r"(?:ruled?|ruling) out|r/o|exclud(?:es?|ed)|resolved",
    ),
    "doubted": (
        r"cannot (?:rule out|exclude)|can(?: no|')t (?:rule out|exclude)|possibl[ey]|probabl[ey]|consider(?:ing)?",
        r"poss|prob|susp|ddx?",
        r"suspect(?:ed|s)?|suspicio(?:us|n) (?:of|for)|suggest(?:s|ing|ive)?|may|might|could|borderline",
        r"questionable|query|likely|versus|vs|question of",
    ),
    "stated": (r"with|shows?|showing|there (?:is|are)|consistent with|due to|secondary to|change in|has|have",),
}
_IS = r"(?:(?:is|are|was|were|has|have|been|now|criteria|pattern|findings?|changes?) )*"
_NOT = rf"{_IS}(?:not|isn't|aren't|wasn't|weren't) (?:\w+ )?"
_END = r"(?=$|[\s,;.!)])"
_CLOSE = r"(?=\s*(?:$|[,;.!)]|(?:again|and|as|at|by|from|here|in|now|on|or|per|since|so|throughout|today|with)\b))"
"""Behind an adjective of a finding; before another noun it is that noun's: "LAE negative P terminal"."""
_AFTER = {
    "doubted": (
        r",? ?(?:is |are |be )?(?:possible|probable|likely|suspected|questionable|borderline|doubtful)",
        r",? ?(?:(?:may|might|could) be|or|vs\.?|versus) (?:a )?(?:normal|variant)|(?:vs\.?|versus) ",
        r"not (?:be )?(?:excluded|ruled out)|(?:cannot|can not|can't|could not) be (?:excluded|ruled out)|[?？]",
    ),
    "denied": (
        rf"{_IS}(?:ruled[ -]out|excluded|disappeared|none|unlikely|no longer\b){_END}",
        rf"{_IS}(?:absent|neg(?:ative)?|resolved){_CLOSE}",
        rf"{_NOT}(?:seen|present|found|met|evident|observed|detected|identified|noted|suspected|fulfilled)",
        rf"{_NOT}(?:demonstrated|confirmed)",
        r"no\s*$|\(-\)|[=＝]\s*(?:[0０](?:\.0+)?(?![.,．]?\d)|no\b|none\b|neg)",
    ),
    "stated": (r"(?:is |are |was )?(?:present|noted|seen|evident|confirmed|found)",),
}
_PARTICLES = r"(?:所見|変化|波形|パターン|徴候|疾患|の|は|を|も|が|に|[・や／/]\s*[^\s。、なみ認]{1,12}|\s|[:：])*"
_NONE = (
    r"(?:する|う|わせる|い)?(?:所見|変化|波形|パターン)?[はもをが]?"
    r"(?:な[しいく]|無[しいく]|ありません|乏し|(?:(?:認|みと)め|(?:み|見)られ|認められ)(?:[ずな]|ません))"
)
"""That there is no sign of it: 疑う所見なし, 示唆する所見は認めない."""
_JA_AFTER = {
    "doubted": (
        rf"(?:疑|うたが|可能性|示唆)(?!{_NONE})|考慮|境界|かもしれ|[?？]|s/o|除外(?:できず|でき(?:ない|ません)|困難)",
        r"否定(?:できず|でき(?:ない|ません)|しきれ)",
    ),
    "denied": (
        r"なし|無し|無い|ない|ありません|(?:認|みと)め(?:ず|ない|られ(?:ず|ない)|ません)",
        r"(?:み|見)られ(?:ず|ない|ません)|否定|除外|陰性|消失|改善|に?乏し|基準(?:を|に)?(?:満た(?:さ|して(?:いな|いませ|おら))|(?:達|合致)し(?!て)|未満)",
        rf"(?:疑|うたが|可能性|示唆){_NONE}|(?:と(?:まで)?は(?:い|言)え(?:ない|ず|ません)|では?(?:ない|ありません)|非該当)",
        r"\(-\)|（[-－−]）|\([－−]\)|[-－−](?=$|\s)",
    ),
}
_JA_BEFORE = re.compile(r"(?P<doubted>疑い?|おそらく|恐らく|可能性)[\s:：]*$|(?P<denied>非|無)$")


def _cue(kinds: dict[str, tuple[str, ...]], form: str) -> re.Pattern[str]:
    return re.compile(form % "|".join(rf"(?P<{kind}>{'|'.join(words)})" for kind, words in kinds.items()), re.I)


_CUE_BEFORE = _cue(_BEFORE, r"(?<![\w-])(?:%s)(?![\w-])")
_CUE_AFTER = _cue(_AFTER, r"[\s:：(-]*(?:%s)")
_CUE_JA = _cue(_JA_AFTER, rf"{_PARTICLES}(?:%s)")
_GLUED = re.compile(
    r"(?P<denied>\bnon[- ]?|\b(?:negative|unlikely)(?: to be)? )$|(?P<doubted>[?？]\s*|(?<!no )\bdoubt(?:ful)? )$", re.I
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
        for m in re.finditer(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", clause, re.I):
            found.add(_of(clause[: m.start()], clause[m.end() :], bool(_WAVE.match(clause, m.start()))))
    order: tuple[Certainty, ...] = ("stated", "doubted", "denied")
    return next((c for c in order if c in found), None)


def _clauses(text: str) -> list[str]:
    return _CLAUSE.split(_SHORT.sub(r"\1", " ".join(text.replace("\n", ";").split(" "))))


def _of(before: str, after: str, wave: bool) -> Certainty:
    """By the words around one mention; a cue after it is nearer than any before."""
    for cue in (_CUE_AFTER.match(after), _CUE_JA.match(after), _JA_BEFORE.search(before)):
        if cue and not (wave and _FORM.search(cue[0])):
            return _kind(cue)
    if (glued := _GLUED.search(before)) and not (wave and _FORM.search(glued[0])):
        return _kind(glued)
    last = None
    for cue in _CUE_BEFORE.finditer(before):
        last = cue
    return _kind(last) if last else "stated"


def _kind(cue: re.Match[str]) -> Certainty:
    order: tuple[Certainty, ...] = ("doubted", "denied", "stated")
    return next(kind for kind in order if cue.groupdict().get(kind))
