"""Gestalt matching: which choice's words is a reply nearest to, by Ratcliff/Obershelp similarity (JMedLoRA's metric).

The ratio is that of Python's ``difflib`` to the last bit, autojunk included, from a compiled matcher. Ranking is cheap:
the longest common subsequence bounds the matched characters of either direction, so only a choice whose bound reaches
the best ratio so far is compared exactly.
"""

import re
from collections.abc import Sequence

from cydifflib import SequenceMatcher
from rapidfuzz.distance import LCSseq

from igaku.grading.letter import Read, nothing
from igaku.grading.reading.vocabulary import ANCHOR
from igaku.grading.reply_text import clean
from igaku.grading.words import LABEL, bare, choice_words, denies
from igaku.io.patterns import lazy
from igaku.question import Question

_ANCHOR = lazy(ANCHOR, re.I)
THRESHOLD = 0.5
"""Below this similarity a reply is nearer to nothing: unparsed. Two unrelated Japanese choices reach about 0.3."""


def gestalt_ratio(a: str, b: str) -> float:
    """``difflib.SequenceMatcher(None, a, b).ratio()``."""
    return float(SequenceMatcher(None, a, b).ratio())


def both_ways(a: str, b: str) -> float:
    """Mean of the ratio in both directions; it is not symmetric."""
    return (gestalt_ratio(a, b) + gestalt_ratio(b, a)) / 2


def nearest(reply: str, choices: Sequence[str], k: int = 1) -> list[tuple[int, float]]:
    """The k choices nearest to the reply as (position, ratio), best first; of equal ones the first wins."""
    bounds = []
    for i, choice in enumerate(choices):
        length = len(reply) + len(choice)
        bounds.append((2.0 * LCSseq.similarity(reply, choice) / length if length else 1.0, i))
    best: list[tuple[float, int]] = []
    for bound, i in sorted(bounds, key=lambda pair: (-pair[0], pair[1])):
        if len(best) == k and bound < -best[-1][0]:
            break
        best.append((-both_ways(choices[i], reply) if bound else -0.0, i))
        best = sorted(best)[:k]
    return [(i, -negative) for negative, i in best]


def read_gestalt(reply: str, question: Question, finish: str = "stop") -> Read:
    """The choices that a reply's answer lines are nearest to, each at least ``THRESHOLD`` near.

    It is not given how many choices are right: it reads line after line (or item after item) from the answer's
    beginning for as long as each is near enough to a choice.
    """
    cleaned = clean(reply)
    if cleaned.cut:
        return Read(outcome="truncated")
    words = choice_words(question.choices)
    for part in (*_after_anchors(cleaned.text, words), cleaned.text, cleaned.text.rsplit("\n", 1)[-1]):
        if found := _lines(part, words):
            return Read(positions=found)
    return nothing(cleaned.text, finish)


def _after_anchors(text: str, words: tuple[str, ...]) -> list[str]:
    """What follows each "Answer:", the last first; a line that is a choice's words announces nothing ("ANS - SN")."""
    ends = [a.end() for a in list(_ANCHOR.finditer(text))[:-50:-1]]
    return [text[e:] for e in ends if bare(text[text.rfind("\n", 0, e) + 1 :].partition("\n")[0]) not in words]


def _lines(text: str, words: tuple[str, ...]) -> tuple[int, ...]:
    out: list[int] = []
    for line in text.split("\n"):
        if not bare(line):
            continue
        unlabelled = bare(LABEL.sub("", line))
        if denies(line, words):
            break
        found = _one(bare(line), words) if bare(line) in words or not unlabelled else _one(unlabelled, words)
        if not found:
            break
        out += found
    return tuple(dict.fromkeys(out))


def _one(line: str, words: tuple[str, ...]) -> list[int]:
    position, ratio = nearest(line, words)[0]
    items = [i for i in (bare(part) for part in re.split(r"[、,・/;]|\band\b|および|及び", line)) if i]
    if len(items) > 1 and ratio < 1:
        each = [nearest(item, words)[0] for item in items]
        if min(r for _, r in each) > max(ratio, THRESHOLD):
            return [i for i, _ in each]
    return [position] if ratio >= THRESHOLD else []


def published_gestalt(reply: str, question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """japanese-lm-med-harness's algorithm to the letter: (choices selected, gold), each sorted, as texts.

    First line, full stops deleted; the k nearest choices, k being the number of golds, which it is given; the gold is
    joined with commas and split at commas again, so that a gold choice that holds one can never be matched.
    """
    line = reply.strip().split("\n", 1)[0].replace(".", "").strip()
    gold = ",".join(question.choices[i] for i in question.right).split(",")
    chosen = [question.choices[i] for i, _ in nearest(line, question.choices, min(len(gold), len(question.choices)))]
    return tuple(sorted(chosen)), tuple(sorted(gold))
