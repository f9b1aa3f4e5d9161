"""Questions and replies as rows of the viewer's script files, all text sanitised."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.grading import Graded
from igaku.question import LETTERS, Question, Reply, Verdict
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.runs.store import Run
from igaku.studies.exam import prohibited_chosen

CODES = {
    "right": "r",
    "wrong": "w",
    "partial": "p",
    "abstained": "a",
    "unparsed": "u",
    "truncated": "t",
    "refused": "f",
    "overlong": "o",
    "engine_error": "e",
    "unrated": "j",
    "not_applicable": "n",
    "void": "v",
}
PROHIBITED = "x"
"""Wrong, and a choice that fails a candidate."""


class QuestionRow(Struct, array_like=True):
    """One question of the index."""

    id: str
    year: str
    section: str
    category: str
    tags: list[str]
    """``image``, and why it is void."""
    stem: str
    choices: list[str]
    key: str
    prohibited: list[str]
    codes: str
    """One character a respondent: its verdict, or ``-`` where it was not asked."""


class ReplyRow(Struct, array_like=True):
    """One reply of a chunk."""

    read: str
    text: str
    logprobs: str
    order: str
    prompt: int
    """Index among the chunk's prompts; -1 where prompts are not shown."""
    thinking: str
    """What the model thought first, folded away."""


def question_row(q: Question, verdicts: Sequence[Graded | None]) -> QuestionRow:
    """A question with one verdict a respondent (None where it was not asked)."""
    return QuestionRow(
        id=display(q.id),
        year=q.year,
        section=display(q.section),
        category=display(q.category),
        tags=[*([] if q.text_only else ["image"]), *([f"void: {q.void}"] if q.void else [])],
        stem=display(q.stem),
        choices=[display(c) for c in q.choices],
        key=display(q.key.text()),
        prohibited=[LETTERS[i] for i in q.prohibited if i < len(q.choices)],
        codes="".join(map(verdict_code, verdicts)),
    )


def verdict_code(g: Graded | None) -> str:
    """One character for a verdict; ``-`` where there is none."""
    if g is None:
        return "-"
    return PROHIBITED if g.verdict.outcome == "wrong" and prohibited_chosen([g]) else CODES[g.verdict.outcome]


def reply_row(g: Graded | None, run: Run, prompts: dict[str, int] | None) -> ReplyRow | None:
    """A reply, its prompt added to ``prompts`` (text -> index among the chunk's)."""
    if g is None or g.reply is None:
        return None
    answer, index = g.reply.answer, -1
    if prompts is not None and (text := run.prompts.get(g.reply.prompt_hash)):
        index = prompts.setdefault(display(text), len(prompts))
    return ReplyRow(
        read=display(read_text(g.verdict)),
        text=display(answer.text or answer.error),
        logprobs=_logprobs(g.reply),
        order=" ".join(LETTERS[i] for i in g.reply.permutation),
        prompt=index,
        thinking=display(answer.thinking),
    )


def read_text(verdict: Verdict) -> str:
    """What was read, and by which rule of the reader."""
    return ", ".join(verdict.read) + (f" ({verdict.rule})" if verdict.rule else "")


def _logprobs(reply: Reply) -> str:
    """Log-probability of each choice, in the question's own order."""
    values = reply.logprobs_in_order if reply.kind in ("letters", "likelihood") else []
    return "   ".join(f"{letter} {v:.2f}" for letter, v in zip(LETTERS, values))
