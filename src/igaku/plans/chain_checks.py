"""What would stop a chain in the middle, looked for before anything is done: each step's data, questions, prompt and
packages.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from igaku.errors import IgakuError, missing_extra
from igaku.plans.chain_file import TrainStep, file_of, name_of, recipe_of, start_of
from igaku.plans.chain_train import Inputs, Work, learns_from
from igaku.plans.dev import dev_questions
from igaku.training.adapters import is_adapter
from igaku.training.config import Config
from igaku.training.gate import checked


def checked_steps(work: Work) -> dict[str, Inputs]:
    """Of each step with data of its own what it learns from, hashed.

    Raises:
        IgakuError: a step cannot be done: which, and why.
    """
    found: dict[str, Inputs] = {}
    for n, (step, config) in enumerate(_configs(work), 1):
        try:
            for package, extra in _packages(config):
                if not find_spec(package):
                    raise missing_extra(package, extra)
            if problem := _lacking(config):
                raise IgakuError(problem)
            if step.data:
                found[name_of(step)] = learns_from(config, work.contaminated)
            else:
                _measured(config, work.contaminated)
        except IgakuError as error:
            raise IgakuError(f"train, step {n} ({name_of(step)}): {error}") from None
    if _merges(work) and not find_spec("mergekit"):
        raise missing_extra("mergekit", "merge")
    return found


def _configs(work: Work) -> Iterator[tuple[TrainStep, Config]]:
    for step in work.chain.train:
        yield step, recipe_of(step, work.base, file_of(step.data, work.base))


def _packages(config: Config) -> Iterator[tuple[str, str]]:
    """Packages that a recipe needs, each with the extra that brings it."""
    yield from (("torch", "hf"), ("transformers", "hf"), ("accelerate", "hf"), ("peft", "hf"))
    yield "trl", "rl" if config.method.objective == "grpo" else "train"
    if config.model.quantize:
        yield "bitsandbytes", "quantize"
    if config.method.objective == "grpo" and config.grpo.vllm:
        yield "vllm", "vllm"


def _lacking(config: Config) -> str:
    from igaku.training.settings import missing

    return missing(config)


def _measured(config: Config, contaminated: bool) -> None:
    """Look at what a recipe is measured on, where its own data come only from the corpus."""
    if config.eval.rows:
        checked(config.eval.rows, contaminated)
    dev_questions(config, contaminated)


def _merges(work: Work) -> bool:
    """Whether a model is merged: at the end, or an adapter into its base before all weights are trained."""
    is_lora = is_adapter(Path(start_of(work.chain, work.base).model))
    for _, config in _configs(work):
        if is_lora and config.method.kind == "full":
            return True
        is_lora = config.method.kind == "lora"
    return work.chain.merge is not None
