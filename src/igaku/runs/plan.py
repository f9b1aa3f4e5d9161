"""What a run will ask, before anything is asked: a budget, a dry run and an evaluation all start here."""

import resource
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku._version import __version__
from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.engines.base import Engine, EngineBase, Identity, require
from igaku.engines.build import using_rows
from igaku.engines.effort import Extras, at_efforts, rows_of
from igaku.engines.pictures import check_pictures
from igaku.engines.spec import EngineSpec, as_spec
from igaku.errors import IgakuError, UnknownNameError
from igaku.grading import METHODS, methods_for
from igaku.prompts import Prompt, load_prompt
from igaku.prompts.formats import in_format
from igaku.prompts.orders import expand
from igaku.question import Answer, Message, Question, Reply, Request, RequestKind
from igaku.runs.ask import Job
from igaku.runs.bench_facts import bench_facts, fingerprint, joined_facts
from igaku.runs.budgets import most_new_tokens
from igaku.runs.manifest import Manifest, StoredQuestion
from igaku.runs.pictures import picture_notes
from igaku.runs.requests import Block, check, jobs_of, task_run
from igaku.runs.sample_requests import temperature_notes
from igaku.runs.specs import TaskSpec
from igaku.runs.store import Run
from igaku.runs.warm_up import first_call


class Plan(Struct, kw_only=True):
    """What would be asked. ``seconds`` is known only once some of it has been asked."""

    prompts: int
    done: int
    tokens: int
    new_tokens: int
    """The most that written answers may take together."""
    kinds: dict[str, int] = {}
    """Kind of request -> how many are left to ask."""
    seconds: float | None = None
    memory_mb: int = 0
    examples: list[str] = []
    """Three of the prompts, as they are sent."""
    first: str = ""
    """The first call: which question with which prompt, and what is asked for."""
    notes: list[str] = []


Part = tuple[TaskSpec, list[Block]]
"""A task and its blocks."""


class Work(NamedTuple):
    """Everything that an evaluation asks, and what its run will keep."""

    manifest: Manifest
    jobs: list[Job]
    questions: list[StoredQuestion]
    waiting: int = 0
    """Later turns of conversations, whose prompts do not exist before the replies to the turns before them."""


def plan(
    model: str | EngineSpec | Engine,
    bench: str | Benchmark | Sequence[str | Benchmark],
    *,
    out: str | Path | None = None,
    task: TaskSpec,
    retry_errors: bool = False,
    **settings: object,
) -> Plan:
    """What ``evaluate`` with the same arguments would ask; nobody is asked anything, and nothing is written.

    A model given by name is loaded, for its tokenizer and chat template; a server is not spoken to.
    """
    return plan_parts(model, [(task, blocks_of(bench, task))], out=out, retry_errors=retry_errors, **settings)


def plan_parts(
    model: str | EngineSpec | Engine,
    parts: Sequence[Part],
    *,
    out: str | Path | None = None,
    retry_errors: bool = False,
    **settings: object,
) -> Plan:
    """``plan`` over several tasks."""
    if isinstance(model, str | EngineSpec):
        spec, settings = as_spec(model, **settings), {}
        if spec.engine == "openai" or (spec.engine == "auto" and spec.base_url):
            rows: list[Engine] = list(at_efforts(_Unasked(spec), spec.effort))
            return summary(_Unasked(spec), _all_rows(rows or [_Unasked(spec)], parts), set())
        model = spec
    with using_rows(model, needs=needs_of([b for _, blocks in parts for b in blocks]), **settings) as engine:
        return summary(engine, _all_rows(rows_of(engine), parts, replies_in(out)), done_in(out, retry_errors))


def _all_rows(rows: Sequence[Engine], parts: Sequence[Part], replies: Mapping[str, Reply] | None = None) -> Work:
    """The work at every effort, one after the other."""
    works = [prepare_parts(row, parts, replies) for row in rows]
    jobs = [one for work in works for one in work.jobs]
    return works[0]._replace(jobs=jobs, waiting=sum(work.waiting for work in works))


