"""The main job, top to bottom: questions, prompts, requests, engine, journal; then grading reads the journal."""

import resource
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku._version import __version__
from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.engines import Engine, build_engine
from igaku.engines.base import require
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS, methods_for
from igaku.io.hashing import digest
from igaku.prompts import Prompt, load_examples, load_prompt
from igaku.prompts.examples import pick
from igaku.prompts.formats import FORMS, formed
from igaku.prompts.orders import expand, permutation
from igaku.prompts.template import Rendered
from igaku.question import Answer, Ask, Question, Reply, Request, Sampling
from igaku.runs.journal import Journal, sane
from igaku.runs.reply_keys import key_of
from igaku.runs.store import Asked, Kept, Manifest, Run, open_run, read_manifest, save

LANGUAGES = ("ja", "en", "zh")
WARM_UP = 4
"""Requests of each kind that are answered first, to say how long the rest will take. They count like all others."""


class Job(NamedTuple):
    """One request and the place its reply will stand in."""

    request: Request
    reply: Callable[[Answer], Reply]
    key: str
    prompt_hash: str


class How(NamedTuple):
    """What is the same for every block of one call."""

    shots: int | None
    examples: str | None
    seed: int
    max_tokens: int | None
    temperature: float
    form: str


class Block(NamedTuple):
    """One benchmark in one language, with how it is asked and graded."""

    bench: Benchmark
    lang: str
    questions: list[Question]
    prompt: Prompt
    methods: list[str]
    order: str


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
    prompt: str | Sequence[str] | None = None,
    method: str | Sequence[str] | None = None,
    form: str = "choices",
    shots: int | None = None,
    examples: str | None = None,
    order: str | Sequence[str] = "original",
    seed: int = 0,
    limit: int | None = None,
    only: Collection[str] | None = None,
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
        prompt: a template's name (``standard`` stands for ``standard_ja`` or ``standard_en``), or a ``.jinja`` file, or several;
            the benchmark's own (``standard`` for exams) if left out.
        method: grading methods, which decide what requests are needed; the benchmark's own (``letter``) if left out.
        form: ``choices`` as they are; ``open`` without them; ``statements``, one a choice (``igaku.prompts.formats``).
        shots, examples: how many examples, and from which set; the template's own if left out.
        order: the choices' order (``igaku.prompts.orders``), or several; ``rotations`` shows each choice in each place.
        seed: of the order ``shuffle`` and of sampling.
        limit: the first so many questions of each benchmark and language.
        only: ids of the questions to ask (a short form, a sample); an id that no benchmark has is an error.
        text_only: leave out questions that need an image (without it they are asked, and counted apart).
        retry_errors: ask again where the engine failed (nothing else is ever asked twice).
        dry_run: stop after the plan; nothing is written, and the run's folder is not made.
        on_plan: called once with the plan, after the warm-up and before everything else.
        on_reply: called after each reply is kept, with its number of tokens.

    Raises:
        IgakuError: what the user can mend; whatever was answered before is kept.
    """
    if form not in FORMS:
        raise UnknownNameError("form", form, FORMS)
    how = How(shots, examples, seed, max_tokens, temperature, form)
    langs = _languages(lang)
    benches = [part for name in _list(bench) for part in _parts(name)]
    blocks = [
        b
        for one in benches
        for b in _blocks(one, langs, prompt, method, _chosen(only, limit, text_only), form, _list(order), seed)
    ]
    blocks = _not_empty(blocks, only)
    twice = [k for k, n in Counter((b.bench.label, b.lang, b.prompt.name, b.order) for b in blocks).items() if n > 1]
    if twice:
        raise IgakuError(f"two benchmarks are called {twice[0][0]!r}; rename one of the files, or ask them in two runs")
    needs = frozenset(METHODS[m].ask for b in blocks for m in b.methods)
    loaded = build_engine(model, engine=engine, needs=needs, **settings) if isinstance(model, str) else model
    try:
        require(loaded, needs)
        manifest = Manifest(igaku=__version__, identity=loaded.identity, notes=list(loaded.notes))
        jobs: list[Job] = []
        for block in blocks:
            asked = _asked(loaded, block, how)
            manifest.asked.append(asked)
            jobs += _jobs(loaded, asked, block, how)
        kept = [Kept(b.bench.label, q) for b in blocks for q in b.questions]
        return _ask(Path(out), loaded, manifest, jobs, kept, retry_errors, dry_run, on_plan, on_reply)
    finally:
        if isinstance(model, str):
            loaded.close()


def _not_empty(blocks: list[Block], only: Collection[str] | None) -> list[Block]:
    """Blocks with questions; ids that are in none of them are an error."""
    known = {q.id.partition("#")[0] for b in blocks for q in b.questions}
    if only is not None and (unknown := set(only) - known):
        everything = [q.id for b in blocks for q in b.bench.load(b.lang)]
        if missing := unknown - set(everything):
            raise UnknownNameError("question", min(missing), everything)
    left = [b for b in blocks if b.questions]
    if not left:
        raise IgakuError("no question is left to ask: change --only or --text-only")
    return left


def _list(value: str | Sequence[str]) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    return list(dict.fromkeys(p.strip() for p in parts if p.strip()))


def _languages(lang: str | Sequence[str] | None) -> list[str]:
    wanted = _list(lang) if lang else []
    for one in wanted:
        if one not in LANGUAGES:
            raise UnknownNameError("language", one, LANGUAGES)
    return wanted


def _parts(name: str) -> list[Benchmark]:
    """The benchmark itself, or its slices where each is scored in its own way."""
    bench = load_benchmark(name)
    if bench.apart and not bench.part:
        return [load_benchmark(f"{bench.name}-{part}") for part in bench.slices]
    return [bench]


def _blocks(
    bench: Benchmark,
    langs: list[str],
    prompt: str | Sequence[str] | None,
    method: str | Sequence[str] | None,
    chosen: Callable[[list[Question]], list[Question]],
    form: str,
    orders: list[str],
    seed: int,
) -> Iterable[Block]:
    wanted = langs or list(bench.languages)
    if not set(wanted) & set(bench.languages):
        raise IgakuError(
            f"{bench.label} is in {', '.join(bench.languages)}, not in {', '.join(wanted)}; "
            "change --lang or leave it out"
        )
    for one in wanted:
        if one in bench.languages:
            questions = [part for q in chosen(bench.load(one)) for part in formed(q, form)]
            names = methods_for(method or ("named" if form == "open" and bench.method != "rubric" else bench.method))
            most = Counter(len(q.choices) for q in questions if q.choices).most_common(1)
            for template in _list(prompt or ("open" if form == "open" else bench.prompt)):
                for order in expand(orders, most[0][0] if most else 0, seed):
                    yield Block(bench, one, questions, _prompt(template, one), names, order)


def _chosen(
    only: Collection[str] | None, limit: int | None, text_only: bool
) -> Callable[[list[Question]], list[Question]]:
    wanted = None if only is None else set(only)

    def choose(questions: list[Question]) -> list[Question]:
        kept = [q for q in questions if (q.text_only or not text_only) and (wanted is None or q.id in wanted)]
        return kept[: limit or None]

    return choose


def _prompt(name: str, lang: str) -> Prompt:
    prompt = load_prompt(name, lang)
    if prompt.card.lang not in ("any", lang):
        raise IgakuError(
            f"prompt {prompt.name} is written for {prompt.card.lang}, the questions are in {lang}; "
            f"give --prompt {name.rsplit('_', 1)[0]} to take each language's own, or --lang {prompt.card.lang}"
        )
    return prompt


def _asked(engine: Engine, block: Block, how: How) -> Asked:
    card, fits = block.prompt.card, block.prompt.card.n_choices
    sizes = Counter(len(q.choices) for q in block.questions if q.choices)
    if fits and sizes and how.form == "choices" and sizes.most_common(1)[0][0] not in fits:
        told = f"prompt {block.prompt.name} speaks of {fits[0]} choices, {block.bench.label} has {sizes.most_common(1)[0][0]}"
        raise IgakuError(f"{told}; choose another")
    n = card.default_shots if how.shots is None else how.shots
    return Asked(
        model=engine.identity.model, bench=block.bench.label, lang=block.lang, prompt=block.prompt.name,
        prompt_hash=block.prompt.hash, shots=n, examples=(how.examples or card.shots or "igaku") if n else "",
        order=block.order, form=how.form,
        aggregate="statements" if how.form == "statements" else block.bench.aggregate,
        sampling=block.prompt.sampling(how.temperature, how.seed, how.max_tokens), methods=block.methods, images=engine.sees and any(q.images for q in block.questions), replies={},
    )  # fmt: skip


def _jobs(engine: Engine, asked: Asked, block: Block, how: How) -> list[Job]:
    """The requests of a block; their keys are noted in ``asked``."""
    prompt = block.prompt
    examples = load_examples(asked.examples, asked.lang) if asked.shots else []
    shots = pick(examples, asked.shots, block.questions, asked.examples)
    jobs = []
    for q in block.questions:
        order = permutation(q, block.order)
        rendered = prompt.render(replace(q, choices=()) if how.form == "open" else q, shots, order)
        text = engine.chat(rendered.messages) if rendered.messages else rendered.text
        asks = sorted({METHODS[m].ask for m in asked.methods if METHODS[m].applies(q)})
        more = _more(engine, rendered, q)
        mine = [
            _job(engine, asked, q, order, _request(ask, text, prompt, q, order, asked.sampling, more)) for ask in asks
        ]
        asked.replies[q.id] = {job.request.ask: job.key for job in mine}
        jobs += mine
    return jobs


def _more(engine: Engine, rendered: Rendered, q: Question) -> dict[str, Any]:
    """Turns and images, for the engines that take them."""
    turns: dict[str, Any] = {"messages": rendered.messages} if engine.sends_messages and rendered.messages else {}
    return turns | ({"images": q.images} if engine.sees and q.images else {})


def _request(
    ask: Ask, text: str, prompt: Prompt, q: Question, order: tuple[int, ...], drawn: Sampling, more: dict[str, Any]
) -> Request:
    if ask == "text":
        return Request(ask=ask, prompt=text, sampling=drawn, documents=q.documents, **more)
    if ask == "letters" and not prompt.card.labels:
        raise IgakuError(
            f"prompt {prompt.name} shows the choices without letters, so letter-logprob cannot score them; choose another"
        )
    following = prompt.letters(q) if ask == "letters" else prompt.continuations(q, order)
    return Request(ask=ask, prompt=text, continuations=following, **more)


def _job(engine: Engine, asked: Asked, q: Question, order: tuple[int, ...], request: Request) -> Job:
    key = key_of(
        engine.identity,
        request,
        bench=asked.bench,
        lang=asked.lang,
        question=q.id,
        prompt=asked.prompt,
        order=asked.order,
    )

    prompt_hash = digest(request.prompt.encode())

    def reply(answer: Answer) -> Reply:
        # the template opened the thinking for the model
        if answer.text and request.prompt.rstrip().endswith("<think>"):
            answer = replace(answer, text=f"<think>{answer.text}")
        return Reply(
            key=key, model=asked.model, bench=asked.bench, lang=asked.lang, id=q.id, prompt=asked.prompt, shots=asked.shots,
            order=asked.order, permutation=order, ask=request.ask, answer=sane(answer),
            prompt_hash=prompt_hash,
        )  # fmt: skip

    return Job(request, reply, key, prompt_hash)


def _ask(
    out: Path, engine: Engine, manifest: Manifest, jobs: list[Job], kept: list[Kept], retry_errors: bool, dry_run: bool,
    on_plan: Any, on_reply: Any,
) -> Run:  # fmt: skip
    with nullcontext() if dry_run else Journal(out / "replies.jsonl") as journal:
        if (out / "run.json").exists():
            manifest = _joined(out, manifest)
        have = _answered(out, retry_errors)
        first, rest = _warm_up([j for j in jobs if j.key not in have])
        started, tokens, n = time.perf_counter(), 0, 0
        if journal is not None:
            save(out, manifest, kept, {j.prompt_hash: j.request.prompt for j in jobs})

        def kept_as_they_come(answers: Iterable[tuple[Job, Answer]]) -> Iterator[tuple[Reply, int]]:
            nonlocal tokens, n
            for job, answer in answers:
                reply, size = job.reply(answer), answer.prompt_tokens + answer.new_tokens
                if journal is not None:
                    journal.append(reply)
                tokens, n = tokens + size, n + 1
                yield reply, size

        try:
            warm = list(kept_as_they_come(_answers(engine, first)))
            plan = _plan(engine, jobs, first, rest, time.perf_counter() - started)
            if on_plan:
                on_plan(plan)
            if journal is None:
                return Run(out)
            for reply, size in chain(warm, kept_as_they_come(_answers(engine, rest))):
                if on_reply:
                    on_reply(reply, size)
        finally:
            if journal is not None:
                _log(out, n, tokens, time.perf_counter() - started, getattr(engine, "session", {}))
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
    return {r.key for r in run.replies.values() if not (retry_errors and r.answer.finish == "error")}


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
            if (before.prompt_hash, before.examples, before.sampling) != (a.prompt_hash, a.examples, a.sampling):
                raise IgakuError(
                    f"{out}: {a.bench} ({a.lang}) was asked with another version of prompt {a.prompt}, other examples or "
                    "other sampling; give another --out"
                )
            a.methods = list(dict.fromkeys([*before.methods, *a.methods]))
            a.replies = {i: before.replies.get(i, {}) | a.replies.get(i, {}) for i in {**before.replies, **a.replies}}
        merged[_mark(a)] = a
    new.asked, new.judged = list(merged.values()), old.judged
    return new


def _mark(a: Asked) -> tuple[Any, ...]:
    return a.bench, a.lang, a.prompt, a.shots, a.order, a.form


def _told(manifest: Manifest) -> str:
    i = manifest.identity
    return "imported replies" if i is None else f"{i.model} by {i.engine} {i.version} {i.dtype}".strip()


def _log(out: Path, asked: int, tokens: int, seconds: float, more: dict[str, Any]) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = {
        "asked": asked,
        "tokens": tokens,
        "seconds": round(seconds, 2),
        "peak_memory_mb": peak,
        "igaku": __version__,
        **more,
    }
    with (out / "sessions.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
