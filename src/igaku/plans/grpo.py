"""Reinforcement learning on exam questions, with igaku's own graders as the reward.

Only questions that may be trained on: years that the catalog opens, or questions of the user's own that went through
decontamination. What was trained on is stamped on the model.
"""

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from igaku.corpus.decontaminate import decontaminate
from igaku.corpus.licences import of_benchmark
from igaku.corpus.sources import Part, may_train
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.grading import grade as grade_pairs
from igaku.io.files import write_json
from igaku.io.hashing import digest, file_sha256
from igaku.io.json_values import read_object
from igaku.io.locks import writes
from igaku.keys.number import Number
from igaku.prompts.orders import permutation
from igaku.provenance import Origin
from igaku.question import Answer, Question, Reply, Verdict
from igaku.runs.plan import blocks_of
from igaku.runs.requests import Block, examples_of, n_shots, shots_of
from igaku.runs.specs import TaskSpec
from igaku.thinking import split
from igaku.training.adapters import continued, goes_on
from igaku.training.batches import micro_of
from igaku.training.config import Config, load_config
from igaku.training.picture import log_curves
from igaku.training.reinforce import CURVES, Worth, reinforce
from igaku.training.trained import Trained

READ = ("right", "wrong", "partial")
"""Outcomes of a reply in which the grader found an answer."""
BEGUN = "begun.json"
"""What a run was begun with, so that another recipe, or other questions, never go on in its folder."""


class Prompted(NamedTuple):
    """A question as it is asked, and how its answers are graded."""

    question: Question
    prompt: str | list[dict[str, str]]
    method: str
    reply: Reply
    """Of an empty answer, with the names that a reply in a run has."""


