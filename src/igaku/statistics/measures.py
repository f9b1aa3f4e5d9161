"""What each aggregator adds up over the questions, and the numbers that follow from the sums.

Every metric here is a function of sums over documents (groups of linked questions, statements of one question), so that
leaving one document out costs a subtraction: the intervals of ``metric_interval`` live on that.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from igaku.grading import Graded, terms
from igaku.grading.rubric import votes_of
from igaku.keys import LETTERS, rubric_of
from igaku.prompts.formats import complete, parent

Sums: TypeAlias = Mapping[str, float]


class Document(NamedTuple):
    """One unit that is independent of the others, and what it adds."""

    name: str
    sums: Sums


class Measure(NamedTuple):
    """The documents of some verdicts, and how their sums become named numbers."""

    documents: Sequence[Document]
    value: Callable[[Sums], dict[str, float]]
    floors: Callable[[Sums], dict[str, float]] = lambda _: {}
    """The lowest value that a metric can have with the same margins, where that is not 0."""

    @property
    def total(self) -> Sums:
        """The sums over all documents."""
        columns: dict[str, list[float]] = defaultdict(list)
        for document in self.documents:
            for name, x in document.sums.items():
                columns[name].append(x)
        return {name: math.fsum(values) for name, values in columns.items()}


def document(item: Graded) -> str:
    """What an item hangs together with: its linked questions, else the question itself (of which it may be one
    statement)."""
    return item.question.group or parent(item.question.id)


def means(names: Mapping[str, Callable[[Graded], float]], items: Sequence[Graded]) -> Measure:
    """Means over questions."""
    documents = [Document(document(i), {"n": 1.0} | {k: f(i) for k, f in names.items()}) for i in items]
    return Measure(documents, lambda s: {k: ratio(s.get(k, 0.0), s["n"]) for k in names})


def ratio(a: float, b: float, otherwise: float = 0.0) -> float:
    """``a / b``, or ``otherwise`` where there is nothing to divide by."""
    return a / b if b else otherwise


def kappa(items: Sequence[Graded], name: str = "kappa", linear: bool = False) -> Measure:
    """1 - observed / expected disagreement of the choice read and the key.

    What could not be read is a choice of its own, with linear weights the farthest from every choice; 0 where neither
    side ever varies and they agree (it is undefined there).
    """
    n = max(len(i.question.choices) for i in items)

    def weight(i: int, j: int) -> float:
        return float(abs(i - j) if j < n else n - 1) if linear else float(i != j)

    def parts(s: Sums) -> tuple[float, float]:
        count = s["n"]
        golds, reads = ([(j, s.get(f"{side} {j}", 0.0)) for j in range(n + 1)] for side in ("gold", "read"))
        expected = math.fsum(g * r * weight(i, j) for i, g in golds if g for j, r in reads if r) / count**2
        return s.get("observed", 0.0) / count, expected

    def value(s: Sums) -> dict[str, float]:
        observed, expected = parts(s)
        return {name: 1 - observed / expected if expected else 0.0, "accuracy": s.get("right", 0.0) / s["n"]}

    def floors(s: Sums) -> dict[str, float]:
        expected = parts(s)[1] / (max(1, n - 1) if linear else 1)
        return {name: 1 - 1 / expected if expected else 0.0}

    def add(i: Graded) -> Document:
        gold, read = key_position(i), read_position(i, n)
        sums = {"n": 1.0, "right": float(i.verdict.right), "observed": weight(gold, read)}
        return Document(document(i), sums | {f"gold {gold}": 1.0, f"read {read}": 1.0})

    return Measure([add(i) for i in items], value, floors)


def pair_f1(items: Sequence[Graded]) -> Measure:
    """F1, precision and recall over all discrepancies of all documents together; recall for each kind of them."""

    def add(i: Graded) -> Document:
        parts = i.verdict.parts or {"gold": float(len(set(getattr(i.question.key, "pairs", ()))))}
        return Document(document(i), dict(parts))

    def value(s: Sums) -> dict[str, float]:
        hits, listed, gold = (s.get(n, 0.0) for n in ("hits", "said", "gold"))
        out = {"recall": ratio(hits, gold)}
        if listed or not hits:  # the published grader counts hits, but not how many pairs were listed
            f1 = terms.f1(round(hits), round(hits), round(listed), round(gold))
            out = {"pair_f1": f1, "precision": ratio(hits, listed)} | out
        kinds = sorted(n.removeprefix("gold:") for n in s if n.startswith("gold:"))
        known = [k for k in kinds if s[f"gold:{k}"]]
        out |= {f"recall:{k}": s.get(f"hits:{k}", 0.0) / s[f"gold:{k}"] for k in known}
        return out | {f"gold:{k}": s[f"gold:{k}"] for k in known}

    return Measure([add(i) for i in items], value)


def pearson(items: Sequence[Graded]) -> Measure:
    """Pearson's correlation of the grade read and the key; what could not be read stands at the mean of what was."""
    n = max(len(i.question.choices) for i in items)

    def add(i: Graded) -> Document:
        x, y = float(read_position(i, n)), float(key_position(i))
        both = {"n": 1.0, "right": float(i.verdict.right), "y": y, "yy": y * y}
        known = {"known": 1.0, "x": x, "xx": x * x, "xy": x * y} if x < n else {"y unread": y}
        return Document(document(i), both | known)

    def value(s: Sums) -> dict[str, float]:
        count, known = s["n"], s.get("known", 0.0)
        mean = ratio(s.get("x", 0.0), known)
        xx = s.get("xx", 0.0) - known * mean * mean
        yy = s["yy"] - s["y"] ** 2 / count
        xy = s.get("xy", 0.0) + mean * s.get("y unread", 0.0) - mean * s["y"]
        varied = xx > 1e-9 and yy > 1e-9
        r = max(-1.0, min(1.0, xy / math.sqrt(xx * yy))) if varied else 0.0
        return {"pearson": r, "accuracy": s.get("right", 0.0) / count}

    return Measure([add(i) for i in items], value, lambda _: {"pearson": -1.0})


