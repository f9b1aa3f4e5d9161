"""Questions and replies for the viewer: an index to search, and chunks of replies that a page loads for a question.

The index of a benchmark and language contains every stem with its choices and key, and one character a respondent for the
verdict: 120 respondents on 2,000 questions are 0.24 MB of verdicts. Files are scripts that pass one JSON value to ``igaku.put``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

from igaku.grading import Graded
from igaku.question import LETTERS, Choices, Number, Ordering, Pairs, Question, Reply, Rubric, Terms, Text
from igaku.report.site.collect import Variants
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.runs.store import Run
from igaku.studies.exam import prohibited_chosen

CODES = {
    "right": "r",
    "wrong": "w",
    "partial": "p",
    "unparsed": "u",
    "truncated": "t",
    "refused": "f",
    "overlong": "o",
    "engine_error": "e",
    "not_applicable": "n",
    "void": "v",
}
PROHIBITED = "x"
"""Wrong, and a choice that fails a candidate."""
CHUNK = 25
PROMPTS_UP_TO = 20_000
"""Replies of a whole site up to which each is shown with its prompt; more would make the site many times as large."""


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


class QuestionReplies(Struct):
    """What a chunk contains of one question: texts before the stem, and each respondent's reply."""

    contexts: list[str] = field(name="more")
    replies: list[ReplyRow | None] = field(name="said")


class Chunk(Struct):
    """Replies to ``CHUNK`` questions."""

    questions: dict[str, QuestionReplies]
    prompts: list[str]


class Index(Struct):
    """All questions of a benchmark and language."""

    respondents: Sequence[tuple[str, str]]
    chunk: int
    questions: list[QuestionRow]


def write_viewer(
    folder: Path,
    slug: str,
    variants: Variants,
    runs: Mapping[str, Run],
    names: Sequence[tuple[str, str]],
    prompts: bool,
) -> int:
    """Write index and chunks of one benchmark and language; the number of its questions.

    Args:
        folder: where ``SLUG.js`` and ``SLUG-K.js`` are written.
        names: model and variant label of each respondent, in the order of ``variants``.
        prompts: whether each reply is shown with its rendered prompt.
    """
    questions: dict[str, Question] = {}
    verdicts: list[dict[str, Graded]] = []
    for items in variants.values():
        questions |= {g.question.id: g.question for g in items if g.question.id not in questions}
        verdicts.append({g.question.id: g for g in items})
    respondents = [(runs[label], by_id) for (label, _), by_id in zip(variants, verdicts)]
    rows = [_question_row(q, [by_id.get(q.id) for by_id in verdicts]) for q in questions.values()]
    write_js(folder / f"{slug}.js", "index", Index(names, CHUNK, rows))
    ids = list(questions)
    for k in range(0, len(ids), CHUNK):
        chunk = _chunk([questions[i] for i in ids[k : k + CHUNK]], respondents, prompts)
        write_js(folder / f"{slug}-{k // CHUNK}.js", f"chunk{k // CHUNK}", chunk)
    return len(ids)


def _question_row(q: Question, verdicts: Sequence[Graded | None]) -> QuestionRow:
    return QuestionRow(
        id=display(q.id),
        year=q.year,
        section=display(q.section),
        category=display(q.category),
        tags=[*([] if q.text_only else ["image"]), *([f"void: {q.void}"] if q.void else [])],
        stem=display(q.stem),
        choices=[display(c) for c in q.choices],
        key=display(key_text(q)),
        prohibited=[LETTERS[i] for i in q.prohibited if i < len(q.choices)],
        codes="".join(map(_code, verdicts)),
    )


def _code(g: Graded | None) -> str:
    if g is None:
        return "-"
    return PROHIBITED if g.verdict.outcome == "wrong" and prohibited_chosen([g]) else CODES[g.verdict.outcome]


def _chunk(
    questions: Sequence[Question], respondents: Sequence[tuple[Run, Mapping[str, Graded]]], prompts: bool
) -> Chunk:
    texts: dict[str, int] = {}
    replies = {
        display(q.id): QuestionReplies(
            contexts=[display(t) for t in (q.context, *q.documents) if t],
            replies=[_reply_row(by_id.get(q.id), run, texts if prompts else None) for run, by_id in respondents],
        )
        for q in questions
    }
    return Chunk(replies, list(texts))


def _reply_row(g: Graded | None, run: Run, prompts: dict[str, int] | None) -> ReplyRow | None:
    """A reply, its prompt added to ``prompts`` (text -> index among the chunk's)."""
    if g is None or g.reply is None:
        return None
    answer, index = g.reply.answer, -1
    if prompts is not None and (text := run.prompts.get(g.reply.prompt_hash)):
        index = prompts.setdefault(display(text), len(prompts))
    return ReplyRow(
        read=display(", ".join(g.verdict.read)),
        text=display(answer.text or answer.error),
        logprobs=_logprobs(g.reply),
        order=" ".join(LETTERS[i] for i in g.reply.permutation),
        prompt=index,
    )


def _logprobs(reply: Reply) -> str:
    """Log-probability of each choice, in the question's own order."""
    values = reply.logprobs_in_order if reply.kind in ("letters", "likelihood") else []
    return "   ".join(f"{letter} {v:.2f}" for letter, v in zip(LETTERS, values))


def key_text(q: Question) -> str:
    """The key as text: letters (``a c``; alternatives with a slash), a number, expressions, pairs, or a rubric's points."""
    match q.key:
        case Choices():
            return " / ".join(" ".join(LETTERS[i] for i in answer) for answer in q.key.accepted)
        case Ordering():
            return " → ".join(LETTERS[i] for i in q.key.sequence)
        case Number() | Text():
            return " / ".join(q.key.accepted)
        case Terms():
            return ", ".join(q.key.items)
        case Pairs():
            return "\n".join(f"{before} → {after}" for before, after in q.key.pairs)
        case Rubric():
            return "\n".join(f"{p.weight:+g} {p.text}" for p in q.key.points)
        case _:
            return "\n".join(q.key.references)


def write_js(path: Path, name: str, value: object) -> None:
    """Write a script file that passes one named value to the pages' script."""
    path.write_bytes(b"igaku.put(" + json.dumps(name).encode() + b"," + msgspec.json.encode(value) + b");\n")
