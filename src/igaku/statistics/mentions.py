"""F1 of annotated expressions or relations over all texts together, as the field reports entities, and by kind."""

from collections.abc import Sequence

from igaku.grading import Graded
from igaku.keys import Mentions
from igaku.statistics.measures import Document, Measure, Sums, document, ratio


def mention_f1(items: Sequence[Graded]) -> Measure:
    """Micro F1 with precision and recall, F1 of partial hits, mean of the kinds' F1, and F1 of each kind.

    A reply that cannot be read lists nothing: its gold mentions are missed.
    """
    return Measure([Document(document(i), dict(i.verdict.parts or _missed(i))) for i in items], _value)


def _missed(item: Graded) -> dict[str, float]:
    if not isinstance(item.question.key, Mentions):
        return {}
    by_kind = item.question.key.by_kind
    return {"gold": float(by_kind.total()), **{f"gold:{kind}": float(n) for kind, n in by_kind.items()}}


def _value(s: Sums) -> dict[str, float]:
    gold, listed, hits = (s.get(n, 0.0) for n in ("gold", "listed", "hits"))
    kinds = sorted(n.removeprefix("gold:") for n, x in s.items() if n.startswith("gold:") and x)
    by_kind = {k: _f1(s, "hits", k) for k in kinds}
    return {
        "mention_f1": _f1(s, "hits"),
        "precision": ratio(hits, listed, float(not gold)),
        "recall": ratio(hits, gold, float(not listed)),
        "partial_f1": _f1(s, "partial"),
        "macro_f1": ratio(sum(by_kind.values()), len(by_kind), _f1(s, "hits")),
        **{f"f1:{kind}": value for kind, value in by_kind.items()},
    }


def _f1(s: Sums, hits: str, kind: str = "") -> float:
    """2 hits / (listed + gold), which is the harmonic mean of precision and recall; 1 where both sides are empty."""
    end = f":{kind}" if kind else ""
    return ratio(2 * s.get(hits + end, 0.0), s.get(f"listed{end}", 0.0) + s.get(f"gold{end}", 0.0), 1.0)
