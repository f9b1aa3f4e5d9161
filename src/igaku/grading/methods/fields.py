"""A class for each of several named parts."""

from igaku.grading.fields import read_fields
from igaku.grading.methods.method import Method, graded, unread
from igaku.keys import Field, Fields, gold_text
from igaku.question import Question, Reply, Verdict


def _fields(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Fields)
    read = read_fields(reply.answer.text, q.key.fields)
    return verdict(q.key.fields, read) if read else unread(reply)


def verdict(fields: tuple[Field, ...], read: dict[str, str], open_to: tuple[str, ...] | None = None) -> Verdict:
    """The share of parts that are right, and for each part the counts that precision and recall are computed from.

    Args:
        fields: the key's parts.
        read: class by part, as it was read.
        open_to: parts whose class counts as one to be found; all of them if left out.
    """
    wanted = [f.name for f in fields] if open_to is None else open_to
    hits = {f.name: f.name in wanted and read.get(f.name) in f.accepted for f in fields}
    parts = {f"hits:{name}": float(hit) for name, hit in hits.items()}
    parts |= {f"read:{f.name}": float(f.name in read) for f in fields}
    parts |= {f"gold:{f.name}": float(f.name in wanted) for f in fields}
    return graded(sum(hits.values()) / len(fields), tuple(read.get(f.name, "?") for f in fields), parts)


def is_classification(q: Question) -> bool:
    """Whether a class for each of its parts answers it."""
    return isinstance(q.key, Fields)


METHODS = (
    Method(
        name="fields",
        kind="text",
        about="a class for each named part (T, N, M); share of parts that are right",
        title_ja="項目ごと（T・N・M など）の分類。正しい項目の割合",
        applies=is_classification,
        grade=_fields,
        gold=gold_text,
    ),
)
