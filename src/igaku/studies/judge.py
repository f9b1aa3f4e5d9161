"""A judge reads a run's open answers: any engine, a fixed prompt, several votes; the votes go into the run's journal.

Nothing is graded here: ``rubric`` reads the votes like any reply, so that re-grading never calls a model. Every second
vote sees the rubric's points in reverse order. Asked again, only votes that are missing, or where the engine failed,
are cast.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from igaku.engines import Engine, EngineSpec, using
from igaku.engines.base import require
from igaku.engines.spec import takes_settings
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.grading.rubric import to_judge
from igaku.io.hashing import digest
from igaku.io.locks import writes
from igaku.keys import Correction, rubric_of
from igaku.prompts import Prompt, load_prompt, prompt_names
from igaku.question import Message, Question, Reply, Request
from igaku.runs.ask import Job, OnReply, ask, job, pending
from igaku.runs.budgets import sampling_of
from igaku.runs.journal import Journal
from igaku.runs.manifest import JudgeVotes, Manifest, TaskRun
from igaku.runs.plan import Plan, Work, summary
from igaku.runs.seal import seal
from igaku.runs.store import Run, open_run, save
from igaku.runs.turns import transcript, turns_before

METHOD = "rubric"
POINT = 16
"""Tokens that the decision on one point takes: of a long rubric more than the template's length leaves."""
_TURN = re.compile(r"<(\|?/?[a-z_]*(?:turn|start|end|eot|system|user|assistant)[a-z_]*\|?)>", re.I)


@takes_settings()
@writes("run")
def judge(
    run: Run | str | Path,
    judge: str | EngineSpec | Engine,
    *,
    votes: int = 2,
    prompt: str = "judge",
    temperature: float = 0.0,
    max_tokens: int | None = None,
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: OnReply | None = None,
    **settings: object,
) -> Run:
    """Let a judge vote on every answer of a run's open questions (and of questions asked in the open form).

    Args:
        run: a run, or its folder.
        judge: a model's name or path, an ``EngineSpec``, or an engine that is already built.
        votes: how many votes a reply; more than two need a temperature to differ from the first two.
        settings: fields of ``EngineSpec``, where the judge is given by name.
        prompt: a template whose card says ``judges = true``; ``judge`` stands for ``judge_ja`` or ``judge_en``.

    Raises:
        IgakuError: nothing in the run can be judged, or the template is not a judge's. What was cast is kept.
    """
    opened = open_run(run)
    todo = list(open_answers(opened))
    if not todo:
        raise IgakuError(
            f"{opened.path}: no answers to open questions here; ask them first: igaku eval --bench "
            "clinical_open (or --question-format open)"
        )
    if votes < 1:
        raise IgakuError(f"--votes {votes}: at least one vote is needed")
    with using(judge, needs=frozenset(("text",)), **settings) as engine:
        require(engine, ["text"])
        templates = {lang: _template(prompt, lang) for lang in {q.lang for _, q, _ in todo}}
        votes_to_cast = [
            (reply.key, _vote(engine, templates[q.lang], task, whole, reply, n, temperature, max_tokens))
            for task, q, reply in todo
            for whole in [_with_turns(opened, task, q)]
            for n in range(votes)
        ]
        _cast(opened, engine, prompt, templates, votes_to_cast, on_plan, on_reply)
    return open_run(opened.path)


def open_answers(run: Run) -> Iterator[tuple[TaskRun, Question, Reply]]:
    """Every written answer of a run that a judge or a physician can read, with its question and block."""
    for task in run.manifest.tasks:
        openly = METHOD in task.methods or task.question_format == "open"
        for q, replies in run.pairs(task):
            if METHODS[METHOD].applies(q) and not q.void and (openly or isinstance(q.key, Correction)):
                yield from ((task, q, r) for r in replies if r.kind == "text" and to_judge(r))


