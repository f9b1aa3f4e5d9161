"""What may be asked for several samples, and how each of them is drawn."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from igaku.benchmarks.base import Benchmark
from igaku.engines.base import Engine
from igaku.engines.recommended import OwnTemperature
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.question import Question, Sampling
from igaku.runs.manifest import TaskRun
from igaku.runs.samples import seed_of
from igaku.runs.specs import TaskSpec


def check_samples(bench: Benchmark, questions: Sequence[Question], methods: Sequence[str], task: TaskSpec) -> None:
    """Refuse samples that would all be one reply, or that no score is a mean of.

    Raises:
        IgakuError: temperature 0; no method that reads a written reply; a later turn of a conversation, which hangs on
            one reply before it; a score that is no mean over questions, or a judge's.
    """
    n = task.samples
    if task.temperature == 0:
        raise IgakuError(f"--samples {n}: at temperature 0 all samples are one reply; give --temperature, such as 0.7")
    if not any(METHODS[m].kind == "text" for m in methods):
        raise IgakuError(f"--samples {n}: {methods[0]} reads probabilities, which are not drawn; give --method letter")
    if task.question_format == "statements" or any(q.after for q in questions):
        what = "statements" if task.question_format == "statements" else "conversations"
        raise IgakuError(f"--samples {n}: not for {what}; leave it out, or give several runs with another --seed each")
    if bench.aggregate != "accuracy" or any(METHODS[m].needs_votes for m in methods):
        raise IgakuError(
            f"--samples {n}: for benchmarks scored by accuracy; {bench.label} is not (a mean over samples of "
            "its score has no meaning); leave it out"
        )


def temperature_of(engine: Engine, task: TaskSpec) -> float:
    """As given; else 0, and for several samples the temperature that the model's own files recommend.

    Raises:
        IgakuError: they recommend none.
    """
    if task.temperature is not None or task.samples == 1:
        return task.temperature or 0.0
    if own := _own(engine):
        return own.value
    raise IgakuError(
        f"--samples {task.samples}: no file of {engine.identity.model} that is read here recommends a temperature; "
        "give --temperature, such as 0.7"
    )


def temperature_notes(engine: Engine, task: TaskSpec) -> list[str]:
    """Where a temperature is from that nobody gave, in a line."""
    own = _own(engine) if task.temperature is None and task.samples > 1 else None
    return [f"--samples {task.samples}: temperature {own.value:g}, from the model's {own.source}"] if own else []


def _own(engine: Engine) -> OwnTemperature | None:
    found = getattr(engine, "own_temperature", None)
    return found if isinstance(found, OwnTemperature) else None


def samplings(run: TaskRun, question: str, n: int) -> Iterator[Sampling]:
    """How each of ``n`` replies to a question is drawn: one alone by the run's own seed."""
    for sample in range(n):
        yield run.sampling if n == 1 else sampling_of_sample(run, question, sample)


def sampling_of_sample(run: TaskRun, question: str, sample: int) -> Sampling:
    """How one of several samples is drawn."""
    where = (run.bench, run.lang, question, run.prompt, f"{run.shots}", run.order)
    return replace(run.sampling, seed=seed_of(run.sampling.seed, *where, sample=sample))
