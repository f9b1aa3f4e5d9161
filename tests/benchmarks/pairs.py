"""What the embedded questions hold, read for a test: both languages side by side, and where the keys stand."""

import re
from collections import Counter
from collections.abc import Sequence

from igaku import load_benchmark
from igaku.question import LETTERS, Question

ABBREVIATION_IN_ROUND_BRACKETS = re.compile(r"[ぁ-んァ-ヶ一-龠]\([A-Z][A-Za-z0-9-]{1,}\)")
"""The exam prints 抗利尿ホルモン〈ADH〉."""


def both(name: str) -> list[tuple[Question, Question]]:
    """Its questions in Japanese and English, pair by pair."""
    ja, en = (load_benchmark(name).load(lang) for lang in ("ja", "en"))
    return list(zip(ja, en, strict=True))


def single(questions: Sequence[Question]) -> list[Question]:
    return [q for q in questions if q.n_right == 1]


def chi_square(questions: Sequence[Question]) -> float:
    """How far the letters of right answers are from being equally frequent (4 degrees of freedom)."""
    seen = Counter(i for q in questions if q.choices for i in q.right)
    expected = sum(seen.values()) / 5
    return sum((seen[i] - expected) ** 2 / expected for i in range(5))


def share_of_longest(questions: Sequence[Question]) -> float:
    """How often the longest choice is the key; where several are equally long, each has its part."""
    parts = 0.0
    for q in questions:
        longest = [i for i, c in enumerate(q.choices) if len(c) == max(map(len, q.choices))]
        parts += sum(i in q.right for i in longest) / len(longest)
    return parts / len(questions)


def same_but_for_language(ja: Question, en: Question) -> bool:
    """Whether all that is not text is one and the same."""
    names = ("id", "key", "points", "section", "category", "group", "prohibited", "source", "void", "text_only")
    return all(getattr(ja, n) == getattr(en, n) for n in names) and len(ja.choices) == len(en.choices)


def letters(q: Question) -> str:
    return "".join(LETTERS[i] for i in q.right)
