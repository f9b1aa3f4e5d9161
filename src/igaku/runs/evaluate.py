"""The main job, top to bottom: questions, prompts, requests, engine, journal; then grading reads the journal."""

import resource
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from igaku._version import __version__
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.pass_marks import keep_exams
from igaku.engines.base import Engine, Identity
from igaku.engines.build import using_rows
from igaku.engines.effort import rows_of
from igaku.engines.spec import EngineSpec, takes_settings
from igaku.errors import IgakuError
from igaku.io.files import open_output, write_json
from igaku.io.locks import writes
from igaku.question import Reply
from igaku.runs.ask import Job, OnReply, ask, pending
from igaku.runs.bench_facts import joined_facts
from igaku.runs.finished import Command
from igaku.runs.journal import Journal
from igaku.runs.manifest import Manifest, SuiteRef, TaskRun, read_manifest
from igaku.runs.order import merged_order
from igaku.runs.plan import Plan, Work, blocks_of, needs_of, rounds, summary
from igaku.runs.plan import plan as plan_task
from igaku.runs.run_keys import changes_text, key_changes
from igaku.runs.seal import seal
from igaku.runs.specs import FIELDS, Names, TaskSpec, task_spec
from igaku.runs.store import Run, open_run, save
from igaku.runs.warm_up import warm_up

Benchmarks = str | Benchmark | Sequence[str | Benchmark]


@takes_settings()
def evaluate(
    model: str | EngineSpec | Engine,
    bench: Benchmarks,
    *,
    out: str | Path,
    lang: Names = None,
    prompt: Names = None,
    method: Names = None,
    question_format: str = "choices",
    shots: int | None = None,
    examples: str | None = None,
    order: Names = "original",
    seed: int = 0,
    limit: int | None = None,
    only: Collection[str] | None = None,
    text_only: bool = False,
    max_tokens: int | None = None,
    temperature: float | None = None,
    samples: int = 1,
    retry_errors: bool = False,
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: OnReply | None = None,
    **settings: object,
) -> Run:
    """Ask a model the questions of one or more benchmarks and keep every reply; asked again, it continues.

    Args:
        model: a name or path, an ``EngineSpec``, or an engine that is already built.
        bench: a name, a file of your own, a ``Benchmark`` object, or a list of them.
        out: the run's folder. A second call with the same arguments asks only what is missing.
        lang: languages; all that the benchmark has if left out.
        prompt: template names (``standard`` stands for ``standard_ja`` or ``standard_en``) or ``.jinja`` files; the
            benchmark's own (``standard`` for exams) if left out.
        method: grading methods, which decide what requests are needed; the benchmark's own (``letter``) if left out.
        question_format: ``choices`` as they are; ``open`` without them; ``statements``, one a choice.
        shots: how many examples; the template's own number if left out.
        examples: from which set; the template's own if left out.
        order: the choices' order (``igaku.prompts.orders``); ``rotations`` shows each choice in each position.
        seed: of the order ``shuffle`` and of sampling.
        limit: only the first N questions of each benchmark and language.
        only: ids of the questions to ask (a short form, a sample); an id that no benchmark has is an error.
        text_only: leave out questions that need an image (without it they are asked, and counted apart).
        temperature: 0 is greedy (the default of one sample); above it, the model's own recommended sampling is used
            beside it, and recorded.
        samples: written replies to each question, each with its own seed; they need a temperature above 0, which is the
            one that the model's own files recommend if left out.
        retry_errors: ask again where the engine failed (nothing else is ever asked twice).
        on_plan: called with the plan, after the warm-up and before everything else; for conversations once a turn.
        on_reply: called after each reply is kept, with its number of tokens.
        settings: fields of ``EngineSpec``, where the model is given by name: ``engine="vllm"``, ``adapter=...``.

    Raises:
        IgakuError: what the user can correct; whatever was answered before is kept.
    """
    task = task_spec(
        lang=lang,
        prompt=prompt,
        method=method,
        question_format=question_format,
        shots=shots,
        examples=examples,
        order=order,
        seed=seed,
        limit=limit,
        only=only,
        text_only=text_only,
        max_tokens=max_tokens,
        temperature=temperature,
        samples=samples,
    )
    return evaluate_task(
        model, bench, task, out=out, retry_errors=retry_errors, on_plan=on_plan, on_reply=on_reply, **settings
    )


