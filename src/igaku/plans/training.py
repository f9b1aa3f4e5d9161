"""Training by a recipe of any objective, with what a user reads of it: ``igaku train``, and each step of a chain."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

from igaku.plans.dev import dev_questions
from igaku.plans.grpo import train_on_questions
from igaku.training.config import Config
from igaku.training.recipe import train
from igaku.training.trained import Trained
from igaku.training.updates import Step


class Given(TypedDict):
    """What every kind of training takes; arguments as of ``igaku.training.train``."""

    data: str | Path | None
    model: str | None
    changes: Sequence[str]
    contaminated: bool
    say: Callable[[str], None]


def train_by(recipe: str, out: str | Path, config: Config, given: Given) -> Trained:
    """Train by a recipe, by rewards where it says so; the same call again goes on.

    Args:
        config: the recipe with its changes.

    Raises:
        IgakuError: as of ``igaku.training.train`` and ``train_on_questions``.
    """
    if config.method.objective == "grpo":
        return train_on_questions(recipe, out, **given)
    questions = dev_questions(config, given["contaminated"])
    return train(recipe, out, **given, questions=questions, on_step=progress(given["say"]))


def learnt(trained: Trained) -> str:
    """Loss, or reward, at the beginning and at the end."""
    if trained.first_reward is not None and trained.last_reward is not None:
        return f"reward {trained.first_reward:.3f} → {trained.last_reward:.3f}"
    return f"loss {trained.first_loss:.3f} → {trained.last_loss:.3f}"


def progress(say: Callable[[str], None]) -> Callable[[Step], None]:
    """A line for each fiftieth of a run's updates."""

    def report(s: Step) -> None:
        if s.step % max(1, s.steps // 50) == 0:
            say(
                f"update {s.step}/{s.steps}  loss {s.loss:.3f}  lr {s.lr:.2e}  {s.per_second:.0f} tokens/s  "
                f"{s.left / 60:.1f} min left"
            )

    return report
