"""A text that was to be written, by its likeness to what a person wrote. What it says is for a judge (``rubric``)."""

from igaku.grading.methods.method import Method, unread
from igaku.grading.reply_text import clean
from igaku.grading.rouge import rouge
from igaku.grading.task_end import own_part
from igaku.io.patterns import lazy
from igaku.keys import Writing, gold_text
from igaku.question import Outcome, Question, Reply, Verdict

_FENCE = lazy(r"```\w*")


def _rouge(q: Question, shown: Question, reply: Reply) -> Verdict:
    assert isinstance(q.key, Writing)
    cleaned = clean(reply.answer.text)
    text = _FENCE.sub("", own_part(cleaned.text)).strip()
    if cleaned.cut or not text:
        return unread(reply)
    parts = rouge(text, q.key.reference)
    score = parts["rougeL"]
    outcome: Outcome = "right" if score > 0.9999 else "partial" if score else "wrong"
    return Verdict(outcome=outcome, score=score, parts=parts)


def is_writing(q: Question) -> bool:
    """Whether a text that is to be written answers it."""
    return isinstance(q.key, Writing)


METHODS = (
    Method(
        name="rouge",
        kind="text",
        about="a written text's likeness to a person's: ROUGE-L, with ROUGE-1 and ROUGE-2 (words, not facts)",
        title_ja="書かれた文章と人の文章の近さ。ROUGE-L（ROUGE-1・2 も示す）。語の一致で、内容の正しさではない",
        applies=is_writing,
        grade=_rouge,
        gold=gold_text,
    ),
)