def _template(name: str, lang: str) -> Prompt:
    own = f"{name}_{lang}"
    template = load_prompt(
        own if own in prompt_names() else name if name in prompt_names() or name.endswith(".jinja") else f"{name}_en"
    )
    if not template.card.judges:
        raise IgakuError(f"prompt {template.name} is not for a judge; its card must say judges = true")
    return template


def _vote(
    engine: Engine,
    template: Prompt,
    task: TaskRun,
    q: Question,
    reply: Reply,
    n: int,
    temperature: float,
    max_tokens: int | None,
) -> Job:
    """One request to the judge; every second one sees the points in reverse order."""
    size = len(rubric_of(q).points)
    order = tuple(reversed(range(size))) if n % 2 else ()
    rendered = template.render(q, order=order, reply=_fenced(to_judge(reply)))
    text = engine.chat(rendered.messages) if rendered.messages else rendered.text
    sampling = sampling_of(engine, template, temperature, n, max_tokens)
    more = 0 if max_tokens else max(0, POINT * size - template.card.max_tokens)
    request = Request(kind="text", prompt=text, sampling=replace(sampling, max_tokens=sampling.max_tokens + more))
    return job(
        engine,
        request,
        bench=task.bench,
        lang=task.lang,
        id=q.id,
        about=reply.key,
        prompt=template.name,
        order="reversed" if order else "original",
        permutation=order,
        sample=n,
        least=0 if max_tokens else template.card.max_tokens + more,
    )


def _with_turns(run: Run, task: TaskRun, q: Question) -> Question:
    """A turn of a conversation with all turns before it in its stem, as the judge reads them."""
    before = turns_before(run, task, q)
    if not before:
        return q
    turns = [Message(m.role, _fenced(m.content)) for m in (*before, Message("user", q.stem))]
    return replace(q, stem=transcript(turns, q.lang), conversation=())


def _fenced(text: str) -> str:
    """An answer cannot close the fence it stands in, open a heading of the judge's prompt, or begin a chat turn."""
    text = text.replace("【", "［").replace("】", "］").replace("[", "(").replace("]", ")")
    return _TURN.sub(r"(\1)", text)


def _cast(
    run: Run,
    engine: Engine,
    prompt: str,
    templates: dict[str, Prompt],
    cast: list[tuple[str, Job]],
    on_plan: Callable[[Plan], None] | None,
    on_reply: OnReply | None,
) -> None:
    jobs = [one for _, one in cast]
    with Journal(run.path / "replies.jsonl") as journal:
        now = open_run(run.path)  # as it is while nobody else can write
        manifest = _with_votes(now.manifest, engine, prompt, templates, cast)
        save(run.path, manifest, [], {one.reply.prompt_hash: one.request.prompt for one in jobs})
        seal(run.path)
        if on_plan:
            done = {one.key for one in jobs} - {one.key for one in pending(jobs, journal)}
            on_plan(summary(engine, Work(manifest, jobs, []), done))
        try:
            ask(engine, jobs, journal, on_reply=on_reply)
        finally:
            seal(run.path)


def _with_votes(
    manifest: Manifest, engine: Engine, prompt: str, templates: dict[str, Prompt], cast: list[tuple[str, Job]]
) -> Manifest:
    """The manifest with this judge's votes in it; an earlier sitting of the same judge is replaced."""
    votes: dict[str, list[str]] = {}
    for judged, one in cast:
        votes.setdefault(judged, []).append(one.key)
    hashes = digest("".join(templates[lang].hash for lang in sorted(templates)).encode())
    mine = JudgeVotes(judge=engine.identity, prompt=prompt, prompt_hash=hashes, votes=votes)
    others = [j for j in manifest.judges if (j.judge, j.prompt) != (mine.judge, prompt)]
    tasks = [
        replace(a, methods=[*a.methods, METHOD]) if a.question_format == "open" and METHOD not in a.methods else a
        for a in manifest.tasks
    ]
    return replace(manifest, judges=[*others, mine], tasks=tasks)