class _Unasked(EngineBase):
    """Stands for a server in a plan: it renders prompts and is never asked."""

    sends_messages = True

    def __init__(self, spec: EngineSpec) -> None:
        super().__init__()
        self.identity = Identity(model=spec.model, engine="openai", version="")
        self.supports_images, self.thinking = spec.vision, spec.thinking
        self.supported = frozenset(("text", "letters", "likelihood"))
        self.notes = [
            "the server was not asked: tokens are estimated from characters, and what is answered already is not known",
            f"an evaluation first asks {spec.base_url or 'the server'} what it is and takes, by trial requests of a "
            "few tokens",
        ]

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Extras]:
        """None: the server is not asked what it takes."""
        return [{} for _ in efforts]

    def chat(self, messages: Sequence[Message]) -> str:
        """The turns one after the other; the server has the template."""
        return super().chat(messages)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """One token a Japanese character, four letters a token else."""
        wide = [sum(c > "\u2e7f" for c in p) for p in prompts]
        return [w + (len(p) - w) // 4 + 1 for w, p in zip(wide, prompts)]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Never called."""
        raise AssertionError("a plan asks nothing")


def _turns_note(work: Work) -> list[str]:
    later = f"{work.waiting:,} later turns of conversations follow, each when the reply before it is there"
    return [later] if work.waiting else []


def replies_in(out: str | Path | None) -> Mapping[str, Reply]:
    """The replies that a run folder holds, by key."""
    return Run(Path(out)).replies if out is not None else {}


def done_in(out: str | Path | None, retry_errors: bool = False) -> set[str]:
    """Keys of the replies that a run folder holds, without those that are to be asked again."""
    return {key for key, r in replies_in(out).items() if not (retry_errors and r.answer.finish == "error")}


def rounds(engine: Engine, parts: Sequence[Part], out: Path) -> Iterator[Work]:
    """The work, again after each of its turns was asked: questions are one round, a conversation one round a turn.

    What a round asks is in the run folder before the next one is prepared, so that a run which was cut off goes on with
    the turn where it stopped.
    """
    known: set[str] = set()
    several = any(q.after for _, blocks in parts for b in blocks for q in b.questions)
    while True:
        work = prepare_parts(engine, parts, replies_in(out) if several else None)
        keys = {one.key for one in work.jobs}
        if known and not keys - known:
            return
        known |= keys
        yield work
        if not several:
            return


def summary(engine: Engine, work: Work, done: set[str], seconds: float | None = None) -> Plan:
    """The work as numbers and three examples."""
    jobs, todo = work.jobs, [one for one in work.jobs if one.key not in done]
    shown = sorted({0, len(jobs) // 2, len(jobs) - 1}) if jobs else []
    return Plan(
        prompts=len(jobs),
        done=len(jobs) - len(todo),
        tokens=sum(engine.count([j.request.prompt for j in todo])),
        new_tokens=most_new_tokens(engine, [j.request for j in todo]),
        kinds=dict(Counter(j.request.kind for j in todo)),
        seconds=seconds,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        examples=[jobs[i].request.prompt for i in shown],
        first=first_call(todo),
        notes=list(dict.fromkeys([*work.manifest.notes, *engine.notes, *_turns_note(work)])),
    )


def prepare(
    engine: Engine, blocks: Sequence[Block], task: TaskSpec, replies: Mapping[str, Reply] | None = None
) -> Work:
    """Every request of the blocks, with its key; of conversations, every turn that the ``replies`` so far lead to.

    Raises:
        IgakuError: the engine cannot do soundly what a method needs, a template does not fit, or a picture cannot be
            sent.
    """
    require(engine, needs_of(blocks))
    pictures: list[str] = []
    if engine.supports_images:
        check_pictures(i for b in blocks for q in b.questions for i in q.images)
        pictures = picture_notes(blocks)
    identity = getattr(engine, "plain", engine.identity)
    read_as = dict.fromkeys(f"{b.bench.label}: {b.bench.read_as}" for b in blocks if b.bench.read_as)
    notes = [*engine.notes, *read_as, *pictures, *temperature_notes(engine, task)]
    manifest = Manifest(igaku=__version__, identity=identity, notes=notes)
    jobs: list[Job] = []
    for block in blocks:
        run = task_run(engine, block, task)
        manifest.tasks.append(run)
        jobs += jobs_of(engine, run, block, task, replies)
    for bench in {id(b.bench): b.bench for b in blocks}.values():
        manifest.benchmarks[bench.label] = bench_facts(bench, {b.lang: b.key for b in blocks if b.bench is bench})
    waiting = sum(not run.replies[q.id] for run, b in zip(manifest.tasks, blocks) for q in b.questions if q.after)
    return Work(manifest, jobs, [StoredQuestion(b.bench.label, q) for b in blocks for q in b.questions], waiting)


def prepare_parts(engine: Engine, parts: Sequence[Part], replies: Mapping[str, Reply] | None = None) -> Work:
    """Every request of several tasks, as one run; ``replies`` and errors as of ``prepare``."""
    works = [prepare(engine, blocks, task, replies) for task, blocks in parts]
    manifest = works[0].manifest
    manifest.tasks = [task for work in works for task in work.manifest.tasks]
    manifest.notes = list(dict.fromkeys(note for work in works for note in work.manifest.notes))
    for work in works[1:]:
        manifest.benchmarks = joined_facts(manifest.benchmarks, work.manifest.benchmarks)
    questions = {(k.bench, k.question.lang, k.question.id): k for work in works for k in work.questions}
    jobs = [one for work in works for one in work.jobs]
    return Work(manifest, jobs, list(questions.values()), sum(work.waiting for work in works))


def needs_of(blocks: Sequence[Block]) -> frozenset[RequestKind]:
    """The kinds of request that the blocks' methods read."""
    return frozenset(METHODS[m].kind for b in blocks for m in b.methods)


def blocks_of(bench: str | Benchmark | Sequence[str | Benchmark], task: TaskSpec) -> list[Block]:
    """Each benchmark, language, template and order on its own.

    Raises:
        IgakuError: an unknown name; a language that a benchmark does not have; no question left; two benchmarks of one
            name; a template or examples that do not fit.
    """
    given = [bench] if isinstance(bench, str | Benchmark) else list(bench)
    parts = [part for one in given for part in _parts(one)]
    blocks = _not_empty([b for part in parts for b in _blocks(part, task)], task.only)
    counts = Counter((b.bench.label, b.lang, b.prompt.name, b.order) for b in blocks)
    if double := [k[0] for k, n in counts.items() if n > 1]:
        raise IgakuError(f"two benchmarks are called {double[0]!r}; rename one of the files, or ask them in two runs")
    for block in blocks:
        check(block, task)
    return blocks


def _parts(bench: str | Benchmark) -> list[Benchmark]:
    """The benchmark itself, or its slices where each is scored in its own way (a year of a slice belongs to it)."""
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    if loaded.scored_by_slice and not loaded.part:
        parts = loaded.parts()
        return [type(loaded)(p) for p in parts if not any(p.startswith(f"{other}-") for other in parts)]
    return [loaded]


def _not_empty(blocks: list[Block], only: Sequence[str] | None) -> list[Block]:
    """Blocks with questions; ids that are in none of them are an error."""
    known = {q.id.partition("#")[0] for b in blocks for q in b.questions}
    if only is not None and (unknown := set(only) - known):
        everything = [q.id for b in blocks for q in b.bench.load(b.lang)]
        if missing := unknown - set(everything):
            raise UnknownNameError("question", min(missing), everything)
    left = [b for b in blocks if b.questions]
    if not left:
        raise IgakuError(
            "no question is left to ask: change --only, --text-only or --limit (what the prompt shows is not asked)"
        )
    return left


def _blocks(bench: Benchmark, task: TaskSpec) -> Iterator[Block]:
    wanted = task.lang or list(bench.languages)
    if not set(wanted) & set(bench.languages):
        raise IgakuError(
            f"{bench.label} is in {', '.join(bench.languages)}, not in {', '.join(wanted)}; "
            "change --lang or leave it out"
        )
    chosen = _chosen(task)
    for lang in (one for one in wanted if one in bench.languages):
        loaded = bench.load(lang)
        key = fingerprint(loaded)
        questions = [part for q in chosen(loaded) for part in in_format(q, task.question_format)]
        usual = Counter(len(q.choices) for q in questions if q.choices).most_common(1)
        is_open = task.question_format == "open"
        own_method = "named" if is_open and bench.method != "rubric" else bench.method
        methods = methods_for(task.method or [own_method])
        for template in task.prompt or ["open" if is_open else bench.prompt]:
            prompt = _prompt(template, lang)
            fresh = [q for q in questions if q.id not in prompt.card.shows_questions]
            for order in expand(task.order, usual[0][0] if usual else 0, task.seed):
                yield Block(bench, lang, fresh, prompt, methods, order, key)


def _chosen(task: TaskSpec) -> Callable[[list[Question]], list[Question]]:
    wanted = None if task.only is None else set(task.only)

    def choose(questions: list[Question]) -> list[Question]:
        chosen_questions = [
            q for q in questions if (q.text_only or not task.text_only) and (wanted is None or q.id in wanted)
        ]
        return chosen_questions[: task.limit or None]

    return choose


def _prompt(name: str, lang: str) -> Prompt:
    prompt = load_prompt(name, lang)
    if prompt.card.lang not in ("any", lang):
        raise IgakuError(
            f"prompt {prompt.name} is written for {prompt.card.lang}, the questions are in {lang}; "
            f"give --prompt {name.rsplit('_', 1)[0]} to take each language's own, or --lang {prompt.card.lang}"
        )
    return prompt
