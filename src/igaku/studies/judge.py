"""A judge reads a run's open answers: any engine, a fixed prompt, several votes; the votes go into the run's journal.

Nothing is graded here: ``rubric`` reads the votes like any reply, so that re-grading never calls a model. Every second
vote sees the rubric's points in reverse order. Asked again, only votes that are missing, or where the engine failed, are cast.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from igaku.engines import Engine, build_engine
from igaku.engines.base import require
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.grading.rubric import to_judge
from igaku.io.hashing import digest
from igaku.prompts import Prompt, load_prompt, prompt_names
from igaku.prompts.template import rubric_of
from igaku.question import Answer, Question, Reply, Request
from igaku.runs.journal import Journal, sane
from igaku.runs.reply_keys import key_of
from igaku.runs.store import Asked, Judged, Manifest, Run, open_run, save

METHOD = "rubric"
_TURN = re.compile(r"<(\|?/?[a-z_]*(?:turn|start|end|eot|system|user|assistant)[a-z_]*\|?)>", re.I)


class Vote(NamedTuple):
    """One request to the judge, and the reply that its answer becomes."""

    of: str
    request: Request
    reply: Reply


def judge_run(
    run: Run | str | Path,
    judge: str | Engine,
    *,
    votes: int = 2,
    prompt: str = "judge",
    temperature: float = 0.0,
    engine: str = "auto",
    on_reply: Callable[[Reply, int], None] | None = None,
    **settings: Any,
) -> Run:
    """Let a judge vote on every answer of a run's open questions (and of questions asked in the open form).

    Args:
        run: a run, or its folder.
        judge: a model's name or path for ``build_engine``, or an engine that is already built.
        votes: how many votes a reply; more than two need a temperature to differ from the first two.
        prompt: a template whose card says ``judges = true``; ``judge`` stands for ``judge_ja`` or ``judge_en``.

    Raises:
        IgakuError: nothing in the run can be judged, or the template is not a judge's. What was cast is kept.
    """
    opened = open_run(run)
    todo = list(open_answers(opened))
    if not todo:
        raise IgakuError(
            f"{opened.path}: no answers to open questions here; ask them first: igaku eval --bench clinical_open (or --form open)"
        )
    if votes < 1:
        raise IgakuError(f"--votes {votes}: at least one vote is needed")
    loaded = (
        build_engine(judge, engine=engine, needs=frozenset(("text",)), **settings) if isinstance(judge, str) else judge
    )
    try:
        require(loaded, ["text"])
        templates = {lang: _template(prompt, lang) for lang in {q.lang for _, q, _ in todo}}
        cast = [
            _vote(loaded, templates[q.lang], asked, q, reply, n, temperature)
            for asked, q, reply in todo for n in range(votes)
        ]  # fmt: skip
        return _cast(opened, loaded, prompt, templates, cast, on_reply)
    finally:
        if isinstance(judge, str):
            loaded.close()


def open_answers(run: Run) -> Iterator[tuple[Asked, Question, Reply]]:
    """Every written answer of a run that a judge or a physician can read, with its question and block."""
    for asked in run.manifest.asked:
        if METHOD in asked.methods or asked.form == "open":
            for q, replies in run.pairs(asked):
                if METHODS[METHOD].applies(q) and not q.void:
                    yield from ((asked, q, r) for r in replies if r.ask == "text" and to_judge(r))


def _template(name: str, lang: str) -> Prompt:
    own = f"{name}_{lang}"
    template = load_prompt(
        own if own in prompt_names() else name if name in prompt_names() or name.endswith(".jinja") else f"{name}_en"
    )
    if not template.card.judges:
        raise IgakuError(f"prompt {template.name} is not for a judge; its card must say judges = true")
    return template


def _vote(
    engine: Engine, template: Prompt, asked: Asked, q: Question, reply: Reply, n: int, temperature: float
) -> Vote:
    size = len(rubric_of(q).points)
    order = tuple(reversed(range(size))) if n % 2 else ()
    rendered = template.render(q, order=order, reply=_fenced(to_judge(reply)))
    text = engine.chat(rendered.messages) if rendered.messages else rendered.text
    request = Request(ask="text", prompt=text, sampling=template.sampling(temperature, n))
    name = "reversed" if order else "original"
    key = key_of(
        engine.identity,
        request,
        bench=asked.bench,
        lang=asked.lang,
        question=reply.key,
        prompt=template.name,
        order=name,
        sample=n,
    )
    made = Reply(
        key=key, model=engine.identity.model, bench=asked.bench, lang=asked.lang, id=q.id, prompt=template.name, order=name,
        permutation=order, sample=n, answer=Answer(), prompt_hash=digest(text.encode()),
    )  # fmt: skip
    return Vote(reply.key, request, made)


def _fenced(text: str) -> str:
    """An answer cannot close the fence it stands in, open a heading of the judge's prompt, or begin a chat turn."""
    text = text.replace("【", "［").replace("】", "］").replace("[", "(").replace("]", ")")
    return _TURN.sub(r"(\1)", text)


def _cast(
    run: Run, engine: Engine, prompt: str, templates: dict[str, Prompt], cast: list[Vote], on_reply: Any
) -> Run:  # fmt: skip
    with Journal(run.path / "replies.jsonl") as journal:
        now = open_run(run.path)  # as it is while nobody else can write
        manifest = _noted(now.manifest, engine, prompt, templates, cast)
        save(run.path, manifest, [], {v.reply.prompt_hash: v.request.prompt for v in cast})
        have = {key for key, r in now.replies.items() if r.answer.finish != "error"}
        todo = [v for v in cast if v.reply.key not in have]
        for i, answer in engine.answer([v.request for v in todo]):
            reply = replace(todo[i].reply, answer=sane(answer))
            journal.append(reply)
            if on_reply:
                on_reply(reply, len(todo))
    return open_run(run.path)


def _noted(manifest: Manifest, engine: Engine, prompt: str, templates: dict[str, Prompt], cast: list[Vote]) -> Manifest:
    """The manifest with this judge's votes in it; an earlier sitting of the same judge is replaced."""
    votes: dict[str, list[str]] = {}
    for v in cast:
        votes.setdefault(v.of, []).append(v.reply.key)
    hashes = digest("".join(templates[lang].hash for lang in sorted(templates)).encode())
    mine = Judged(judge=engine.identity, prompt=prompt, prompt_hash=hashes, votes=votes)
    others = [j for j in manifest.judged if (j.judge, j.prompt) != (mine.judge, prompt)]
    asked = [
        replace(a, methods=[*a.methods, METHOD]) if a.form == "open" and METHOD not in a.methods else a
        for a in manifest.asked
    ]
    return replace(manifest, judged=[*others, mine], asked=asked)
