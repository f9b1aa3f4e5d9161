"""Questions and replies for the viewer: an index to search, and chunks of replies that are loaded when a question is opened.

The index of a benchmark and language holds every stem with its choices and key, and one character a respondent for the verdict: 120
respondents on 2,000 questions are 0.24 MB of verdicts. Files are scripts that hand one JSON value to ``igaku.put``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from igaku.grading import Graded
from igaku.question import LETTERS, Question, Reply
from igaku.report.site.shown import shown
from igaku.runs.store import Run
from igaku.statistics.tally import CellKey
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
"""Replies of a whole site up to which each is shown with its rendered prompt; more would make the site many times as large."""

Ways = Mapping[tuple[str, CellKey], list[Graded]]


def write_viewer(
    folder: Path, slug: str, ways: Ways, runs: Mapping[str, Run], names: list[tuple[str, str]], prompts: bool
) -> int:
    """Write index and chunks of one benchmark and language; how many questions there are.

    Args:
        folder: where ``SLUG.js`` and ``SLUG-K.js`` go.
        names: model and way of each respondent, in the order of ``ways``.
        prompts: whether each reply's rendered prompt is kept too.
    """
    questions: dict[str, Question] = {}
    by: list[dict[str, Graded]] = []
    for items in ways.values():
        questions |= {g.question.id: g.question for g in items if g.question.id not in questions}
        by.append({g.question.id: g for g in items})
    owners = [runs[label] for label, _ in ways]
    rows = [_row(q, [mine.get(q.id) for mine in by]) for q in questions.values()]
    put(folder / f"{slug}.js", "index", {"respondents": names, "chunk": CHUNK, "questions": rows})
    ids = list(questions)
    for k in range(0, len(ids), CHUNK):
        texts: dict[str, int] = {}
        part = {
            shown(name): {
                "more": [shown(t) for t in (questions[name].context, *questions[name].documents) if t],
                "said": [_said(mine.get(name), run, texts if prompts else None) for mine, run in zip(by, owners)],
            }
            for name in ids[k : k + CHUNK]
        }
        put(folder / f"{slug}-{k // CHUNK}.js", f"chunk{k // CHUNK}", {"questions": part, "prompts": list(texts)})
    return len(ids)


def _row(q: Question, said: list[Graded | None]) -> list[Any]:
    marks = [*([] if q.text_only else ["image"]), *([f"void: {q.void}"] if q.void else [])]
    choices = [shown(c) for c in q.choices]
    codes = "".join(_code(g) for g in said)
    return [
        shown(q.id),
        q.year,
        shown(q.section),
        shown(q.category),
        marks,
        shown(q.stem),
        choices,
        shown(q.key.text()),
        [LETTERS[i] for i in q.prohibited if i < len(q.choices)],
        codes,
    ]


def _code(g: Graded | None) -> str:
    if g is None:
        return "-"
    return PROHIBITED if g.verdict.outcome == "wrong" and prohibited_chosen([g]) else CODES[g.verdict.outcome]


def _said(g: Graded | None, run: Run, prompts: dict[str, int] | None) -> list[Any] | None:
    """Read, text, numbers, order of choices, number of its prompt among the chunk's (-1: not kept)."""
    if g is None or g.reply is None:
        return None
    a, at = g.reply.answer, -1
    if prompts is not None and (text := run.prompts.get(g.reply.prompt_hash)):
        at = prompts.setdefault(shown(text), len(prompts))
    return [shown(", ".join(g.verdict.read)), shown(a.text or a.error), _numbers(g.reply), _order(g.reply), at]


def _numbers(reply: Reply) -> str:
    """Log-probability of each choice, in the question's own order."""
    values = reply.logprobs_in_order if reply.kind in ("letters", "likelihood") else []
    return "   ".join(f"{letter} {v:.2f}" for letter, v in zip(LETTERS, values))


def _order(reply: Reply) -> str:
    return " ".join(LETTERS[i] for i in reply.permutation)


def put(path: Path, name: str, value: Any) -> None:
    """A script file that hands one value to the pages' script."""
    path.write_bytes(b"igaku.put(" + json.dumps(name).encode() + b"," + msgspec.json.encode(value) + b");\n")