@writes("out")
def train_on_questions(
    recipe: str,
    out: str | Path,
    *,
    data: str | Path | None = None,
    model: str | None = None,
    changes: Sequence[str] = (),
    contaminated: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train by a recipe with the objective ``grpo``; the same call again goes on where it stopped.

    Args:
        data: a part of a benchmark that is open for training, or a file of questions; instead of the recipe's.
        contaminated: train on questions that are for evaluation; stamped on the model and every later score.

    Raises:
        IgakuError: the questions may not be trained on, or cannot be graded from text; or as of ``train``.
    """
    from igaku.training.networks import load
    from igaku.training.recipe import fingerprint, finish, finished, on_device, processes_here

    config, out = continued(load_config(recipe, changes, data=str(data or ""), base=model or "")), Path(out)
    origin = origin_of(config.data.path, contaminated).after(config.model.base)
    if (out / "train.json").exists() and (before := finished(out, config, origin)):
        return before
    questions = prompted(config)
    processes = processes_here()  # each takes its own GPU before anything is loaded
    micro_of(config, processes.num_processes)
    _begin(out, f"{fingerprint(config, origin)} {questions_sha(questions)}", processes.is_main_process)
    if processes.is_main_process:
        for line in (f"{len(questions):,} questions, {config.grpo.answers} answers each", *goes_on(config)):
            say(line)
    started = time.perf_counter()
    network, tokenizer = load(config)
    network = on_device(network)
    done = reinforce(config, network, tokenizer, [a.prompt for a in questions], worths(questions, config), out, say)
    if processes.is_main_process:
        log_curves(out, "reward", CURVES)
    name, seconds = Path(recipe).stem, time.perf_counter() - started
    return finish(name, config, origin, network, tokenizer, len(questions), done, out, seconds)


def _begin(out: Path, fingerprint: str, is_main: bool) -> None:
    """Pass where a folder is new, or holds a run of the same; the first process writes which.

    Raises:
        IgakuError: it was begun with something else.
    """
    file = out / BEGUN
    if file.exists() and read_object(file).get("fingerprint") != fingerprint:
        raise IgakuError(f"{out}: holds a run with another recipe, data or questions; give another --out")
    if is_main:
        write_json(file, {"fingerprint": fingerprint})


def questions_sha(questions: "Sequence[Prompted]") -> str:
    """A hash of what is asked, and of the keys."""
    return digest(msgspec.json.encode([(q.question, q.prompt, q.method) for q in questions]))


def prompted(config: Config) -> list[Prompted]:
    """The questions of the recipe's part, as ``igaku eval`` asks them.

    Raises:
        IgakuError: there is none, or their method does not read text.
    """
    part = part_of(config.data.path)
    g = config.grpo
    task = TaskSpec(
        bench=[part.benchmark],
        prompt=[g.prompt] if g.prompt else [],
        method=[g.method] if g.method else [],
        text_only=True,
        limit=g.limit or None,
    )
    found = [a for block in blocks_of(part.benchmark, task) for a in _prompted(block, task, part.years)]
    if not found:
        raise IgakuError(f"{config.data.path}: no question is left to train on")
    return found


def _prompted(block: Block, task: TaskSpec, years: Sequence[str]) -> list[Prompted]:
    method = block.methods[0]
    if METHODS[method].kind != "text":
        raise IgakuError(f"{method} reads no text; set grpo.method to one that does, as letter")
    shots = shots_of(block, examples_of(block.prompt, task), n_shots(block.prompt, task))
    out = []
    for q in block.questions:
        if q.void or (years and q.year not in years) or not METHODS[method].applies(q):
            continue
        order = permutation(q, block.order)
        rendered = block.prompt.render(q, shots, order)
        turns = [{"role": m.role, "content": m.content} for m in rendered.messages]
        reply = Reply(
            key=q.id,
            model="",
            bench=block.bench.label,
            lang=block.lang,
            id=q.id,
            prompt=block.prompt.name,
            permutation=order,
            answer=Answer(),
        )
        out.append(Prompted(q, turns or rendered.text, method, reply))
    return out


def worths(questions: Sequence[Prompted], config: Config) -> Mapping[str, Worth]:
    """The reward: the grader's score, and a little for an answer that can be read, and for one that ends.

    Where letters, numbers and words are asked for, the score is shown for each of them too.
    """
    g = config.grpo
    seen: dict[tuple[int, str], Verdict] = {}

    def verdict(number: int, text: str) -> Verdict:
        if (number, text) not in seen:
            seen[number, text] = _graded(questions[number], text)
        return seen[number, text]

    def right(numbers: Sequence[int], texts: Sequence[str], _: Sequence[int]) -> list[float]:
        return [verdict(n, t).score for n, t in zip(numbers, texts)]

    def readable(numbers: Sequence[int], texts: Sequence[str], _: Sequence[int]) -> list[float]:
        return [float(verdict(n, t).outcome in READ) for n, t in zip(numbers, texts)]

    def ended(_: Sequence[int], __: Sequence[str], lengths: Sequence[int]) -> list[float]:
        return [float(length < g.tokens) for length in lengths]

    def of(kind: str) -> Worth:
        def score(numbers: Sequence[int], texts: Sequence[str], _: Sequence[int]) -> list[float | None]:
            kinds = [kind_of(questions[n].question) for n in numbers]
            return [verdict(n, t).score if k == kind else None for n, t, k in zip(numbers, texts, kinds)]

        return Worth(0.0, score)

    kinds = dict.fromkeys(kind_of(q.question) for q in questions)
    parts = {kind: of(kind) for kind in kinds} if len(kinds) > 1 else {}
    return {
        "right": Worth(1.0, right),
        **parts,
        "readable": Worth(g.readable, readable),
        "ended": Worth(g.ended, ended),
    }


def kind_of(q: Question) -> str:
    """What answers a question: a letter, a number, or words."""
    return "letter" if q.choices else "number" if isinstance(q.key, Number) else "words"


def _graded(one: Prompted, text: str) -> Verdict:
    reply = replace(one.reply, answer=Answer(text=split(text).answer))
    return grade_pairs([(one.question, reply)], one.method)[0].verdict


def part_of(path: str) -> Part:
    """A file of one's own, or years of a benchmark."""
    return Part(path) if Path(path).is_file() else Part.read(path)


def origin_of(path: str, contaminated: bool = False) -> Origin:
    """Where the questions come from, or a refusal.

    Raises:
        IgakuError: they are for evaluation, or, of the user's own, hold questions of an exam.
    """
    if not path:
        raise IgakuError("no questions to train on: give --data NAME:YEARS (open years), or a file of your own")
    part = part_of(path)
    file = Path(path)
    origin = Origin({file.name: file_sha256(file)} if file.is_file() else {str(part): ""}, [f"grpo on {part}"])
    try:
        if file.is_file():
            _check_own(part.benchmark)
        else:
            may_train(part)
            origin.licences = {part.benchmark: of_benchmark(part.benchmark)}
    except IgakuError as error:
        if not contaminated:
            raise IgakuError(f"{error} (or --contaminated, which is stamped on the model and its scores)") from None
        origin.contaminated = str(error)
    return origin


def _check_own(path: str) -> None:
    """Pass where no question of a file is one of a benchmark on this machine.

    Raises:
        IgakuError: some are; how many.
    """
    questions = [a for block in blocks_of(path, TaskSpec(bench=[path])) for a in block.questions]
    rows = [{"id": q.id, "text": "\n".join([q.stem, *q.choices])} for q in questions]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "questions.jsonl")
        file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
        dropped: dict[str, Any] = dict(decontaminate([file], Path(scratch, "out")).dropped)
    if dropped:
        raise IgakuError(f"{path}: " + ", ".join(f"{n:,} questions: {why}" for why, n in dropped.items()))
