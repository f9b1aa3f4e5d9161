"""A list of expressions found in a text."""

from igaku.grading import terms
from igaku.grading.methods.method import Method, graded, unread
from igaku.keys import Terms, gold_text
from igaku.question import Question, Reply, Verdict


def _terms(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Terms)
    read = terms.read_terms(reply.answer.text)
    if read is None:
        return unread(reply)
    parts = terms.scores(read, q.key.items)
    return graded(parts["f1"], read, parts)


def is_extraction(q: Question) -> bool:
    """Whether a set of expressions answers it."""
    return isinstance(q.key, Terms)


METHODS = (
    Method(
        name="terms",
        kind="text",
        about="the list of expressions; F1 of the set, exact and partial",
        title_ja="抜き出した表現の一覧。集合の F1（完全一致・部分一致）",
        applies=is_extraction,
        grade=_terms,
        gold=gold_text,
    ),
)
