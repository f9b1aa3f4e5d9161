"""The models of a chain: what it begins with, what each recipe makes of the model before it, and what is merged."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from igaku.engines.hf import model_folder
from igaku.engines.spec import EngineSpec
from igaku.plans.chain_file import TrainStep, name_of, recipe_of
from igaku.plans.chain_train import Work, train_one
from igaku.plans.tasks import is_answered, questions_of, weights_of
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
    chain, steps = work.chain, work.steps
    first = chain.model or recipe_of(chain.train[0], work.base).model.base
    stages, model = [Stage(BASE, EngineSpec(model=first, engine="transformers"))], first
    for step in chain.train:
        trained = train_one(work, step, _startable(work, step, model))
        model = str(steps.out / name_of(step))
        stages.append(Stage(name_of(step), _spec_of(model), trained))
    if chain.merge:
        member = Member(Path(_of_first(steps, model, first)), chain.merge.weight, chain.merge.density)
        merged = merge(model_folder(first), [member], steps.out / MERGED, say=steps.say, redo=steps.redo)
        stages.append(Stage(MERGED, _spec_of(str(merged))))
    return stages


def _spec_of(model: str) -> EngineSpec:
    """How a folder is asked: an adapter on its base."""
    if is_adapter(Path(model)):
        return EngineSpec(model=base_of(Path(model)), adapter=model, engine="transformers")
    return EngineSpec(model=model, engine="transformers")


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
    inputs = {"model": spec, "task": task, "questions": questions_of([task]), "weights": weights_of(spec)}

    def do(out: Path) -> Run:
        return evaluate_task(spec, task.bench, task, out=out, retry_errors=True)

    what = f"ask {', '.join(task.bench)}: {stage.name}"
    return steps.run(f"runs/{n}-{stage.name}", inputs, do, open_run, what, is_done=is_answered)
