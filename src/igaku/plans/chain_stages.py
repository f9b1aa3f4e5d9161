"""The models of a chain: what it begins with, what each recipe makes of the model before it, and what is merged."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import asdict

from igaku.engines.hf import model_folder
from igaku.engines.spec import EngineSpec
from igaku.plans.chain_file import Start, TrainStep, name_of, recipe_of, start_of
from igaku.plans.chain_train import Work, train_one
from igaku.plans.tasks import contents_of, is_answered, weights_of
from igaku.runs.evaluate import evaluate_task
from igaku.runs.specs import TaskSpec
from igaku.runs.store import Run, open_run
from igaku.steps import Steps
from igaku.training.adapters import is_adapter
from igaku.training.merging import Member, merge
from igaku.training.networks import base_of
from igaku.training.trained import Trained

BASE, MERGED = "base", "merged"


class Stage(NamedTuple):
    """A model of the chain, and how it was trained; None for the base and the merged one."""

    name: str
    spec: EngineSpec
    trained: Trained | None = None


def stages_of(work: Work) -> list[Stage]:
    """Train by each recipe in turn, and merge: every model of the chain, the base first."""
    chain, steps, first = work.chain, work.steps, start_of(work.chain, work.base)
    stages, model = [Stage(BASE, EngineSpec(model=first.pinned, engine="transformers"))], first.model
    for step in chain.train:
        model = _startable(work, step, model)
        trained = train_one(work, step, Start(model, _revision(model, first)))
        model = str(steps.out / name_of(step))
        stages.append(Stage(name_of(step), spec_of(model, first), trained))
    if chain.merge:
        member = Member(Path(_of_first(steps, model, first.model)), chain.merge.weight, chain.merge.density)
        merged = merge(model_folder(first.model), [member], steps.out / MERGED, say=steps.say, redo=steps.redo)
        stages.append(Stage(MERGED, spec_of(str(merged), first)))
    return stages


def spec_of(model: str, first: Start) -> EngineSpec:
    """How a folder is asked: an adapter on its base, at the revision that it was trained on."""
    if is_adapter(Path(model)):
        base = Start(base_of(Path(model)), _revision(model, first))
        return EngineSpec(model=base.pinned, adapter=model, engine="transformers")
    return EngineSpec(model=model, engine="transformers")


def _revision(model: str, first: Start) -> str:
    """The revision of a model, which only what the chain began with has, and adapters of it."""
    base = base_of(Path(model)) if is_adapter(Path(model)) else model
    return first.revision if base == first.model else ""


def _startable(work: Work, step: TrainStep, model: str) -> str:
    """What a recipe is trained on: an adapter goes on, or is put into its base where all weights are to be trained."""
    is_full = recipe_of(step, work.base).method.kind == "full"
    return _in_base(work.steps, model) if is_full and is_adapter(Path(model)) else model


def _in_base(steps: Steps, adapter: str) -> str:
    """A whole model of an adapter."""
    folder, base = steps.out / f"{Path(adapter).name}-whole", model_folder(base_of(Path(adapter)))
    return str(merge(base, [Member(Path(adapter))], folder, say=steps.say, redo=steps.redo))


def _of_first(steps: Steps, model: str, first: str) -> str:
    """A member of the merge: an adapter of another model than the first is put into that one before."""
    if is_adapter(Path(model)) and base_of(Path(model)) not in (first, model_folder(first)):
        return _in_base(steps, model)
    return model


def ask_all(steps: Steps, tasks: Sequence[TaskSpec], stages: Sequence[Stage]) -> list[list[Run]]:
    """Of each task the run of each stage."""
    return [[_ask(steps, n, task, stage) for stage in stages] for n, task in enumerate(tasks)]


def _ask(steps: Steps, n: int, task: TaskSpec, stage: Stage) -> Run:
    spec = stage.spec
    inputs = {"model": spec, "task": task, **asdict(contents_of([task])), "weights": weights_of(spec)}

    def do(out: Path) -> Run:
        return evaluate_task(spec, task.bench, task, out=out, retry_errors=True)

    what = f"ask {', '.join(task.bench)}: {stage.name}"
    return steps.run(f"runs/{n}-{stage.name}", inputs, do, open_run, what, is_done=is_answered)
