"""What every reader of replies does first: take out thinking, normalise widths, cut an invented next question."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_TAGS = r"(?:think|thinking|thoughts?|reasoning|reflection)"
_OPEN = re.compile(rf"<{_TAGS}>|◁think▷", re.I)
_CLOSE = re.compile(rf"</{_TAGS}>|◁/think▷", re.I)
LONGEST = 40_000
"""Characters read from a reply: the first and the last half of these. What lies between cannot be its answer, and
no pattern has to walk through a megabyte of one character."""
_FINAL = "<|channel|>final<|message|>"
_NEXT = re.compile(
    r"\n[ \t]*+(?:#{2,}\s*(?:指示|入力|問題|instruction|input|question)\s*\d*\s*[:：]?[ \t]*(?:\n|$)|"
    r"【?(?:問題|設問|例題|次の問題)】?\s*\d*\s*[:.】)\n]|"
    r"(?:question|q)\s*\d*\s*[:.]|\[question\]|题目\s*[::]|<\|(?:question|user|system|im_start|start_header_id)\b)",
    re.I,
)
_ENDS = re.compile(r"<\|(?:im_end|eot_id|end|endoftext|end_of_text|return)\|>|</s>|<end_of_turn>|<eos>")


class Cleaned(NamedTuple):
    """``text`` to read from; ``cut`` where the reply ended inside its thinking, so that it holds no answer."""

    text: str
    cut: bool


@lru_cache(maxsize=64)
def clean(reply: str) -> Cleaned:
    """Strip thinking, unify widths (NFKC), drop end marks and whatever follows them or an invented next question.

    An opened and never closed block of thinking means that the reply was cut inside it.
    """
    text = bounded(reply)
    if "<" in text or "◁" in text:
        answer = after_thinking(text)
        if answer is None:
            return Cleaned("", True)
        text = answer
        if found := _ENDS.search(text):
            text = text[: found.start()]
    text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    if (found := _NEXT.search(text)) and text[: found.start()].strip():
        text = text[: found.start()]
    return Cleaned(text.strip(), False)


def bounded(reply: str) -> str:
    """A reply's first and last ``LONGEST / 2`` characters; all of it, where it is no longer."""
    return reply if len(reply) <= LONGEST else reply[: LONGEST // 2] + "\n" + reply[-LONGEST // 2 :]


def after_thinking(text: str) -> str | None:
    """What follows the last block of thinking (or stands before it, if nothing follows); None if it is cut in one."""
    closes = list(_CLOSE.finditer(text))
    if closes:
        before, text = text[: closes[0].start()], text[closes[-1].end() :]
        if not text.strip() and (opened := _OPEN.search(before)):
            text = before[: opened.start()]
    if _OPEN.search(text):
        return None
    if "<|channel|>" in text:
        return text.rpartition(_FINAL)[2] if _FINAL in text else None
    return text


_REFUSAL = re.compile(
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
