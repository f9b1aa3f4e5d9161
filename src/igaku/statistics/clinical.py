"""Scores of clinical text tasks: lists, labels, parts of a class, entities, written texts.

Beside each score of labels stands what a reply of always the same label would get (``constant``): a score that does
not pass it shows nothing. Each score is a function of sums over documents (``measures``).
"""

from collections.abc import Sequence

from igaku.grading import Graded, terms
from igaku.keys import LETTERS, Fields, Spans
from igaku.statistics.measures import Document, Measure, Sums, document, key_position, means, ratio


def list_f1(items: Sequence[Graded]) -> Measure:
    """Mean over texts of precision, recall and F1 of each list; what cannot be read has none."""
    parts = {"list_f1": "f1", "precision": "precision", "recall": "recall", "partial_f1": "partial_f1"}
    return _mean_parts(parts, items, all_right=True)


def rouge(items: Sequence[Graded]) -> Measure:
    """Mean ROUGE of the texts; one that is missing has none."""
    parts = {"rouge": "rougeL", "rouge1": "rouge1", "rouge2": "rouge2", "precision": "precision", "recall": "recall"}
    return _mean_parts(parts, items)


def _mean_parts(parts: dict[str, str], items: Sequence[Graded], all_right: bool = False) -> Measure:
    """Means of parts of the verdicts, each under its own name."""
    found = {name: lambda i, part=part: i.verdict.parts.get(part, 0.0) for name, part in parts.items()}
    return means(found | ({"all_right": lambda i: float(i.verdict.right)} if all_right else {}), items)


def positive_f1(items: Sequence[Graded]) -> Measure:
    """Precision, recall and F1 of the first choice against all else, and accuracy."""

    def add(i: Graded) -> Document:
        gold, read = key_position(i) == 0, _read(i) == LETTERS[0]
        sums = {"gold": float(gold), "read": float(read), "hits": float(gold and read)}
        return Document(document(i), sums | {"n": 1.0, "right": float(i.verdict.right)})

    def value(s: Sums) -> dict[str, float]:
        out = _precision_recall_f1(s)
        always = terms.f1(round(s["gold"]), round(s["gold"]), round(s["n"]), round(s["gold"])) if s["gold"] else 0.0
        named = {"positive_f1": out.pop("f1")} | out
        return named | {"accuracy": ratio(s["right"], s["n"]), "constant": always}

    return Measure([add(i) for i in items], value)


def macro_f1(items: Sequence[Graded]) -> Measure:
    """Mean of the F1 of each label that is right somewhere, rare ones as much as common ones; accuracy, and F1 of all
    labels together (replies without a label cost recall, not precision)."""

    def add(i: Graded) -> Document:
        gold, read = LETTERS[key_position(i)], _read(i)
        sums = {"n": 1.0, "gold": 1.0, f"gold:{gold}": 1.0, "hits": float(gold == read)}
        if read:
            sums |= {"read": 1.0, f"read:{read}": 1.0} | ({f"hits:{read}": 1.0} if gold == read else {})
        return Document(document(i), sums | {"right": float(i.verdict.right)})

    def value(s: Sums) -> dict[str, float]:
        wanted = {name.removeprefix("gold:"): n for name, n in s.items() if name.startswith("gold:") and n}
        every = [_precision_recall_f1(s, f":{label}")["f1"] for label in wanted]
        whole = _precision_recall_f1(s)
        out = {"macro_f1": ratio(sum(every), len(every)), "accuracy": ratio(s["right"], s["n"])}
        out |= {"precision": whole["precision"], "micro_f1": whole["f1"]}
        return out | {"constant": ratio(max(wanted.values(), default=0.0), s["n"])}

    return Measure([add(i) for i in items], value)


def fields(items: Sequence[Graded]) -> Measure:
    """Mean share of parts that are right, all parts right, and for each part precision, recall and F1."""
    names = dict.fromkeys(f.name for i in items if isinstance(i.question.key, Fields) for f in i.question.key.fields)

    def add(i: Graded) -> Document:
        sums = {"n": 1.0, "fields": i.verdict.score, "all_right": float(i.verdict.right)}
        return Document(document(i), sums | _counted(i))

    def value(s: Sums) -> dict[str, float]:
        out = {name: ratio(s[name], s["n"]) for name in ("fields", "all_right")}
        each = {name: _precision_recall_f1(s, f":{name}") for name in names}
        return out | {f"{part}:{name}": x for name, found in each.items() for part, x in found.items()}

    return Measure([add(i) for i in items], value)


def span_f1(items: Sequence[Graded]) -> Measure:
    """Precision, recall and F1 over all entities of all texts together, by kind as well; entities that share at least
    a character (``partial_f1``)."""

    def value(s: Sums) -> dict[str, float]:
        whole, near = _precision_recall_f1(s), round(s.get("partial", 0.0))
        out = {"span_f1": whole.pop("f1")} | whole
        out |= {
            "partial_f1": terms.f1(near, near, round(s.get("read", 0.0)), round(s.get("gold", 0.0))) if near else 0.0
        }
        kinds = sorted(name.removeprefix("gold:") for name in s if name.startswith("gold:"))
        return out | {f"f1:{kind}": _precision_recall_f1(s, f":{kind}")["f1"] for kind in kinds}

    return Measure([Document(document(i), _counted(i)) for i in items], value)


def _counted(item: Graded) -> dict[str, float]:
    """A verdict's counts; a reply that cannot be read leaves all of its key to be found."""
    key = item.question.key
    if item.verdict.parts or not isinstance(key, Fields | Spans):
        return dict(item.verdict.parts)
    if isinstance(key, Fields):
        return {f"gold:{f.name}": 1.0 for f in key.fields}
    kinds = [label.tag for label in key.labels] if len(key.labels) > 1 else []
    by_kind = {f"gold:{kind}": float(sum(s.label == kind for s in key.spans)) for kind in kinds}
    return {"gold": float(len(key.spans))} | by_kind


def _precision_recall_f1(s: Sums, suffix: str = "") -> dict[str, float]:
    """Of the counts ``hits``, ``read`` and ``gold`` of one kind; F1 is 1 where there is nothing and nothing is read."""
    hits, read, gold = (round(s.get(f"{name}{suffix}", 0.0)) for name in ("hits", "read", "gold"))
    return {"precision": ratio(hits, read), "recall": ratio(hits, gold), "f1": terms.f1(hits, hits, read, gold)}


def _read(item: Graded) -> str:
    return item.verdict.read[0] if len(item.verdict.read) == 1 and item.verdict.read[0] in LETTERS else ""
