"""Which question a recorded reply answers, and in which order its choices were shown."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError
from igaku.grading.words import bare
from igaku.question import Question
from igaku.runs.importers.recorded import RecordedReply

MIN_STEM = 11
"""A stem of fewer characters is not looked for inside a longer text."""
_LETTER = re.compile(r"^\s*[(（\[【]?\s*[A-Ja-jＡ-Ｊ1-9]\s*[)）\]】.．:：、]+\s*")
_INSIDE = re.compile(r"\s*(?:\n|(?:^|(?<=\s))[(（]?[A-Ja-jＡ-Ｊ1-9][)）.．:：、]\s*)")
"""A letter inside a line: \"(A) fever (B) cough\"."""

Replies = list[tuple[Path, RecordedReply]]
"""Each with the file it stands in."""
Questions = Mapping[str, Mapping[str, Question]]
"""Language -> id -> question."""


def match_questions(replies: Replies, questions: Questions) -> Replies:
    """Give each reply the id of its question, empty where none fits: by an id among its texts, by a text that is a stem
    word for word, or by the last stem in a prompt (examples stand before the question)."""
    stems: dict[str, dict[str, list[Question]]] = {}
    for lang, by_id in questions.items():
        for q in by_id.values():
            stems.setdefault(lang, {}).setdefault(_plain(q.stem), []).append(q)
    out = []
    for file, reply in replies:
        name = reply.id or _matching_id(reply, stems.get(reply.lang, {}), questions.get(reply.lang, {}))
        if name and reply.lettered:
            reply = reply._replace(choices=_shown_choices(reply, questions[reply.lang][name]))
        out.append((file, reply._replace(id=name)))
    return out


def filter_model(replies: Replies, model: str) -> Replies:
    """The replies of one model.

    Raises:
        UnknownNameError: no reply is this model's.
    """
    models = {reply.model for _, reply in replies}
    if model not in models:
        raise UnknownNameError("model", model, models, hint="in these files")
    return [(file, reply) for file, reply in replies if reply.model == model]


def _matching_id(reply: RecordedReply, stems: Mapping[str, list[Question]], questions: Mapping[str, Question]) -> str:
    texts = {text: _plain(text) for text in reply.texts}
    for text, plain in texts.items():
        if text in questions:
            return text
        if plain in stems:
            return _by_choices(stems[plain], reply, plain)
    inside = [
        (plain.rindex(stem) + len(stem), len(stem), _by_choices(found, reply, plain))
        for plain in texts.values()
        for stem, found in stems.items()
        if len(stem) >= MIN_STEM and stem in plain
    ]
    return max(inside)[2] if inside else ""


def _by_choices(found: Sequence[Question], reply: RecordedReply, plain: str) -> str:
    """Of questions with one stem ("which of these is right?"), the id of the one whose choices the reply's file or
    prompt shows; empty for none."""
    if len(found) == 1:
        return found[0].id
    shown = sorted(map(bare, reply.choices))
    for q in found:
        if sorted(map(bare, q.choices)) == shown if shown else all(_plain(c) in plain for c in q.choices):
            return q.id
    return ""


def _shown_choices(reply: RecordedReply, question: Question) -> tuple[str, ...]:
    """The choices in the order in which the prompt lists them, one a line or after letters in a line; () where it shows
    no such list and only text was asked for.

    Raises:
        IgakuError: scored by letters, and the prompt does not show their order.
    """
    prompt = reply.texts[-1] if reply.texts else ""  # a document before it may hold them in an order of its own
    lines = [_LETTER.sub("", line, count=1) for line in prompt.splitlines()]
    inside = _INSIDE.split(prompt)
    by_text = {bare(c): c for c in question.choices}
    shown = [by_text[key] for line in lines if (key := bare(line)) in by_text][-len(question.choices) :]
    if len(set(shown)) < len(question.choices):
        shown = [by_text[key] for part in inside if (key := bare(part)) in by_text][-len(question.choices) :]
    if len(set(shown)) == len(question.choices):
        return tuple(shown)
    if reply.kind == "text":
        return ()
    why = "scored by letters, in an order that its prompt does not show"
    raise IgakuError(f"{reply.where}: {why}; export the task from igaku instead")


def permutation_of(reply: RecordedReply, question: Question) -> tuple[int, ...]:
    """The position in the question of each choice that was shown; () where they are in the question's own order.

    Raises:
        IgakuError: a choice is not one of the question's.
    """
    free = [bare(c) for c in question.choices]
    out = []
    for choice in reply.choices:
        if bare(choice) not in free:
            why = f"choice {choice[:40]!r} is not one of question {question.id}'s"
            raise IgakuError(f"{reply.where}: {why}; is --bench or --lang right?")
        position = free.index(bare(choice))
        free[position] = "\x00"
        out.append(position)
    return tuple(out) if out != list(range(len(question.choices))) else ()


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
