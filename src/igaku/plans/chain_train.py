"""One step of a chain's training: which data, from which model, done once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from igaku.corpus.pipeline import folder_of
from igaku.corpus.steps import run_step
from igaku.engines.spec import EngineSpec
from igaku.plans.chain_file import Chain, Start, TrainStep, changes_of, file_of, name_of
from igaku.plans.dev import dev_questions
from igaku.plans.grpo import origin_of, prompted, questions_sha
from igaku.plans.tasks import weights_of
from igaku.plans.training import Given, learnt, train_by
from igaku.steps import Steps
from igaku.training.config import Config, load_config
from igaku.training.recipe import prepared
from igaku.training.trained import Trained, read_trained

Inputs: TypeAlias = dict[str, object]


class Work(NamedTuple):
    """What every step of a chain needs.

    Attributes:
        base: the folder that the chain's paths are relative to.
        documents: of the corpus, that a mix is drawn from.
        checked: step -> hashes of the data of its own, which were looked at before anything was done.
    """

    steps: Steps
    chain: Chain
    base: Path
    contaminated: bool
    documents: Sequence[Path] = ()
    checked: Mapping[str, Inputs] = {}


def train_one(work: Work, step: TrainStep, start: Start) -> Trained:
    """Train a model by a step's recipe, unless that was done from the same inputs."""
    recipe, say, contaminated = file_of(step.recipe, work.base), work.steps.say, work.contaminated
    data, changes = _data(work, step), changes_of(step, work.base, start.revision)
    config = load_config(recipe, changes, data=data, base=start.model)

    def do(folder: Path) -> Trained:
        given = Given(data=data, model=start.model, changes=changes, contaminated=contaminated, say=say)
        trained = train_by(recipe, folder, config, given)
        say(f"{name_of(step)}: {learnt(trained)}")
        return trained

    inputs = {"recipe": _written(step, config, work.base), "start": weights_of(EngineSpec(model=start.model))}
    inputs |= work.checked.get(name_of(step)) or learns_from(config, contaminated)
    return work.steps.run(name_of(step), inputs, do, read_trained, f"train {name_of(step)}")


def _written(step: TrainStep, config: Config, base: Path) -> dict[str, object]:
    """Every number of a step's recipe; files as they are written there, so that it is the same from every folder."""
    plain: dict[str, dict[str, object]] = msgspec.to_builtins(config)
    written = msgspec.to_builtins(load_config(file_of(step.recipe, base), step.set))
    plain["data"].pop("path", None)
    for part, field in (("grpo", "prompt"), ("eval", "rows"), ("eval", "questions")):
        if field in plain.get(part, {}):
            plain[part][field] = written[part][field]
    return {**plain}


def learns_from(config: Config, contaminated: bool) -> Inputs:
    """Hashes of everything that a recipe learns from and is measured on; refused data are refused here."""
    if config.method.objective == "grpo":
        origin = origin_of(config.data.path, contaminated)
        return {"data": origin.data, "questions": questions_sha(prompted(config))}
    _, origin = prepared(config, contaminated=contaminated, questions=dev_questions(config, contaminated))
    return {"data": origin.data}


def _data(work: Work, step: TrainStep) -> str:
    """The step's own data, its mix of the corpus's documents, or the corpus's mix."""
    if step.data:
        return file_of(step.data, work.base)
    if step.mix and work.chain.corpus:
        folder = work.steps.out / f"{name_of(step)}-mix"
        run_step(step.mix, work.documents, folder, say=work.steps.say, redo=work.steps.redo)
        return str(folder)
    return str(work.steps.out / "corpus" / folder_of("mix"))
