"""A training chain's YAML file: what it learns from, by which recipes, and what is asked."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from igaku import configs
from igaku.configs import YAML_SUFFIXES
from igaku.corpus.mix import Mix
from igaku.corpus.pipeline import Plan
from igaku.errors import IgakuError
from igaku.plans.tasks import Entry, read_tasks
from igaku.runs.specs import TaskSpec
from igaku.training.config import Config, load_config

METHOD = "letter-logprob"
"""The grading method of an evaluation that names none."""


class MergeSpec(Struct, forbid_unknown_fields=True):
    """How much of the change from the base to the trained model stays: all of it, scaled by ``weight``; or the largest
    entries (TIES).
    """

    weight: float = 1.0
    density: float = 1.0


class TrainStep(Struct, kw_only=True, forbid_unknown_fields=True):
    """One recipe of a chain, trained on what the step before it left."""

    recipe: str
    """A built-in recipe, or a YAML file; a relative one is looked for beside the chain's file first."""
    name: str = ""
    """Of its folder and its row in the report; the recipe's if left out."""
    data: str = ""
    """Instead of the corpus: a mix of ``igaku corpus``, or questions for grpo; a file is relative to the chain's."""
    mix: Mix | None = None
    """Instead of the corpus's own mix: another one of the same documents."""
    set: list[str] = []
    """Changes to the recipe, as ``lr=1e-4``."""


class Chain(Struct, kw_only=True, forbid_unknown_fields=True):
    """A chain's YAML file."""

    train: list[TrainStep]
    """One after the other, each on the model of the one before."""
    evaluate: list[Entry]
    """What to ask before and after, each entry as of ``igaku eval``; ``bench`` may be one name."""
    corpus: Plan | None = None
    """What the steps without ``data`` learn from."""
    model: str = ""
    """Instead of the first recipe's base."""
    merge: MergeSpec | None = None
    """Merge the trained model into the base that the chain began with, and evaluate the merged model."""
    about: str = ""

    @property
    def tasks(self) -> list[TaskSpec]:
        """What to ask."""
        return read_tasks(self.evaluate, METHOD)


def chain_names() -> list[str]:
    """The built-in chains."""
    return configs.builtin_names(__package__, "chains")


def read_chain(name: str, changes: Sequence[str] = ()) -> tuple[Chain, Path]:
    """A built-in chain or a file of the user's own, and the folder that its paths are relative to.

    Raises:
        IgakuError: it is not a chain; the line says which field.
    """
    chain = configs.load("chain", name, Chain, __package__, "chains", changes)
    base = Path(name).parent if name.endswith(YAML_SUFFIXES) else Path()
    try:
        _ = chain.tasks
    except IgakuError as error:
        raise IgakuError(f"chain {name}: evaluate, {error}") from None
    if not chain.train:
        raise IgakuError(f"chain {name}: train is empty; give one recipe or more")
    seen: set[str] = set()
    for n, step in enumerate(chain.train, 1):
        if problem := _fault(chain, step, base, seen):
            raise IgakuError(f"chain {name}: train, step {n}: {problem}")
        seen.add(name_of(step))
    return chain, base


def _fault(chain: Chain, step: TrainStep, base: Path, seen: set[str]) -> str:
    """Why a step cannot be done, as far as can be said before anything is done; empty where it may be."""
    name = name_of(step)
    if name in {*seen, "base", "merged", "corpus", "runs", "report"} or not name.replace("-", "").isalnum():
        return f"name {name!r}; give each step one of its own, of letters, digits and -"
    is_grpo = recipe_of(step, base).method.objective == "grpo"
    if is_grpo and (step.mix or not step.data):
        return "a recipe of grpo learns from questions: data: NAME:YEARS, or a file"
    if step.data and step.mix:
        return "give data, or mix"
    if step.mix and not chain.corpus:
        return "a mix is of the corpus's documents, and there is no corpus"
    if not step.data and not step.mix and chain.corpus and not chain.corpus.mix:
        return "the corpus ends without a mix; add mix: {tokenizer: ...} there or here"
    if not step.data and not chain.corpus:
        return "no data to train on: give data, or a corpus"
    if step.data and ":" not in step.data and not Path(file_of(step.data, base)).exists():
        return f"data {step.data}: no such file"
    return ""


def name_of(step: TrainStep) -> str:
    """A step's name."""
    return step.name or Path(step.recipe).stem


def file_of(text: str, base: Path) -> str:
    """A file beside the chain's, where there is one; else what was written."""
    return str(base / text) if text and (base / text).exists() else text


class Start(NamedTuple):
    """The model that a chain begins with, and its revision on the hub."""

    model: str
    revision: str = ""

    @property
    def pinned(self) -> str:
        """The model as ``igaku eval`` takes it."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


def start_of(chain: Chain, base: Path) -> Start:
    """The chain's own model, as ``OWNER/NAME@REVISION`` too; else that of its first recipe."""
    if not chain.model:
        first = recipe_of(chain.train[0], base).model
        return Start(first.base, first.revision)
    name, _, revision = chain.model.partition("@")
    return Start(chain.model) if Path(chain.model).exists() else Start(name, revision)


def changes_of(step: TrainStep, base: Path, revision: str | None = None) -> list[str]:
    """A step's changes to its recipe, with the files that the recipe names beside the chain's file.

    Args:
        revision: instead of the recipe's, of the model that is given instead of the recipe's.
    """
    written = load_config(file_of(step.recipe, base), step.set)
    e = written.eval
    named = {"grpo.prompt": written.grpo.prompt, "eval.rows": e.rows, "eval.questions": e.questions}
    moved = {field: found for field, text in named.items() if (found := file_of(text, base)) != text}
    if revision is not None and revision != written.model.revision:
        moved["model.revision"] = revision
    return [*step.set, *(f"{field}={json.dumps(value, ensure_ascii=False)}" for field, value in moved.items())]


def recipe_of(step: TrainStep, base: Path, data: str = "") -> Config:
    """A step's recipe with its changes.

    Raises:
        IgakuError: as of ``load_config``.
    """
    return load_config(file_of(step.recipe, base), changes_of(step, base), data=data)


def beside(task: TaskSpec, base: Path) -> dict[str, list[str]]:
    """Files of questions and prompts beside the chain's."""
    return {"bench": [file_of(b, base) for b in task.bench], "prompt": [file_of(p, base) for p in task.prompt]}
