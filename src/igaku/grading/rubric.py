"""rubric: which points of a rubric does an answer meet? A judge says so, in several votes; nothing is guessed for it.

A vote is read only if it decides every point; a judge that answers rubbish gives no vote, and where fewer than half
of the votes can be read the reply is ``unrated``: counted, in no denominator, and never zero, since the fault is not
the answer's. The points are shown to every second vote in reverse order, so that a judge which says yes to whatever
stands first is found out by its own votes.
"""

import json
import re
from statistics import fmean
from typing import Any

from igaku.grading.reply_text import clean
from igaku.io.patterns import lazy
from igaku.question import Answer, Outcome, Reply, Rubric, Verdict

_YES = r"はい|満たしている|満たす|該当する|true|yes|met|met\.|○|〇|◯|✓|✔|☑|是"
_NO = r"いいえ|満たしていない|満たさない|該当しない|false|not met|unmet|no|×|✕|✗|✘|☒|否"
_LINE = lazy(
    rf"^[\s|*\-・>#(\[【「]*(?:項目|採点項目|ポイント|point|item|criterion)?\s*[（(]?(\d{{1,2}})"
    rf"\s*+[）)\]】」]?\s*+[|:：.,、=\-–→\s*\"]*+"
    rf"(?:.{{0,200}}?[|:：=\-–→(（「\"\s*])??[\s*「\"(（]*({_NO}|{_YES})(?![A-Za-zぁ-んァ-ヶ一-龠])",
    re.I,
)
_IS_NO = lazy(rf"(?:{_NO})", re.I)
_INLINE = lazy(rf"(\d{{1,2}})\s*[:：.=]\s*({_NO}|{_YES})(?![A-Za-zぁ-んァ-ヶ一-龠])", re.I)
_OR = lazy(r"\s*[」\"*]*\s*(?:[/／]|または|又は|or\b|か[、\s]|、?\s*とは(?:言|い)え)", re.I)
_FENCE = lazy(r"```\w*")


def read_votes(reply: str, n: int) -> tuple[bool, ...] | None:
    """Yes or no for each of n points in the order shown; None unless every one is decided, once and clearly.

    Reads lines (``1: はい``), one line of pairs, tables, and JSON (list of booleans, or by number).
    """
    cleaned = clean(reply)
    text = _FENCE.sub("", cleaned.text)
    if cleaned.cut or not text.strip():
        return None
    found = _json(text, n)
    if found is None:
        found = {}
        for line in text.split("\n"):
            pairs = _INLINE.findall(line)
            mine = pairs if len(pairs) > 1 else [m.groups()] if (m := _LINE.match(line[:400])) else []
            if len(mine) == 1 and m is not None and _hedged(mine[0][1], line[m.end() : 400]):
                return None
            for number, word in mine:
                met = not _IS_NO.fullmatch(word)
                if found.setdefault(int(number), met) != met:
                    return None
    if set(found) != set(range(1, n + 1)):
        return None
    return tuple(found[i] for i in range(1, n + 1))


def _hedged(word: str, rest: str) -> bool:
    """The form itself was repeated ("はい/いいえ"), the word is taken back, or the line ends in the other one."""
    other = _YES if _IS_NO.fullmatch(word) else _NO
    return bool(_OR.match(rest)) or bool(re.search(rf"(?:^|[\s;；,、。:：])(?:{other})[\s.。]*$", rest, re.I))


def _json(text: str, n: int) -> dict[int, bool] | None:
    """A JSON list of n decisions, or an object by number, anywhere in the text; None where there is none."""
    for opens, closes in (("{", "}"), ("[", "]")):
        a, b = text.find(opens), text.rfind(closes)
        if a < 0 or b < a:
            continue
        try:
            value = json.loads(text[a : b + 1])
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), list | dict):
            value = next(iter(value.values()))
        items = list(enumerate(value, 1)) if isinstance(value, list) else list(value.items())
        decided = dict(filter(None, (_decided(k, v) for k, v in items)))
        if len(decided) == len(items) == n:
            return decided
    return None


def _decided(number: Any, value: Any) -> tuple[int, bool] | None:
    if isinstance(value, dict):
        number = next((v for k, v in value.items() if k in ("id", "number", "番号", "項目", "point")), number)
        value = next(
            (v for k, v in value.items() if k in ("met", "判定", "result", "verdict", "answer", "satisfied")), None
        )
    digits = re.search(r"\d+", str(number))
    if digits is None:
        return None
    if isinstance(value, bool):
        return int(digits[0]), value
    word = str(value).strip().lower()
    if re.fullmatch(_NO, word, re.I):
        return int(digits[0]), False
    return (int(digits[0]), True) if re.fullmatch(_YES, word, re.I) else None


def to_judge(reply: Reply) -> str:
    """The text that a judge is shown: thinking stripped; empty where there is nothing to judge."""
    if reply.answer.finish not in ("stop", "length"):
        return ""
    return clean(reply.answer.text).text


def votes_of(reply: Reply, n: int) -> list[tuple[bool, ...] | None]:
    """Each vote as decisions in the rubric's own order; None for a vote that cannot be read."""
    out: list[tuple[bool, ...] | None] = []
    for vote in reply.votes:
        read = read_votes(vote.answer.text, n) if vote.answer.finish in ("stop", "length") else None
        order = vote.permutation or tuple(range(n))
        whole = sorted(order) == list(range(n))
        out.append(tuple(read[order.index(i)] for i in range(n)) if read is not None and whole else None)
    return out


def raw_share(met: tuple[bool, ...], rubric: Rubric) -> float:
    """Weights of the points met, harmful ones too, over the positive weights: at most 1, and below 0 where harm
    outweighs (HealthBench's score of one conversation)."""
    got = sum(p.weight for p, yes in zip(rubric.points, met) if yes)
    return got / sum(p.weight for p in rubric.points if p.weight > 0)


def share(met: tuple[bool, ...], rubric: Rubric) -> float:
    """``raw_share`` from 0 to 1."""
    return min(1.0, max(0.0, raw_share(met, rubric)))


def verdict_of_votes(rubric: Rubric, reply: Reply) -> Verdict:
    """The mean of the votes that can be read; ``read`` lists the points that most of them find met, from 1.

    ``unclipped`` is that mean where harm outweighs in one of them, below 0 included. ``unrated`` where fewer than half
    of the votes can be read, or there is none.
    """
    votes = votes_of(reply, len(rubric.points))
    readable = [v for v in votes if v is not None]
    unread = float(len(votes) - len(readable))
    if not readable or 2 * len(readable) < len(votes):
        return Verdict(outcome="unrated", parts={"votes": float(len(votes)), "unread": unread} if votes else {})
    score = fmean(share(v, rubric) for v in readable)
    met = tuple(str(i + 1) for i in range(len(rubric.points)) if 2 * sum(v[i] for v in readable) > len(readable))
    parts = {"votes": float(len(votes)), "unread": unread}
    if (raw := fmean(raw_share(v, rubric) for v in readable)) != score:
        parts["unclipped"] = raw
    outcome: Outcome = "right" if score == 1 else "partial" if score else "wrong"
    return Verdict(outcome=outcome, score=score, read=met, parts=parts)


def gold_vote(rubric: Rubric, right: bool = True) -> Reply:
    """The vote of a judge that finds every positive point met and no negative one; or no positive and all negative."""
    text = "\n".join(f"{i}: {'はい' if (p.weight > 0) == right else 'いいえ'}" for i, p in enumerate(rubric.points, 1))
    return Reply(key="", model="gold", bench="", lang="", id="", answer=Answer(text=text))