def rubric(items: Sequence[Graded]) -> Measure:
    """Mean share of the rubric's weights, share of full marks, unreadable votes, and Fleiss' kappa of the votes."""

    def add(i: Graded) -> Document:
        read = votes_of(i.reply, len(rubric_of(i.question).points)) if i.reply else []
        votes = [v for v in read if v is not None]
        sums = {"n": 1.0, "score": i.verdict.score, "full": float(i.verdict.right)}
        sums |= {"cast": float(len(i.reply.votes)) if i.reply else 0.0, "read": float(len(votes))}
        return Document(document(i), sums | (_decisions(list(zip(*votes))) if len(votes) > 1 else {}))

    def value(s: Sums) -> dict[str, float]:
        out = {"rubric": s["score"] / s["n"], "full_marks": s["full"] / s["n"]}
        if s["cast"]:
            out["unread_votes"] = 1 - s["read"] / s["cast"]
        return out | ({"agreement": fleiss_of(s)} if s.get("points") else {})

    return Measure([add(i) for i in items], value, lambda s: {"agreement": _fleiss_floor(s)})


def healthbench(items: Sequence[Graded]) -> Measure:
    """HealthBench's score: the mean over conversations of what ``raw_share`` gives each (it may be below 0), the mean
    itself clipped to 0..1; and what ``rubric`` gives, which clips every conversation."""
    both = rubric(items)

    def add(i: Graded, d: Document) -> Document:
        weights = [p.weight for p in rubric_of(i.question).points]
        lowest = sum(w for w in weights if w < 0) / sum(w for w in weights if w > 0)
        return Document(d.name, {**d.sums, "raw": i.verdict.parts.get("unclipped", i.verdict.score), "floor": lowest})

    def value(s: Sums) -> dict[str, float]:
        mean = s["raw"] / s["n"]
        return {"healthbench": min(1.0, max(0.0, mean)), "unclipped": mean} | both.value(s)

    documents = [add(i, d) for i, d in zip(items, both.documents)]
    return Measure(documents, value, lambda s: {"unclipped": s["floor"] / s["n"]} | dict(both.floors(s)))


def _decisions(points: Sequence[Sequence[bool]]) -> dict[str, float]:
    """What the decisions on single points add to Fleiss' kappa."""
    yes = [sum(d) for d in points]
    pairs = [(y * (y - 1) + (len(d) - y) * (len(d) - y - 1)) / (len(d) * (len(d) - 1)) for d, y in zip(points, yes)]
    marks = float(sum(map(len, points)))
    return {"points": float(len(points)), "marks": marks, "yes": float(sum(yes)), "same": math.fsum(pairs)}


def fleiss(decisions: Sequence[Sequence[bool]]) -> float:
    """Fleiss' kappa (1971) of yes-no decisions, each by two or more raters; 1 where nobody ever differs."""
    return fleiss_of(_decisions(decisions))


def fleiss_of(s: Sums) -> float:
    """Fleiss' kappa from the sums of ``points``, ``marks``, ``yes`` and ``same``."""
    yes, same = s["yes"] / s["marks"], s["same"] / s["points"]
    by_chance = yes**2 + (1 - yes) ** 2
    return 1.0 if same > 1 - 1e-12 else (same - by_chance) / (1 - by_chance)


def _fleiss_floor(s: Sums) -> float:
    yes = ratio(s.get("yes", 0.0), s.get("marks", 0.0))
    by_chance = yes**2 + (1 - yes) ** 2
    return -by_chance / (1 - by_chance) if by_chance < 1 else -1.0


def statements(items: Sequence[Graded]) -> Measure:
    """Share of questions with all their statements right and, where there are log-odds, with the right ones on top."""
    groups: dict[str, list[Graded]] = {}
    for i in items:
        groups.setdefault(parent(i.question.id), []).append(i)
    whole = [g for g in groups.values() if complete([i.question.id for i in g])]
    odds = all(i.reply is not None and len(i.reply.answer.logprobs) == 2 for i in items)

    def add(group: Sequence[Graded]) -> Document:
        sums = {"n": 1.0, "statements": float(all(i.verdict.right for i in group))}
        return Document(document(group[0]), sums | ({"ranked": float(_ranked(group))} if odds else {}))

    names = ["statements", *(["ranked"] if odds else [])]
    return Measure([add(g) for g in whole], lambda s: {k: ratio(s.get(k, 0.0), s.get("n", 0.0)) for k in names})


def _ranked(group: Sequence[Graded]) -> bool:
    golds = {i.question.id for i in group if key_position(i) == 0}
    order = sorted(group, key=_log_odds, reverse=True)
    return {i.question.id for i in order[: len(golds)]} == golds


def _log_odds(item: Graded) -> float:
    assert item.reply is not None
    yes, no = item.reply.answer.logprobs
    return no - yes if item.reply.permutation == (1, 0) else yes - no


def key_position(item: Graded) -> int:
    """Position of the (first) right choice."""
    return item.question.right[0] if item.question.right else 0


def read_position(item: Graded, n: int) -> int:
    """Position of the choice that was read; n where none of the n was."""
    read = item.verdict.read
    return LETTERS.index(read[0]) if len(read) == 1 and read[0] in LETTERS[:n] else n


def merged(measure: Measure) -> dict[str, Sums]:
    """The sums of each document by its name, those of one name added."""
    out: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in measure.documents:
        for name, x in one.sums.items():
            out[one.name][name] += x
    return dict(out)
