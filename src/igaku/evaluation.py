"""The main job, top to bottom: questions, prompts, requests, engine, journal; then grading reads the journal."""

import random
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from igaku import __version__
from igaku.benchmarks import load_benchmark
from igaku.engines import Engine, build_engine
from igaku.engines.base import require
from igaku.errors import IgakuError
from igaku.grading import METHODS, methods_for
from igaku.journal import Journal, key_of
from igaku.journal.keys import digest
from igaku.prompts import Prompt, load_examples, load_prompt, prompt_names
from igaku.prompts.examples import pick
from igaku.question import Ask, Question, Reply, Request, Sampling
from igaku.run import Asked, Kept, Manifest, Run, open_run, read_manifest, save

WARM_UP = 4
"""Requests of each kind that are answered first, to say how long the rest will take. They count like all others."""


class Job(NamedTuple):
    """One request and the place its reply will stand in."""

    request: Request
    reply: Callable[[Any], Reply]
    key: str


class Plan(Struct, kw_only=True):
    """What a run will ask: shown before it starts, and by ``--dry-run`` instead of it."""

    prompts: int
    done: int
    tokens: int
    new_tokens: int
    seconds: float | None = None
    memory_mb: int = 0
    examples: list[str] = []
    notes: list[str] = []


def evaluate(
    model: str | Engine,
    bench: str | Sequence[str],
    *,
    out: str | Path,
    lang: str | Sequence[str] | None = None,
    prompt: str = "standard",
    method: str | Sequence[str] = "letter",
    shots: int | None = None,
    examples: str = "igaku",
    shuffle: bool = False,
    seed: int = 0,
    limit: int | None = None,
    text_only: bool = False,
    max_tokens: int | None = None,
    temperature: float = 0.0,
    retry_errors: bool = False,
    dry_run: bool = False,
    engine: str = "auto",
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: Callable[[Reply, int], None] | None = None,
    **settings: Any,
) -> Run:
    """Ask a model the questions of one or more benchmarks and keep every reply; asked again, it continues.

    Args:
        model: a name or path for ``build_engine``, or an engine that is already built.
        bench, lang: names, or lists or comma-separated lists of them; languages default to all the benchmark has.
        out: the run's folder. A second call with the same arguments asks only what is missing.
        prompt: a template's name (``standard`` stands for ``standard_ja`` or ``standard_en``), or a ``.jinja`` file.
        method: grading methods; they decide which requests are needed.
        shots, examples: how many examples, and from which set.
        shuffle, seed: choices in a random order, which depends only on the seed and the question's id.
        limit: the first so many questions of each benchmark and language.
        text_only: leave out questions that need an image (without it they are asked, and counted apart).
        retry_errors: ask again where the engine failed (nothing else is ever asked twice).
        dry_run: stop after the plan; nothing is written, and the run's folder is not made.
        on_plan: called once with the plan, after the warm-up and before everything else.
        on_reply: called after each reply is kept, with its number of tokens.

    Raises:
        IgakuError: what the user can mend; whatever was answered before is kept.
    """
    methods = methods_for(method)
    needs = frozenset(METHODS[m].ask for m in methods)
    blocks = [b for name in _list(bench) for b in _blocks(name, lang, limit, text_only)]
    prompts = {lang_: _prompt(prompt, lang_) for _, lang_, _ in blocks}
    loaded = build_engine(model, engine=engine, needs=needs, **settings) if isinstance(model, str) else model
    try:
        require(loaded, needs)
        manifest = Manifest(igaku=__version__, identity=loaded.identity, notes=list(loaded.notes))
        jobs: list[Job] = []
        kept: list[Kept] = []
        for name, lang_, questions in blocks:
            template = prompts[lang_]
            drawn = Sampling(
                max_tokens=max_tokens or template.card.max_tokens,
                temperature=temperature,
                seed=seed,
                stop=template.card.stop,
            )
            asked = _asked(loaded, name, lang_, template, questions, shots, examples, shuffle, seed, methods)
            manifest.asked.append(asked)
            jobs += _jobs(loaded, asked, template, questions, shuffle, seed, drawn, needs)
            kept += [Kept(name, q) for q in questions]
        return _ask(Path(out), loaded, manifest, jobs, kept, retry_errors, dry_run, on_plan, on_reply)
    finally:
        if isinstance(model, str):
            loaded.close()


