"""What a score must be compared with: chance, always the first choice, and people where known."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.question import Question


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
        group = [q for q in questions if q.text_only == text_only and not q.void and q.key.in_letters]
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
    """Probability that a blind guess is right (``KeyBase.chance``)."""
    return q.key.chance(q)


def first_is_right(q: Question) -> bool:
    """Whether choosing the first (the first k where the stem says k) is right."""
    return tuple(range(q.n_stated or 1)) in q.key.choice_sets


def _majority_is_right(q: Question) -> bool:
    return q.human_choice in q.key.choice_sets
