"""J-ClinicalBench's graders. Its code is not published: each rule here is the one that its published scores follow to
the last digit, found by trying rules on its published replies."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from igaku.grading import terms
from igaku.grading.methods.fields import is_classification
from igaku.grading.methods.fields import verdict as fields_verdict
from igaku.grading.methods.lists import is_extraction
from igaku.grading.methods.method import Method, binary, graded
from igaku.grading.methods.option import is_label
from igaku.grading.methods.spans import is_recognition
from igaku.grading.methods.spans import verdict as spans_verdict
from igaku.grading.methods.writing import is_writing
from igaku.grading.rouge import published_rouge
from igaku.io.patterns import lazy
from igaku.keys import LETTERS, Fields, Span, Spans, Terms, Writing, gold_text
from igaku.question import Question, Reply, Verdict

_FENCE = lazy(r"```\w*")


def _commas(q: Question, shown: Question, reply: Reply) -> Verdict:
    """Everything between commas is an item, whatever it is; a comma inside a name parts it."""
    assert isinstance(q.key, Terms)
    text = _FENCE.sub("", reply.answer.text).strip().strip("[]")
    read, gold = {item.strip(" '\"") for item in text.split(",")} if text else set(), set(q.key.items)
    hits = len(read & gold)
    parts = {"precision": hits / len(read) if read else 0.0, "recall": hits / len(gold) if gold else 0.0}
    parts["f1"] = terms.f1(hits, hits, len(read), len(gold)) if hits else 0.0
    return graded(parts["f1"], tuple(sorted(read)), parts)


def _option(q: Question, shown: Question, reply: Reply) -> Verdict:
    """The digit that a reply begins with, choices counted from 1; a reply that begins otherwise is none."""
    digit = reply.answer.text.lstrip()[:1]
    read = LETTERS[int(digit) - 1] if digit in tuple("123456789") else ""
    return binary(q.key.accepts((LETTERS.index(read),)) if read else False, (read,) if read else ())


def _event(q: Question, shown: Question, reply: Reply) -> Verdict:
    """A reply that begins with 2 is the second choice; any other one, an empty one as well, is the first."""
    read = 1 if reply.answer.text.startswith("2") else 0
    return binary(q.key.accepts((read,)), (LETTERS[read],))


def _tnm(q: Question, shown: Question, reply: Reply) -> Verdict:
    """The word behind each ``X因子:``; an unreadable part counts as read, and a gold class that the prompt does not
    offer (T1, T2, M1: classes with finer ones) as nothing to be found."""
    assert isinstance(q.key, Fields)
    read = {}
    for f in q.key.fields:
        found = re.search(rf"{re.escape(f.name)}因子[:：]\s*(\S+)", reply.answer.text)
        read[f.name] = found[1] if found else ""
    fine = tuple(f.name for f in q.key.fields if len(f.accepted) == 1)
    return fields_verdict(q.key.fields, read, fine)


def _offsets(q: Question, shown: Question, reply: Reply) -> Verdict:
    """Positions in the reply's own copy of the text, up to ``[EOS]``: one character more or less spoils all behind."""
    assert isinstance(q.key, Spans)
    read = {Span(start, end, label) for start, end, label in _tagged(reply.answer.text.split("[EOS]")[0])}
    return spans_verdict(sorted(read), q.key.spans, q.key.labels, tuple(f"{s.start}-{s.end}" for s in sorted(read)), {})


def _rouge(q: Question, shown: Question, reply: Reply) -> Verdict:
    """ROUGE-L of all tokens up to an invented next task. (The scores of one model in three tasks follow a further cut,
    which is not known.)"""
    assert isinstance(q.key, Writing)
    parts = published_rouge(re.split(r"### ?入力", reply.answer.text)[0], q.key.reference)
    return graded(parts["f1"], (), {**parts, "rougeL": parts["f1"]})


def _tagged(text: str) -> Iterator[tuple[int, int, str]]:
    """What ``<(tag)…>(.*?)</tag>`` finds, in linear time, with positions in the text without these tags."""
    at = plain = 0
    closes = {tag: [m.start() for m in re.finditer(re.escape(f"</{tag}>"), text)] for tag in ("d", "m-key", "m-val")}
    for opened in re.finditer(r"<(d|m-key|m-val)\b(?!-)[^<>]*>", text):
        ends = closes[opened[1]]
        nearest = bisect_left(ends, opened.end())
        if opened.start() < at or nearest == len(ends):
            continue
        start = plain + opened.start() - at
        plain = start + ends[nearest] - opened.end()
        at = ends[nearest] + len(opened[1]) + 3
        yield start, plain, opened[1]


def _gold_number(q: Question) -> str:
    return str(q.right[0] + 1) if q.right else ""


def _gold_tnm(q: Question) -> str:
    return "\n".join(f"{f.name}因子: {f.accepted[0]}" for f in q.key.fields) if isinstance(q.key, Fields) else ""


_ABOUT = (
    ("commas", is_extraction, _commas, gold_text, "items between commas", "コンマ区切りの項目"),
    ("option", is_label, _option, _gold_number, "the digit that the reply begins with", "回答の先頭の数字"),
    (
        "event",
        is_label,
        _event,
        _gold_number,
        "2 at the beginning is no, all else is yes",
        "先頭が 2 なら無、他はすべて有",
    ),
    (
        "fields",
        is_classification,
        _tnm,
        _gold_tnm,
        "the word behind T因子:, N因子:, M因子:",
        "「T因子:」などの直後の語",
    ),
    ("rouge", is_writing, _rouge, gold_text, "ROUGE-L of all tokens", "全トークンの ROUGE-L"),
    ("spans", is_recognition, _offsets, gold_text, "positions in the reply's own copy", "回答中の写しでの文字位置"),
)

METHODS = tuple(
    Method(
        name=f"{name}-as-published",
        kind="text",
        about=f"J-ClinicalBench's, by its published scores: {about}",
        title_ja=f"J-ClinicalBench の公開得点と一致する採点（{about_ja}）",
        applies=applies,
        grade=grade,
        gold=gold,
        sound=False,
    )
    for name, applies, grade, gold, about, about_ja in _ABOUT
)