def _list(value: str | Sequence[str]) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    return list(dict.fromkeys(p.strip() for p in parts if p.strip()))


def _blocks(name: str, lang: Any, limit: int | None, text_only: bool) -> Iterable[tuple[str, str, list[Question]]]:
    bench = load_benchmark(name)
    wanted = _list(lang) if lang else list(bench.languages)
    if lang and not set(wanted) & set(bench.languages):
        raise IgakuError(
            f"{name} is in {', '.join(bench.languages)}, not in {', '.join(wanted)}; change --lang or leave it out"
        )
    for one in wanted:
        if one in bench.languages:
            questions = [q for q in bench.load(one) if q.text_only or not text_only][: limit or None]
            yield bench.label, one, questions


def _prompt(name: str, lang: str) -> Prompt:
    own = f"{name}_{lang}"
    prompt = load_prompt(own if own in prompt_names() else name)
    if prompt.card.lang not in ("any", lang):
        raise IgakuError(f"prompt {prompt.name} is written for {prompt.card.lang}, the questions are in {lang}; "
                         f"give --prompt {name.rsplit('_', 1)[0]} to take each language's own, or --lang {prompt.card.lang}")  # fmt: skip
    return prompt


def _asked(
    engine: Engine, bench: str, lang: str, prompt: Prompt, questions: list[Question], shots: int | None, examples: str,
    shuffle: bool, seed: int, methods: list[str],
) -> Asked:  # fmt: skip
    n = prompt.card.default_shots if shots is None else shots
    fits = prompt.card.n_choices
    misfit = next((q for q in questions if fits and q.choices and len(q.choices) not in fits), None)
    if misfit and len([q for q in questions if q.choices and len(q.choices) not in fits]) * 2 > len(questions):
        raise IgakuError(
            f"prompt {prompt.name} speaks of {fits[0]} choices, {bench} has {len(misfit.choices)}; choose another"
        )
    return Asked(
        model=engine.identity.model, bench=bench, lang=lang, prompt=prompt.name, prompt_hash=prompt.hash, shots=n,
        examples=examples if n else "", order=f"shuffle-{seed}" if shuffle else "original", methods=methods,
        ids=[q.id for q in questions],
    )  # fmt: skip


def _jobs(
    engine: Engine, asked: Asked, prompt: Prompt, questions: list[Question], shuffle: bool, seed: int, drawn: Sampling,
    needs: Iterable[Ask],
) -> list[Job]:  # fmt: skip
    shots = (
        pick(load_examples(asked.examples, asked.lang), asked.shots, questions, asked.examples) if asked.shots else []
    )
    jobs = []
    for q in questions:
        order = permutation(q, seed) if shuffle else ()
        rendered = prompt.render(q, shots, order)
        text = engine.chat(rendered.messages) if rendered.messages else rendered.text
        for ask in sorted(needs):
            if any(METHODS[m].ask == ask and METHODS[m].applies(q) for m in asked.methods):
                request = _request(ask, text, prompt, q, order, drawn)
                jobs.append(_job(engine, asked, q, order, request, prompt))
    return jobs


def permutation(q: Question, seed: int) -> tuple[int, ...]:
    """A random order of a question's choices that depends only on the seed and the question's id."""
    order = list(range(len(q.choices)))
    random.Random(f"{seed}/{q.id}").shuffle(order)
    return tuple(order)


def _request(ask: Ask, text: str, prompt: Prompt, q: Question, order: tuple[int, ...], drawn: Sampling) -> Request:
    if ask == "text":
        return Request(ask=ask, prompt=text, sampling=drawn)
    following = prompt.letters(q) if ask == "letters" else prompt.continuations(q, order)
    return Request(ask=ask, prompt=text, continuations=following)


def _job(engine: Engine, asked: Asked, q: Question, order: tuple[int, ...], request: Request, prompt: Prompt) -> Job:
    key = key_of(
        engine.identity,
        request,
        bench=asked.bench,
        lang=asked.lang,
        question=q.id,
        prompt=asked.prompt,
        order=asked.order,
    )

    def reply(answer: Any) -> Reply:
        return Reply(
            key=key, model=asked.model, bench=asked.bench, lang=asked.lang, id=q.id, prompt=asked.prompt, shots=asked.shots,
            order=asked.order, permutation=order, ask=request.ask, answer=answer,
            prompt_hash=digest(request.prompt.encode()),
        )  # fmt: skip

    return Job(request, reply, key)


