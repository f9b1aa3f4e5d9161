"""What every reader of replies does first: take out thinking, normalise widths, part an invented next question."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from igaku.io.patterns import lazy
from igaku.thinking import split

LONGEST = 24_000
"""Characters read from a reply: the first and the last half of these. What lies between cannot be its answer, and
no pattern has to walk through a megabyte of one character."""
_NEXT = lazy(
    r"\n[ \t]*+(?:#{2,}\s*(?:指示|入力|問題|instruction|input|question)\s*\d*\s*[:：]?[ \t]*(?:\n|$)|"
    r"【?(?:問題|設問|例題|次の問題)】?\s*\d*\s*[:：.】)\n]|"
    r"(?:question|q)\s*\d*\s*[:：.]|(?:user|human|ユーザー|質問者) ?[:：]|\[question\]|题目\s*[:：])",
    re.I,
)
_MARK = lazy(r"<\|[^<>|\n]{1,40}\|?>|<unused\d+>|</?s>|<(?:end|start)_of_turn>|<eos>|<pad>|\[/?INST\]")


class Cleaned(NamedTuple):
    """``text`` to read from; ``cut`` where the reply ended inside its thinking, so that it holds no answer."""

    text: str
    cut: bool


@lru_cache(maxsize=64)
def spoken(reply: str) -> Cleaned:
    """What a reply says after its thinking, as it was written but for marks of models."""
    parts = split(bounded(reply))
    return Cleaned(
        _MARK.sub("", parts.answer) if "<" in parts.answer or "[" in parts.answer else parts.answer, parts.cut
    )


@lru_cache(maxsize=64)
def clean(reply: str) -> Cleaned:
    """What a reply says, widths unified (NFKC), without an invented next question.

    An opened and never closed block of thinking means that the reply was cut inside it.
    """
    body = spoken(reply)
    if body.cut:
        return Cleaned("", True)
    text = unicodedata.normalize("NFKC", body.text).replace("\r\n", "\n").replace("\r", "\n")
    return Cleaned(sections(text)[0], False)


def bounded(reply: str) -> str:
    """A reply's first and last ``LONGEST / 2`` characters; all of it, where it is no longer."""
    return reply if len(reply) <= LONGEST else reply[: LONGEST // 2] + "\n" + reply[-LONGEST // 2 :]


def sections(text: str) -> tuple[str, ...]:
    """A reply parted where it seems to begin a next question, which base models invent; at most its first eight.

    A heading that only repeats the question at hand looks the same, so a reader goes on where a part has no answer.
    """
    starts = [m.start() for m in _NEXT.finditer(text) if text[: m.start()].strip()][:7]
    parts = (text[a:b].strip() for a, b in zip([0, *starts], [*starts, len(text)]))
    return tuple(p for p in parts if p) or ("",)


_REFUSAL = lazy(
    r"申し訳(?:ありません|ございません|ない)|残念ながら|(?:お答え|回答|判断|解答|特定|選択|提供)"
    r"(?:する(?:こと|の)は)?(?:でき(?:ません|ない|かねます)|は?(?:困難|不可能))|"
    r"答えられません|答えることができません|画像が(?:ない|示され|表示され|提示され|添付され)|情報が不足|"
    r"\b(?:i'?m|i am) (?:sorry|unable|not able)|\bsorry,|\bi (?:can(?:'|no)t|cannot|can not)\b|"
    r"\b(?:cannot|can't|unable to|not possible to) (?:answer|determine|provide|diagnose|identify|choose|select)|"
    r"as an ai\b|"
    r"(?:not|doesn't|does not) (?:provide|contain|have) enough|insufficient information",
    re.I,
)


def is_refusal(text: str) -> bool:
    """Whether a reply without an answer says that it will not or cannot answer."""
    return bool(_REFUSAL.search(text))