@writes("out")
def evaluate_task(
    model: str | EngineSpec | Engine,
    bench: Benchmarks,
    task: TaskSpec,
    *,
    out: str | Path,
    retry_errors: bool = False,
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: OnReply | None = None,
    **settings: object,
) -> Run:
    """``evaluate`` with what is asked as a spec."""
    blocks = blocks_of(bench, task)
    command = Command(model, [(task, blocks)], Path(out), settings)
    if done := command.finished(retry_errors):
        return as_it_is(out, done, on_plan)
    with using_rows(model, needs=needs_of(blocks), **settings) as engine:
        for row in rows_of(engine):
            for work in rounds(row, [(task, blocks)], Path(out)):
                keep_exams((b.bench for b in blocks), Path(out))
                carry_out(Path(out), row, work, retry_errors, on_plan, on_reply)
                command.add(work)
    command.end()
    return open_run(out)


def as_it_is(out: str | Path, done: Plan, on_plan: Callable[[Plan], None] | None) -> Run:
    """A run in which nothing is left to ask."""
    if on_plan:
        on_plan(done)
    return open_run(out)


@takes_settings(*FIELDS)
def plan(
    model: str | EngineSpec | Engine,
    bench: Benchmarks,
    *,
    out: str | Path | None = None,
    retry_errors: bool = False,
    **given: Any,
) -> Plan:
    """What ``evaluate`` with the same arguments would ask; nobody is asked anything and nothing is written."""
    task = task_spec(**{k: v for k, v in given.items() if k in FIELDS})
    settings = {k: v for k, v in given.items() if k not in FIELDS}
    return plan_task(model, bench, out=out, task=task, retry_errors=retry_errors, **settings)


def carry_out(
    out: Path,
    engine: Engine,
    work: Work,
    retry_errors: bool,
    on_plan: Callable[[Plan], None] | None,
    on_reply: OnReply | None,
) -> None:
    """Ask what the run's folder lacks, and keep it there.

    Raises:
        IgakuError: as ``evaluate`` does.
    """
    session = _Session(on_reply)
    with Journal(out / "replies.jsonl") as journal:
        manifest = _joined(out, work) if (out / "run.json").exists() else work.manifest
        todo = pending(work.jobs, journal, retry_errors=retry_errors)
        done = {one.key for one in work.jobs} - {one.key for one in todo}
        save(out, manifest, work.questions, {j.reply.prompt_hash: j.request.prompt for j in work.jobs})
        seal(out)
        first, rest = warm_up(todo)
        try:
            ask(engine, first, journal, retry_errors=retry_errors, on_reply=session.count)
            if on_plan:
                on_plan(summary(engine, work, done, session.left(first, rest)))
            session.report_all()
            ask(engine, rest, journal, retry_errors=retry_errors, on_reply=session.count)
        finally:
            session.log(out, getattr(engine, "session", {}))
            if late := [note for note in engine.notes if note not in manifest.notes]:
                manifest.notes += late
                write_json(out / "run.json", manifest)
            seal(out)


