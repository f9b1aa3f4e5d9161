"""From a block of questions to requests: templates rendered, choices ordered, keys noted."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from igaku.benchmarks.base import Benchmark
from igaku.engines.base import Engine, EngineBase
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.prompts import Prompt, load_examples
from igaku.prompts.examples import Example, pick
from igaku.prompts.orders import permutation
from igaku.prompts.template import Rendered
from igaku.question import Question, Reply, Request, RequestKind, Sampling
from igaku.runs.ask import Job, job
from igaku.runs.budgets import sampling_of
from igaku.runs.manifest import TaskRun
from igaku.runs.sample_requests import check_samples, samplings, temperature_of
from igaku.runs.specs import TaskSpec
from igaku.runs.turns import Conversations, chat_text, is_turn


class Block(NamedTuple):
    """One benchmark in one language, with how it is asked and graded."""

    bench: Benchmark
    lang: str
    questions: list[Question]
    prompt: Prompt
    methods: list[str]
    order: str
    key: str
    """Fingerprint of the key of all the benchmark's questions in this language, asked or not."""


def n_shots(prompt: Prompt, task: TaskSpec) -> int:
    """How many examples stand before the question."""
    return prompt.card.default_shots if task.shots is None else task.shots


def examples_of(prompt: Prompt, task: TaskSpec) -> str:
    """The name of the set that examples are taken from."""
    return task.examples or prompt.card.shots or "igaku"


def check(block: Block, task: TaskSpec) -> None:
    """What does not fit is refused before a model is loaded.

    Raises:
        IgakuError: the template speaks of another number of choices than the questions have, shows no letters where
            they are scored, or has too few examples, or examples without the steps that it shows; several samples of
            what is not drawn, or not scored question by question.
    """
    prompt, card = block.prompt, block.prompt.card
    sizes = Counter(len(q.choices) for q in block.questions if q.choices)
    usual = sizes.most_common(1)[0][0] if sizes else 0
    if card.n_choices and usual and task.question_format == "choices" and usual not in card.n_choices:
        raise IgakuError(
            f"prompt {prompt.name} speaks of {card.n_choices[0]} choices, {block.bench.label} has {usual}; "
            "choose another"
        )
    if not card.labels and any(METHODS[m].kind == "letters" for m in block.methods):
        raise IgakuError(
            f"prompt {prompt.name} shows the choices without letters, so letter-logprob cannot score "
            "them; choose another"
        )
    if task.samples > 1:
        check_samples(block.bench, block.questions, block.methods, task)
    shots_of(block, examples_of(prompt, task), n_shots(prompt, task))


def shots_of(block: Block, name: str, n: int) -> list[Example]:
    """The examples that stand before each question.

    Raises:
        IgakuError: as ``igaku.prompts.examples.pick``; or the template shows steps and an example has none.
    """
    if not n:
        return []
    shots = pick(load_examples(name, block.lang), n, block.questions, name)
    if block.prompt.card.shows_steps and (bare := next((s for s in shots if not s.reasoning), None)):
        raise IgakuError(
            f"prompt {block.prompt.name} shows the steps to each answer, and example {bare.id} of {name!r} has none: "
            "give it a field 'reasoning', or choose another prompt"
        )
    return shots


def task_run(engine: Engine, block: Block, task: TaskSpec) -> TaskRun:
    """The block as the run keeps it, without its replies yet."""
    name, n = block.prompt.name, n_shots(block.prompt, task)
    statements = task.question_format == "statements"
    return TaskRun(
        model=engine.identity.model,
        bench=block.bench.label,
        lang=block.lang,
        prompt=name,
        prompt_hash=block.prompt.hash,
        shots=n,
        examples=examples_of(block.prompt, task) if n else "",
        order=block.order,
        question_format=task.question_format,
        aggregate="statements" if statements else block.bench.aggregate,
        effort=getattr(engine, "effort", ""),
        sampling=sampling_of(engine, block.prompt, temperature_of(engine, task), task.seed, task.max_tokens),
        methods=block.methods,
        images=engine.supports_images and any(q.images for q in block.questions),
        penalty=block.prompt.card.penalty,
        replies={},
    )


def jobs_of(
    engine: Engine, run: TaskRun, block: Block, task: TaskSpec, replies: Mapping[str, Reply] | None = None
) -> list[Job]:
    """The requests of a block; their keys are noted in ``run``.

    Args:
        replies: what was answered before: a later turn of a conversation is a request once the reply before it is there
            (``igaku.runs.turns``).

    Raises:
        IgakuError: as ``Conversations.messages``.
    """
    shots = shots_of(block, run.examples, run.shots)
    talks, several = Conversations(run, replies or {}), any(map(is_turn, block.questions))
    jobs = []
    for q in block.questions:
        order = permutation(q, block.order)
        rendered = block.prompt.render(replace(q, choices=()) if run.question_format == "open" else q, shots, order)
        if several:
            messages = talks.messages(q, rendered)
            if not messages:
                run.replies[q.id] = {}
                continue
            rendered = Rendered(messages=messages)
        text = _text(engine, rendered, q, several)
        kinds = sorted({METHODS[m].kind for m in run.methods if METHODS[m].applies(q)})
        extras = _extras(engine, rendered, q)
        mine = [
            job(
                engine,
                _request(kind, text, block.prompt, q, order, sampling, extras),
                bench=run.bench,
                lang=run.lang,
                id=q.id,
                prompt=run.prompt,
                shots=run.shots,
                order=run.order,
                permutation=order,
                sample=n,
                least=0 if task.max_tokens else block.prompt.card.max_tokens,
            )
            for kind in kinds
            for n, sampling in enumerate(samplings(run, q.id, task.samples if kind == "text" else 1))
        ]
        run.replies[q.id] = {one.request.kind: one.key for one in mine if one.reply.sample == 0}
        if further := [one.key for one in mine if one.reply.sample]:
            run.samples[q.id] = further
        jobs += mine
    return jobs


def _text(engine: Engine, rendered: Rendered, q: Question, is_talk: bool) -> str:
    """The prompt, with places for pictures where the engine writes them."""
    if engine.supports_images and q.images and isinstance(engine, EngineBase):
        return engine.pictured(rendered.messages, rendered.text, len(q.images))
    if is_talk:
        return chat_text(engine, rendered.messages, q.lang)
    return engine.chat(rendered.messages) if rendered.messages else rendered.text


def _extras(engine: Engine, rendered: Rendered, q: Question) -> dict[str, Any]:
    """Turns and images, for the engines that take them."""
    turns: dict[str, Any] = {"messages": rendered.messages} if engine.sends_messages and rendered.messages else {}
    return turns | ({"images": q.images} if engine.supports_images and q.images else {})


def _request(
    kind: RequestKind,
    text: str,
    prompt: Prompt,
    q: Question,
    order: tuple[int, ...],
    sampling: Sampling,
    extras: dict[str, Any],
) -> Request:
    if kind == "text":
        return Request(kind=kind, prompt=text, sampling=sampling, documents=q.documents, **extras)
    following = prompt.letters(q) if kind == "letters" else prompt.continuations(q, order)
    return Request(kind=kind, prompt=text, continuations=following, **extras)
