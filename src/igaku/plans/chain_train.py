"""One step of a chain's training: which data, from which model, done once."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from igaku.corpus.manifest import DOCUMENTS
from igaku.corpus.pipeline import STEPS, Plan
from igaku.corpus.steps import run_step
from igaku.engines.spec import EngineSpec
from igaku.plans.chain_file import Chain, TrainStep, file_of, name_of, recipe_of
from igaku.plans.dev import dev_questions
from igaku.plans.grpo import origin_of, prompted, questions_sha, train_on_questions
from igaku.plans.tasks import weights_of
from igaku.steps import Steps
from igaku.training.config import Config
from igaku.training.recipe import prepared, train
from igaku.training.trained import Trained, read_trained
from igaku.training.updates import Step as Update


class Work(NamedTuple):
    """What every step of a chain needs.

    Attributes:
        base: the folder that the chain's paths are relative to.
    """

    steps: Steps
    chain: Chain
    base: Path
    contaminated: bool


def train_one(work: Work, step: TrainStep, model: str) -> Trained:
    """Train a model by a step's recipe, unless that was done from the same inputs."""
    data, recipe, say = _data(work, step), file_of(step.recipe, work.base), work.steps.say
    config = recipe_of(step, work.base, data, model)

    def do(folder: Path) -> Trained:
        if config.method.objective == "grpo":
            trained = train_on_questions(
                recipe, folder, data=data, model=model, changes=step.set, contaminated=work.contaminated, say=say
            )
        else:
            trained = train(
                recipe,
                folder,
                data=data,
                model=model,
                changes=step.set,
                contaminated=work.contaminated,
                questions=dev_questions(config, work.contaminated),
                on_step=_progress(say),
                say=say,
            )
        say(f"{name_of(step)}: {learnt(trained)}")
        return trained

    inputs = _inputs(work, step, config, recipe)
    return work.steps.run(name_of(step), inputs, do, read_trained, f"train {name_of(step)}")


def _inputs(work: Work, step: TrainStep, config: Config, recipe: str) -> dict[str, object]:
    """Everything that can change what a step learns; refused data are refused here."""
    data, model = config.data.path, config.model.base
    plain = msgspec.to_builtins(config)
    plain["data"].pop("path", None)
    inputs: dict[str, object] = {"recipe": plain, "start": weights_of(EngineSpec(model=model))}
    if config.method.objective == "grpo":
        origin = origin_of(data, work.contaminated)
        return inputs | {"data": origin.data, "questions": questions_sha(prompted(config))}
    _, origin = prepared(
        recipe,
        data=data,
        model=model,
        changes=step.set,
        contaminated=work.contaminated,
        questions=dev_questions(config, work.contaminated),
    )
    return inputs | {"data": origin.data}


def learnt(trained: Trained) -> str:
    """Loss, or reward, at the beginning and at the end."""
    if trained.first_reward is not None and trained.last_reward is not None:
        return f"reward {trained.first_reward:.3f} → {trained.last_reward:.3f}"
    return f"loss {trained.first_loss:.3f} → {trained.last_loss:.3f}"


def _data(work: Work, step: TrainStep) -> str:
    """The step's own data, its mix of the corpus's documents, or the corpus's mix."""
    corpus = work.steps.out / "corpus"
    if step.data:
        return file_of(step.data, work.base)
    if step.mix and work.chain.corpus:
        folder = work.steps.out / f"{name_of(step)}-mix"
        run_step(step.mix, _mixed_from(work.chain.corpus, corpus), folder, say=work.steps.say, redo=work.steps.redo)
        return str(folder)
    return str(corpus / "6-mix")


def _mixed_from(plan: Plan, corpus: Path) -> list[Path]:
    """The documents that a mix of this corpus is drawn from."""
    is_done = {"sources": True, "clean": plan.clean, "dedup": plan.dedup, "decontaminate": True, "filter": plan.filter}
    last = [name for name, done in is_done.items() if done][-1]
    names = [last, *(["instruct"] if plan.instruct else [])]
    return [corpus / f"{STEPS.index(name)}-{name}" / DOCUMENTS for name in names]


def _progress(say: Callable[[str], None]) -> Callable[[Update], None]:
    def report(s: Update) -> None:
        if s.step % max(1, s.steps // 10) == 0:
            say(f"update {s.step}/{s.steps}: loss {s.loss:.3f}, {s.per_second:.0f} tokens/s, {s.left:.0f} s left")

    return report
