"""diff: no model at all. Aligns the two documents of a question character by character and lists what differs.

A baseline for SogoCheck: what a careful diff finds says how much of the task is comparison of texts. The alignment
is rapidfuzz's (Indel); differences less than a few characters apart are one, and each grows to the words, numbers and
units around it, so that it can be read.
"""

import json
import re
from collections.abc import Iterator, Sequence

from igaku.engines.base import EngineBase, Identity
from igaku.engines.spec import EngineSpec
from igaku.question import Answer, Request

NEAR = 4
"""Differences with at most N equal characters between them are one difference."""
LONGEST = 120
"""A longer difference is another text, not a discrepancy, and is left out."""
_JOINED = re.compile(r"[0-9A-Za-z.,，．%％℃～〜±μ一-龠々ァ-ヶー ]")


class Diff(EngineBase):
    """The engine of ``--model diff``."""

    @classmethod
    def load(cls, spec: EngineSpec) -> "Diff":
        """It has no model and no settings."""
        spec.settings("diff")
        return cls()

    def __init__(self) -> None:
        from importlib.metadata import version

        super().__init__()
        self.identity = Identity(model="diff", engine="diff", version=f"rapidfuzz {version('rapidfuzz')}")
        self.unsupported = {"letters": "it is not a language model", "likelihood": "it is not a language model"}

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer in order; a question without two documents is an error, counted as such."""
        for i, request in enumerate(requests):
            if len(request.documents) != 2:
                yield i, Answer(finish="error", error="diff compares two documents; this question has none")
                continue
            found = [{"before": b, "after": a} for b, a in differences(*request.documents)]
            yield i, Answer(text=json.dumps(found, ensure_ascii=False), prompt_tokens=len(request.prompt))


def differences(first: str, second: str) -> list[tuple[str, str]]:
    """What differs between two texts, as (in the first, in the second), in order of position."""
    from rapidfuzz.distance import Indel

    spans: list[list[int]] = []
    for op in Indel.opcodes(first, second):
        if op.tag == "equal":
            continue
        if spans and op.src_start - spans[-1][1] <= NEAR and op.dest_start - spans[-1][3] <= NEAR:
            spans[-1][1], spans[-1][3] = op.src_end, op.dest_end
        else:
            spans.append([op.src_start, op.src_end, op.dest_start, op.dest_end])
    whole: list[tuple[int, int, int, int]] = []
    for a, b, c, d in (_grown(first, second, *span) for span in spans):
        if whole and (a <= whole[-1][1] or c <= whole[-1][3]):
            a, c = whole[-1][0], whole[-1][2]
            whole.pop()
        whole.append((a, b, c, d))
    pairs = [(first[a:b].strip(" ．，.,\n"), second[c:d].strip(" ．，.,\n")) for a, b, c, d in whole]
    return [p for p in dict.fromkeys(pairs) if p[0] and p[1] and p[0] != p[1] and max(map(len, p)) <= LONGEST]


def _grown(first: str, second: str, a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    """Both spans with the word, number or unit that they cut into, as far as the two texts agree on it."""
    while a > 0 and c > 0 and first[a - 1] == second[c - 1] and _JOINED.match(first[a - 1]):
        a, c = a - 1, c - 1
    while b < len(first) and d < len(second) and first[b] == second[d] and _JOINED.match(first[b]):
        b, d = b + 1, d + 1
    return a, b, c, d
