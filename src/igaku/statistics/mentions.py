"""F1 of annotated expressions or relations over all texts together, as the field reports entities, and by kind."""

from collections import Counter
from collections.abc import Sequence

from igaku.grading import Graded, terms
from igaku.keys import Mentions


def mention_f1(items: Sequence[Graded]) -> dict[str, float]:
    """Micro F1 with precision and recall, F1 of partial hits, mean of the kinds' F1, and F1 of each kind.

    A reply that cannot be read lists nothing: its gold mentions are missed.
    """
    total: Counter[str] = Counter()
    for i in items:
        total.update(i.verdict.parts or _missed(i))
    gold, listed, hits = (int(total[n]) for n in ("gold", "listed", "hits"))
    kinds = sorted(n.removeprefix("gold:") for n in total if n.startswith("gold:") and total[n])
    by_kind = {k: _f1(total[f"hits:{k}"], total[f"listed:{k}"], total[f"gold:{k}"]) for k in kinds}
    return {
        "mention_f1": _f1(hits, listed, gold),
        "precision": hits / listed if listed else float(not gold),
        "recall": hits / gold if gold else float(not listed),
        "partial_f1": _f1(total["partial"], listed, gold),
        "macro_f1": sum(by_kind.values()) / len(by_kind) if by_kind else _f1(hits, listed, gold),
        **{f"f1:{kind}": value for kind, value in by_kind.items()},
    }


def _missed(item: Graded) -> dict[str, float]:
    key = item.question.key
    by_kind = key.by_kind if isinstance(key, Mentions) else Counter[str]()
    return {"gold": float(by_kind.total()), **{f"gold:{kind}": float(n) for kind, n in by_kind.items()}}


def _f1(hits: float, listed: float, gold: float) -> float:
    return terms.f1(int(hits), int(hits), int(listed), int(gold))