def _ask(
    out: Path, engine: Engine, manifest: Manifest, jobs: list[Job], kept: list[Kept], retry_errors: bool, dry_run: bool,
    on_plan: Any, on_reply: Any,
) -> Run:  # fmt: skip
    if (out / "run.json").exists():
        manifest = _joined(out, manifest)
    with nullcontext() if dry_run else Journal(out / "replies.jsonl") as journal:
        have = _answered(out, retry_errors)
        first, rest = _warm_up([j for j in jobs if j.key not in have])
        started, tokens = time.perf_counter(), 0
        warm = list(_answers(engine, first))
        plan = _plan(engine, jobs, first, rest, time.perf_counter() - started)
        if on_plan:
            on_plan(plan)
        if journal is None:
            return Run(out)
        save(out, manifest, kept, {digest(j.request.prompt.encode()): j.request.prompt for j in jobs})
        for job, answer in chain(warm, _answers(engine, rest)):
            reply = job.reply(answer)
            journal.append(reply)
            tokens += answer.prompt_tokens + answer.new_tokens
            if on_reply:
                on_reply(reply, answer.prompt_tokens + answer.new_tokens)
    _log(out, len(first) + len(rest), tokens, time.perf_counter() - started)
    return open_run(out)


def _plan(engine: Engine, jobs: list[Job], first: list[Job], rest: list[Job], seconds: float) -> Plan:
    todo = [*first, *rest]
    done, coming = (sum(len(j.request.prompt) for j in part) for part in (first, rest))
    return Plan(
        prompts=len(jobs), done=len(jobs) - len(todo), tokens=sum(engine.count([j.request.prompt for j in todo])),
        new_tokens=sum(j.request.sampling.max_tokens for j in todo if j.request.ask == "text"),
        seconds=seconds * coming / done if done else 0.0,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        examples=[jobs[i].request.prompt for i in sorted({0, len(jobs) // 2, len(jobs) - 1})] if jobs else [],
        notes=list(engine.notes),
    )  # fmt: skip


def _answered(out: Path, retry_errors: bool) -> set[str]:
    run = Run(out)
    return {r.key for r in run.replies if not (retry_errors and r.answer.finish == "error")}


def _warm_up(todo: list[Job]) -> tuple[list[Job], list[Job]]:
    picked: set[int] = set()
    for ask in sorted({j.request.ask for j in todo}):
        mine = sorted(
            (i for i, j in enumerate(todo) if j.request.ask == ask), key=lambda i: len(todo[i].request.prompt)
        )
        picked |= {mine[len(mine) * (2 * k + 1) // (2 * WARM_UP)] for k in range(WARM_UP)}
    return [todo[i] for i in sorted(picked)], [j for i, j in enumerate(todo) if i not in picked]


def _answers(engine: Engine, jobs: list[Job]) -> Iterable[tuple[Job, Any]]:
    return ((jobs[i], answer) for i, answer in engine.answer([j.request for j in jobs]))


def _joined(out: Path, new: Manifest) -> Manifest:
    """The manifest of a run that is continued, or added to with other benchmarks, prompts or orders."""
    old = read_manifest(out)
    if old.identity != new.identity:
        raise IgakuError(
            f"{out}: this run was made with {_told(old)}, not {_told(new)}; give another --out "
            "(or the same model, engine and settings to continue)"
        )
    merged = {_mark(a): a for a in old.asked}
    for a in new.asked:
        if before := merged.get(_mark(a)):
            a.methods = list(dict.fromkeys([*before.methods, *a.methods]))
            a.ids = list(dict.fromkeys([*before.ids, *a.ids]))
        merged[_mark(a)] = a
    new.asked = list(merged.values())
    return new


def _mark(a: Asked) -> tuple[Any, ...]:
    return a.bench, a.lang, a.prompt, a.prompt_hash, a.shots, a.examples, a.order


def _told(manifest: Manifest) -> str:
    i = manifest.identity
    return "imported replies" if i is None else f"{i.model} by {i.engine} {i.version} {i.dtype}".strip()


def _log(out: Path, asked: int, tokens: int, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = {
        "asked": asked,
        "tokens": tokens,
        "seconds": round(seconds, 2),
        "peak_memory_mb": peak,
        "igaku": __version__,
    }
    with (out / "sessions.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
