"""Prompts, rendered again from template and question, and held against those that the folder keeps.

A plain template's prompt is recomputed to the last character. Of a chat, the model's own chat template, which stands in
no folder, wraps the turns: each turn's text must stand in the prompt in its order, and what is left around them must be
the same for all questions of a block.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec.structs import replace

from igaku.engines.base import joined
from igaku.errors import IgakuError
from igaku.io.hashing import digest
from igaku.prompts import Prompt, load_examples, load_prompt
from igaku.prompts.examples import Example
from igaku.prompts.orders import expand, permutation
from igaku.prompts.template import Rendered
from igaku.question import Message, Question
from igaku.runs.manifest import TaskRun
from igaku.runs.specs import LANGUAGES
from igaku.runs.store import Run
from igaku.runs.turns import Conversations, is_turn
from igaku.studies.claims.check import Tally, first_difference, short
from igaku.studies.claims.questions import Known


class Asking(NamedTuple):
    """How a block was asked, as far as it can be done again here."""

    template: Prompt | None
    examples: Sequence[Example]
    why: str
    """Why it cannot be."""
    talks: Mapping[str, tuple[Message, ...]] | None = None
    """Of a block of conversations: each turn with everything before it, the model's own replies among it."""

    def rendered(self, task: TaskRun, q: Question) -> Rendered:
        """A question's prompt before any chat template.

        Raises:
            IgakuError: the template does not fit it.
        """
        if self.talks is None:
            return self.alone(task, q)
        if not (messages := self.talks.get(q.id, ())):
            raise IgakuError("what was exchanged before it is not in the run")
        return Rendered(messages=messages)

    def alone(self, task: TaskRun, q: Question) -> Rendered:
        """The same of a question without what was exchanged before it."""
        assert self.template is not None
        shown = replace(q, choices=()) if task.question_format == "open" else q
        order = () if task.question_format == "open" else permutation(q, task.order)
        return self.template.render(shown, self.examples, order)


def askings(run: Run, known: Known) -> list[Asking]:
    """How each block of a run was asked: by templates and examples that are embedded here or registered."""
    templates: dict[str, Prompt] = {}
    return [_with_talks(run, known, task, _asking(task, templates)) for task in run.manifest.tasks]


def _with_talks(run: Run, known: Known, task: TaskRun, how: Asking) -> Asking:
    questions = [_question(run, known, task, name) for name in task.replies]
    if how.template is None or not any(map(is_turn, questions)):
        return how
    conversations, talks = Conversations(task, run.replies), dict[str, tuple[Message, ...]]()
    for q in questions:
        with suppress(IgakuError):
            talks[q.id] = conversations.messages(q, how.alone(task, q))
    return how._replace(talks=talks)


def _question(run: Run, known: Known, task: TaskRun, name: str) -> Question:
    return known.get(task.bench, task.lang, name) or run.questions[task.bench, task.lang, name]


def _asking(task: TaskRun, templates: dict[str, Prompt]) -> Asking:
    try:
        if task.prompt.endswith(".jinja"):
            return Asking(None, (), f"{short(task.prompt)} is a file")
        template = templates.get(task.prompt) or templates.setdefault(task.prompt, load_prompt(task.prompt))
        if why := _unlike(task, template):
            return Asking(None, (), why)
        examples = load_examples(task.examples, task.lang)[: task.shots] if task.shots else []
    except IgakuError as error:
        return Asking(None, (), f"{error}; a template of somebody's own: igaku prompts add NAME FILE")
    return Asking(template, examples, "")


def _unlike(task: TaskRun, template: Prompt) -> str:
    """Why a template cannot show what was asked; empty where it can."""
    if template.hash != task.prompt_hash:
        return f"template {template.name} is another version here"
    if template.card.judges:
        return f"template {template.name} is for a judge"
    if expand([task.order], 0) != [task.order]:
        return f"no order of igaku's: {short(task.order)}"
    embedded = re.fullmatch(r"[\w-]{1,64}", task.examples) and task.lang in LANGUAGES
    return "the examples are a file of somebody's own" if task.shots and not embedded else ""


def prompt_check(run: Run, known: Known, ways: Sequence[Asking]) -> Tally:
    """Prompts against their hashes, and against template and question."""
    tally = Tally("prompts", "rendered again from template and question they are the same")
    for key, text in run.prompts.items():
        if digest(text.encode()) != key:
            tally.fault("prompts.jsonl", "the prompt is not that of its hash", expected=key, got=digest(text.encode()))
    if run.manifest.identity is None:
        tally.skip("imported: nobody here knows what was sent", sum(len(t.replies) for t in run.manifest.tasks))
        return tally
    for task, how in zip(run.manifest.tasks, ways):
        _task(tally, run, known, task, how)
    return tally


def _task(tally: Tally, run: Run, known: Known, task: TaskRun, how: Asking) -> None:
    frames = defaultdict[tuple[str, ...], list[str]](list)
    for name, keys in task.replies.items():
        where = f"{task.bench} {task.lang} {task.prompt}"
        for hash in dict.fromkeys(run.replies[key].prompt_hash for key in keys.values()):
            text = run.prompts.get(hash)
            q = _question(run, known, task, name)
            if text is None:
                tally.fault(where, "the prompt is missing", question=name, expected=hash)
            elif how.template is None:
                tally.skip(how.why)
            else:
                _prompt(tally, where, _rendered(how, task, q), text, name, frames)
    _one_frame(tally, task, frames)


def _rendered(how: Asking, task: TaskRun, q: Question) -> Rendered:
    try:
        return how.rendered(task, q)
    except IgakuError as error:
        return Rendered(text=f"(cannot be rendered: {error})")


def _prompt(
    tally: Tally, where: str, rendered: Rendered, text: str, name: str, frames: dict[tuple[str, ...], list[str]]
) -> None:
    if not rendered.messages or text == joined(rendered.messages):
        expected = rendered.text if not rendered.messages else text
        if text == expected:
            tally.held()
        else:
            a, b = first_difference(expected, text)
            tally.fault(where, "the prompt", question=name, expected=a, got=b)
        return
    frame = framed(text, [m.content for m in rendered.messages])
    if isinstance(frame, str):
        tally.fault(where, "a turn is not in the prompt", question=name, expected=frame, got=text)
    else:
        frames[frame].append(name)


def framed(text: str, turns: Sequence[str]) -> tuple[str, ...] | str:
    """What stands around the turns in a prompt; the first turn that is not in it, where one is not."""
    pieces, at = [], 0
    for turn in turns:
        found = text.find(turn, at)
        if found < 0:
            return turn
        pieces.append(text[at:found])
        at = found + len(turn)
    return (*pieces, text[at:])


def _one_frame(tally: Tally, task: TaskRun, frames: dict[tuple[str, ...], list[str]]) -> None:
    """All questions of a block, and all turns with as many before them, stand in one frame, the commonest."""
    for turns in sorted({len(frame) for frame in frames}):
        _same_frame(tally, task, {frame: names for frame, names in frames.items() if len(frame) == turns})


def _same_frame(tally: Tally, task: TaskRun, frames: dict[tuple[str, ...], list[str]]) -> None:
    usual, _ = Counter({frame: len(names) for frame, names in frames.items()}).most_common(1)[0]
    for frame, names in frames.items():
        for name in names:
            if frame == usual:
                tally.held()
            else:
                expected, got = first_difference("|".join(usual), "|".join(frame))
                where = f"{task.bench} {task.lang} {task.prompt}"
                tally.fault(where, "the chat around the turns", question=name, expected=expected, got=got)
