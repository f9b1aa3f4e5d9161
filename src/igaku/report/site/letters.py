"""Questions and replies without their text: what was read of each reply, as far as it is a letter or a number."""

import re
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from igaku.grading import Graded
from igaku.question import Question, Verdict
from igaku.report.site.viewer_rows import QuestionRow, ReplyRow, question_row

_SHORT = re.compile(r"[A-Za-z]|[\d.]{1,12}")
"""A letter or a number."""


def letters_row(q: Question, verdicts: Sequence[Graded | None]) -> QuestionRow:
    """As ``question_row`` without any text: in place of the stem, the answers with how many gave each."""
    given = Counter(_letters(g.verdict) or "–" for g in verdicts if g is not None and g.verdict.scored)
    counts = " ".join(f"{read} ×{n}" for read, n in given.most_common())
    row = question_row(q, verdicts)
    return replace(row, stem=counts, choices=[], key=row.key if q.key.in_letters else "…")


def letters_reply(g: Graded | None) -> ReplyRow | None:
    """What was read of a reply; nothing of its text."""
    if g is None or g.reply is None:
        return None
    return ReplyRow(read=_letters(g.verdict), text="", logprobs="", order="", prompt=-1, thinking="")


def letters(read: Sequence[str]) -> list[str]:
    """Of what was read, letters and numbers; text as ``…``."""
    return [one if _SHORT.fullmatch(one) else "…" for one in read]


def _letters(verdict: Verdict) -> str:
    return " ".join(letters(verdict.read))
