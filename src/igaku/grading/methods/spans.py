"""Entities in a text, each at its position and of its kind."""

from collections.abc import Sequence

from igaku.grading import terms
from igaku.grading.methods.method import Method, graded, unread
from igaku.grading.spans import overlaps, read_spans
from igaku.keys import Label, Span, Spans, gold_text
from igaku.question import Question, Reply, Verdict


def _spans(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Spans)
    read = read_spans(reply.answer.text, q.key.document, q.key.labels)
    if read is None:
        return unread(reply)
    partial = terms.matched([[overlaps(a, b) for b in q.key.spans] for a in read])
    words = tuple(q.key.document[s.start : s.end] if s.start >= 0 else "?" for s in read)
    return verdict(read, q.key.spans, q.key.labels, words, {"partial": float(partial)})


def verdict(
    read: Sequence[Span], gold: Sequence[Span], labels: Sequence[Label], words: tuple[str, ...], more: dict[str, float]
) -> Verdict:
    """F1 of a text's entities (1 where there are none, and none were read), and its counts, by kind as well."""
    hits = set(read) & set(gold)
    parts = {"hits": float(len(hits)), "read": float(len(read)), "gold": float(len(gold))} | more
    for tag in (label.tag for label in labels if len(labels) > 1):
        counts = {"hits": hits, "read": read, "gold": gold}
        parts |= {f"{name}:{tag}": float(sum(s.label == tag for s in spans)) for name, spans in counts.items()}
    return graded(terms.f1(len(hits), len(hits), len(read), len(gold)), words, parts)


def is_recognition(q: Question) -> bool:
    """Whether entities of a text answer it."""
    return isinstance(q.key, Spans)


METHODS = (
    Method(
        name="spans",
        kind="text",
        about="entities of a text, tagged or listed, each at its position and of its kind: precision, recall, F1",
        title_ja="文中の固有表現（タグ付け・一覧のどちらでも）。位置と種類の一致。適合率・再現率・F1",
        applies=is_recognition,
        grade=_spans,
        gold=gold_text,
    ),
)
