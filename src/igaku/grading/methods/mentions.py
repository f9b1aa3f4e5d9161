"""Expressions of a text with their kinds, or relations between two of them."""

from igaku.grading import mentions, terms
from igaku.grading.methods.method import Method, graded, unread
from igaku.keys import Mentions, gold_text
from igaku.question import Question, Reply, Verdict


def _mentions(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Mentions)
    read = mentions.read_mentions(reply.answer.text, q.key)
    if read is None:
        return unread(reply)
    parts = mentions.counts(read, q.key)
    f1 = terms.f1(parts["hits"], parts["hits"], parts["listed"], parts["gold"])
    lines = tuple(f"{kind}: {' → '.join(words)}" for kind, *words in read)
    return graded(f1, lines, {name: float(n) for name, n in parts.items()})


def is_annotation(q: Question) -> bool:
    """Whether expressions with their kinds, or relations, answer it."""
    return isinstance(q.key, Mentions)


METHODS = (
    Method(
        name="mentions",
        kind="text",
        about="expressions with their kinds (or relations): F1 of the set, exact and partial, by kind",
        title_ja="種類つきで抜き出した表現（または関係）。集合の F1（完全一致・部分一致、種類別）",
        applies=is_annotation,
        grade=_mentions,
        gold=gold_text,
    ),
)
