"""Which questions begin alike: renderings of one question in several orders and templates share its stem.

``families`` groups sequences by a long common beginning, so that a stem is computed once for all its renderings;
``units`` then merges what agrees further (two templates that differ only after the list of choices) into one tree.
"""

from collections.abc import Sequence
from typing import NamedTuple

from igaku.engines.tree import Scored, same_beginning

STEM = 16
"""A beginning shared by several questions is worth a cache of its own from 16 tokens on."""
BRANCH = 8
"""Within a family, trees that agree for 8 more tokens become one."""
WIDEST = 768
"""Tokens of a merged tree at most: attention within a tree grows with the square of its length."""


class Family(NamedTuple):
    """Questions (by index) whose sequences all begin with ``stem``; empty for a question of its own."""

    stem: list[int]
    members: list[int]


def families(questions: Sequence[Sequence[Scored]], least: int = STEM) -> list[Family]:
    """Every question in exactly one family. A stem ends before the last token that nothing is predicted from."""
    return [Family(stem if len(m) > 1 else [], m) for stem, m in _grouped(range(len(questions)), questions, least, 0)]


def units(questions: Sequence[Sequence[Scored]]) -> list[list[int]]:
    """Questions (without their family's stem) that are laid out as one tree."""
    return [members for _, members in _grouped(range(len(questions)), questions, BRANCH, WIDEST)]


def without(question: Sequence[Scored], n: int) -> list[Scored]:
    """The sequences without their first n tokens."""
    return [Scored(s.tokens[n:], s.start - n) for s in question] if n else list(question)


def _grouped(
    indices: Sequence[int], questions: Sequence[Sequence[Scored]], least: int, widest: int
) -> list[tuple[list[int], list[int]]]:
    """Neighbours in sorted order, joined while ``least`` tokens stay common (and, for trees, of at most ``widest``)."""
    out: list[tuple[list[int], list[int]]] = []
    size = 0
    for i in sorted(indices, key=lambda i: list(questions[i][0].tokens)):
        beginning = _beginning(questions[i])
        whole = sum(len(s.tokens) - len(beginning) for s in questions[i]) + len(beginning)
        if out:
            stem, members = out[-1]
            same = same_beginning(stem, beginning)
            if same >= least and (not widest or size + whole - same <= widest):
                out[-1] = (stem[:same], [*members, i])
                size += whole - same
                continue
        out.append((beginning, [i]))
        size = whole
    return out


def _beginning(question: Sequence[Scored]) -> list[int]:
    """What all sequences of a question begin with, short of the last token before any of them is scored."""
    first = list(question[0].tokens[: min(s.start for s in question) - 1])
    for s in question[1:]:
        first = first[: same_beginning(first, list(s.tokens[: len(first)]))]
    return first
