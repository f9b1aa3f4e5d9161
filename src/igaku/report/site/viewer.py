"""Questions and replies for the viewer: an index to search, and chunks of replies that a page loads for a question.

The index of a benchmark and language contains every stem with its choices and key, and one character a respondent for
the verdict: 120 respondents on 2,000 questions are 0.24 MB of verdicts. Files are scripts that pass one JSON value to
``igaku.put``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

from igaku.grading import Graded
from igaku.io.files import write_bytes
from igaku.question import Question
from igaku.report.site.collect import Variants
from igaku.report.site.letters import letters_reply, letters_row
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.report.site.viewer_rows import QuestionRow, ReplyRow, question_row, reply_row
from igaku.runs.order import merged_order
from igaku.runs.store import Run

CHUNK = 25
PROMPTS_UP_TO = 20_000
"""Replies of a whole site up to which each is shown with its prompt; more would make the site many times as large."""


class QuestionReplies(Struct):
    """What a chunk contains of one question: texts before the stem, each respondent's reply, and pictures."""

    contexts: list[str] = field(name="more")
    replies: list[ReplyRow | None]
    pictures: list[str] = []
    """Addresses of its pictures, beside the page; empty where one is not at hand."""


class Chunk(Struct):
    """Replies to ``CHUNK`` questions."""

    questions: dict[str, QuestionReplies]
    prompts: list[str]


class Index(Struct):
    """All questions of a benchmark and language."""

    respondents: Sequence[tuple[str, str]]
    chunk: int
    questions: list[QuestionRow]
    doubtful: list[str]
    """Ids of the questions whose key is to be read again."""


class Shown(Struct, frozen=True, kw_only=True):
    """What of the texts a site shows."""

    prompts: bool = True
    """Each reply with its rendered prompt."""
    letters_only: bool = False
    """No text of a question or reply."""


def write_viewer(
    folder: Path,
    slug: str,
    variants: Variants,
    runs: Mapping[str, Run],
    names: Sequence[tuple[str, str]],
    doubtful: Sequence[str],
    shown: Shown,
    pictures: Callable[[Question], list[str]] = lambda _: [],
) -> int:
    """Write index and chunks of one benchmark and language; the number of its questions.

    Args:
        folder: where ``SLUG.js`` and ``SLUG-K.js`` are written; pictures go beside it.
        names: model and variant label of each respondent, in the order of ``variants``.
        doubtful: ids of the questions whose key is to be read again.
        shown: which texts are shown.
        pictures: the addresses of a question's pictures.
    """
    questions: dict[str, Question] = {}
    verdicts: list[dict[str, Graded]] = []
    for items in variants.values():
        questions |= {g.question.id: g.question for g in items if g.question.id not in questions}
        verdicts.append({g.question.id: g for g in items})
    questions = {name: questions[name] for name in merged_order([list(by_id) for by_id in verdicts])}
    respondents = [(runs[label], by_id) for (label, _), by_id in zip(variants, verdicts)]
    row = letters_row if shown.letters_only else question_row
    rows = [row(q, [by_id.get(q.id) for by_id in verdicts]) for q in questions.values()]
    write_js(folder / f"{slug}.js", "index", Index(names, CHUNK, rows, [display(i) for i in doubtful]))
    ids = list(questions)
    for k in range(0, len(ids), CHUNK):
        chunk = _chunk([questions[i] for i in ids[k : k + CHUNK]], respondents, shown, pictures)
        write_js(folder / f"{slug}-{k // CHUNK}.js", f"chunk{k // CHUNK}", chunk)
    return len(ids)


def _chunk(
    questions: Sequence[Question],
    respondents: Sequence[tuple[Run, Mapping[str, Graded]]],
    shown: Shown,
    pictures: Callable[[Question], list[str]],
) -> Chunk:
    if shown.letters_only:
        return _letters(questions, [by_id for _, by_id in respondents])
    texts: dict[str, int] = {}
    replies = {
        display(q.id): QuestionReplies(
            contexts=[display(t) for t in (q.context, *q.documents) if t],
            replies=[reply_row(by_id.get(q.id), run, texts if shown.prompts else None) for run, by_id in respondents],
            pictures=pictures(q),
        )
        for q in questions
    }
    return Chunk(replies, list(texts))


def _letters(questions: Sequence[Question], respondents: Sequence[Mapping[str, Graded]]) -> Chunk:
    rows = {
        display(q.id): QuestionReplies([], [letters_reply(by_id.get(q.id)) for by_id in respondents]) for q in questions
    }
    return Chunk(rows, [])


def write_js(path: Path, name: str, value: object) -> None:
    """Write a script file that passes one named value to the pages' script."""
    write_bytes(path, b"igaku.put(" + json.dumps(name).encode() + b"," + msgspec.json.encode(value) + b");\n")
