"""Scores of clinical text tasks: lists, labels, parts of a class, entities, written texts.

Beside each score of labels stands what a reply of always the same label would get (``constant``): a score that does
not pass it shows nothing.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from igaku.grading import Graded, terms
from igaku.keys import LETTERS, Fields, Spans


def list_f1(items: Sequence[Graded]) -> dict[str, float]:
    """Mean over texts of precision, recall and F1 of each list; what cannot be read has none."""
    names = {"list_f1": "f1", "precision": "precision", "recall": "recall", "partial_f1": "partial_f1"}
    out = {name: fmean(i.verdict.parts.get(part, 0.0) for i in items) for name, part in names.items()}
    return out | {"all_right": fmean(i.verdict.right for i in items)}


def positive_f1(items: Sequence[Graded]) -> dict[str, float]:
    """Precision, recall and F1 of the first choice against all else, and accuracy."""
    golds, reads = [_gold(i) == 0 for i in items], [_read(i) == "a" for i in items]
    hits = sum(g and r for g, r in zip(golds, reads))
    out = {"positive_f1": terms.f1(hits, hits, sum(reads), sum(golds)) if hits else 0.0}
    out |= {"precision": _share(hits, sum(reads)), "recall": _share(hits, sum(golds)), "accuracy": _right(items)}
    return out | {"constant": terms.f1(sum(golds), sum(golds), len(golds), sum(golds)) if any(golds) else 0.0}


def macro_f1(items: Sequence[Graded]) -> dict[str, float]:
    """Mean of the F1 of each label that is right somewhere, rare ones as much as common ones; accuracy, and F1 of all
    labels together (replies without a label cost recall, not precision)."""
    golds, reads = [LETTERS[_gold(i)] for i in items], [_read(i) for i in items]
    hits, found, wanted = Counter(g for g, r in zip(golds, reads) if g == r), Counter(reads), Counter(golds)
    every = [terms.f1(hits[c], hits[c], found[c], wanted[c]) for c in wanted]
    labelled, right = sum(map(bool, reads)), sum(hits.values())
    out = {"macro_f1": fmean(every), "accuracy": _right(items), "precision": _share(right, labelled)}
    out |= {"micro_f1": terms.f1(right, right, labelled, len(items)) if right else 0.0}
    return out | {"constant": max(wanted.values()) / len(items)}


def fields(items: Sequence[Graded]) -> dict[str, float]:
    """Mean share of parts that are right, all parts right, and for each part precision, recall and F1."""
    total, out = _summed(items), {"fields": fmean(i.verdict.score for i in items), "all_right": _right(items)}
    for name in dict.fromkeys(
        f.name for i in items if isinstance(i.question.key, Fields) for f in i.question.key.fields
    ):
        out |= {f"{k}:{name}": v for k, v in _prf(total, f":{name}").items()}
    return out


def span_f1(items: Sequence[Graded]) -> dict[str, float]:
    """Precision, recall and F1 over all entities of all texts together, by kind as well; entities that share at least
    a character (``partial_f1``)."""
    total = _summed(items)
    out = {"span_f1": _prf(total, "")["f1"]} | {k: v for k, v in _prf(total, "").items() if k != "f1"}
    near = total["partial"]
    out |= {"partial_f1": terms.f1(int(near), int(near), int(total["read"]), int(total["gold"])) if near else 0.0}
    kinds = sorted(name.removeprefix("gold:") for name in total if name.startswith("gold:"))
    return out | {f"f1:{kind}": _prf(total, f":{kind}")["f1"] for kind in kinds} | {"gold": total["gold"]}


def rouge(items: Sequence[Graded]) -> dict[str, float]:
    """Mean ROUGE of the texts; one that is missing has none."""
    names = {"rouge": "rougeL", "rouge1": "rouge1", "rouge2": "rouge2", "precision": "precision", "recall": "recall"}
    return {name: fmean(i.verdict.parts.get(part, 0.0) for i in items) for name, part in names.items()}


def _summed(items: Sequence[Graded]) -> Counter[str]:
    """The verdicts' counts added up; a reply that cannot be read leaves all of its key to be found."""
    total: Counter[str] = Counter()
    for i in items:
        total.update(i.verdict.parts or _all_of(i))
    return total


def _all_of(item: Graded) -> dict[str, float]:
    key = item.question.key
    if isinstance(key, Fields):
        return {f"gold:{f.name}": 1.0 for f in key.fields}
    if not isinstance(key, Spans):
        return {}
    by_kind = {
        f"gold:{x.tag}": float(sum(s.label == x.tag for s in key.spans)) for x in key.labels if len(key.labels) > 1
    }
    return {"gold": float(len(key.spans))} | by_kind


def _prf(total: Counter[str], suffix: str) -> dict[str, float]:
    hits, read, gold = (int(total[f"{name}{suffix}"]) for name in ("hits", "read", "gold"))
    f1 = terms.f1(hits, hits, read, gold) if hits or not (read or gold) else 0.0
    return {"precision": _share(hits, read), "recall": _share(hits, gold), "f1": f1}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _right(items: Sequence[Graded]) -> float:
    return fmean(i.verdict.right for i in items)


def _gold(item: Graded) -> int:
    return item.question.right[0] if item.question.right else 0


def _read(item: Graded) -> str:
    return item.verdict.read[0] if len(item.verdict.read) == 1 and item.verdict.read[0] in LETTERS else ""