class _Session:
    """How long one sitting took; replies of the warm-up are reported after the plan."""

    def __init__(self, on_reply: OnReply | None) -> None:
        self.started, self.replies, self.tokens = time.perf_counter(), 0, 0
        self._report, self._held = on_reply, list[tuple[Reply, int]]()
        self._reporting = False

    def count(self, reply: Reply, tokens: int) -> None:
        """One more reply."""
        self.replies, self.tokens = self.replies + 1, self.tokens + tokens
        if not self._reporting:
            self._held.append((reply, tokens))
        elif self._report:
            self._report(reply, tokens)

    def report_all(self) -> None:
        """Report those held back, and from now on each as it comes."""
        self._reporting = True
        for reply, tokens in self._held:
            if self._report:
                self._report(reply, tokens)

    def left(self, first: Sequence[Job], rest: Sequence[Job]) -> float:
        """Seconds that the rest will take, from what the first took."""
        done, coming = (sum(len(j.request.prompt) for j in part) for part in (first, rest))
        return (time.perf_counter() - self.started) * coming / done if done else 0.0

    def log(self, out: Path, extras: dict[str, Any]) -> None:
        """One line of ``sessions.jsonl``."""
        line = {
            "asked": self.replies,
            "tokens": self.tokens,
            "seconds": round(time.perf_counter() - self.started, 2),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "igaku": __version__,
            **extras,
        }
        with open_output(out / "sessions.jsonl", "ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


def _joined(out: Path, work: Work) -> Manifest:
    """The manifest of a run that is continued, or added to with other benchmarks, prompts or orders."""
    old, new = read_manifest(out), work.manifest
    if old.identity != new.identity:
        raise IgakuError(
            f"{out}: this run was made with {_maker(old, new)}, not {_maker(new, old)}; give another --out "
            "(or the same model, engine and settings to continue)"
        )
    _same_suite(out, old.suite, new.suite)
    if changes := key_changes(Run(out).questions, work.questions):
        raise IgakuError(
            f"{out}: {len(changes)} keys have changed since this run was made ({changes_text(changes)}); "
            f"igaku grade {out} --new-keys grades all of it by the new ones, or give another --out"
        )
    merged = {_block_key(a): a for a in old.tasks}
    for a in new.tasks:
        if before := merged.get(_block_key(a)):
            if (before.prompt_hash, before.examples, before.sampling) != (a.prompt_hash, a.examples, a.sampling):
                raise IgakuError(
                    f"{out}: {a.bench} ({a.lang}) was asked with another version of prompt "
                    f"{a.prompt}, other examples or "
                    "other sampling; give another --out"
                )
            a.methods = list(dict.fromkeys([*before.methods, *a.methods]))
            _same_samples(out, before, a)
            names = merged_order([list(a.replies), list(before.replies)])
            a.replies = {i: before.replies.get(i, {}) | a.replies.get(i, {}) for i in names}
            a.samples = {i: max(s, key=len) for i in names if any(s := [t.samples.get(i, []) for t in (before, a)])}
        merged[_block_key(a)] = a
    new.tasks, new.judges = list(merged.values()), old.judges
    new.benchmarks = joined_facts(old.benchmarks, new.benchmarks)
    new.notes = list(dict.fromkeys([*old.notes, *new.notes]))
    return new


def _same_suite(out: Path, old: SuiteRef | None, new: SuiteRef | None) -> None:
    """A run of a suite is that suite and nothing else, so that its scores can name it."""
    if old != new:
        before, after = (f"suite {s.label}" if s else "no suite" for s in (old, new))
        raise IgakuError(f"{out}: this run was asked as {before}, not as {after}; give another --out")


def _same_samples(out: Path, before: TaskRun, now: TaskRun) -> None:
    """More samples are added to samples; one reply alone was drawn by the run's seed, and is no sample."""
    if bool(before.samples) != bool(now.samples):
        what = ("one reply", "several samples")
        raise IgakuError(
            f"{out}: {now.bench} ({now.lang}) was asked for {what[bool(before.samples)]} to a question, not for "
            f"{what[bool(now.samples)]}; give another --out"
        )


def _block_key(a: TaskRun) -> tuple[str, str, str, str, int, str, str]:
    return a.model, a.bench, a.lang, a.prompt, a.shots, a.order, a.question_format


def _maker(manifest: Manifest, other: Manifest) -> str:
    """Who answered; where the other one goes by the same words, with everything in which they differ."""
    i, j = manifest.identity, other.identity
    if i is None or j is None or _words(i) != _words(j):
        return "imported replies" if i is None else _words(i)
    parts = [name for name in i.__struct_fields__ if getattr(i, name) != getattr(j, name)]
    differing = ", ".join(f"{name.replace('_', ' ')}: {getattr(i, name) or 'none'}" for name in parts)
    return f"{_words(i)} ({differing})"


def _words(i: Identity) -> str:
    return f"{i.model} by {i.engine} {i.version} {i.dtype}".strip()
