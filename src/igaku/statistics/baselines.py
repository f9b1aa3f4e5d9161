"""What a score must be compared with: chance, always the first choice, and people where known."""

from collections.abc import Sequence
from math import comb

from msgspec import Struct

from igaku.question import Choices, Number, Ordering, Question

_GUESSED = (Choices, Ordering, Number)
"""Keys that a blind guess can meet; for extractions, comparisons and open answers there is no such row."""


class Baseline(Struct, frozen=True, kw_only=True):
    """One row: ``chance``, ``first choice``, ``human mean`` or ``human majority`` over n questions."""

    name: str
    benchmark: str
    language: str
    text_only: bool
    n: int
    accuracy: float
    points: float
    max_points: float


def baselines(benchmark: str, language: str, questions: Sequence[Question]) -> list[Baseline]:
    """The rows of one benchmark and language, text-only and image questions apart, void questions left out."""
    out = []
    for text_only in (True, False):
        group = [q for q in questions if q.text_only == text_only and not q.void and isinstance(q.key, _GUESSED)]
        rows: dict[str, list[tuple[Question, float]]] = {
            "chance": [(q, chance(q)) for q in group],
            "first choice": [(q, float(first_is_right(q))) for q in group],
            "human mean": [(q, q.human_accuracy) for q in group if q.human_accuracy is not None],
            "human majority": [(q, float(_majority_is_right(q))) for q in group if q.human_choice],
        }
        for name, scores in rows.items():
            if scores:
                out.append(
                    Baseline(
                        name=name,
                        benchmark=benchmark,
                        language=language,
                        text_only=text_only,
                        n=len(scores),
                        accuracy=sum(s for _, s in scores) / len(scores),
                        points=sum(q.points * s for q, s in scores),
                        max_points=sum(q.points for q, _ in scores),
                    )
                )
    return out


def chance(q: Question) -> float:
    """Probability that a blind guess is right: of k choices where the stem says k, of one where one is right, else
    of any number of choices; 0 for numbers and orderings (for an ordering 1/n! would be no use to anybody)."""
    if not isinstance(q.key, Choices) or not q.choices:
        return 0.0
    n, sizes = len(q.choices), {len(a) for a in q.key.accepted}
    k = q.asked or (1 if sizes == {1} else None)
    ways = comb(n, k) if k else 2**n - 1
    hits = sum(1 for a in q.key.accepted if k is None or len(a) == k)
    return hits / ways


def first_is_right(q: Question) -> bool:
    """Whether choosing the first (the first k where the stem says k) is right."""
    k = q.asked or 1
    return isinstance(q.key, Choices) and tuple(range(k)) in q.key.accepted


def _majority_is_right(q: Question) -> bool:
    return isinstance(q.key, Choices) and q.human_choice in q.key.accepted
