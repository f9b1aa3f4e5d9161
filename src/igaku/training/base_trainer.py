"""What each of trl's trainers is given by igaku: the recipe's rates, and a line where no checkpoint can be written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from torch.optim.lr_scheduler import LambdaLR

from igaku.training.failures import saving


class Ours:
    """Stands before a class of trl's; what it calls of it is found there."""

    rate: Callable[[int], float]
    """Update, from 1 -> share of ``train.lr``."""
    out: Path

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """None in a checkpoint."""

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The recipe's, which begins above 0."""
        own: Any = self
        own.lr_scheduler = own.lr_scheduler or LambdaLR(optimizer or own.optimizer, lambda done: self.rate(done + 1))
        return own.lr_scheduler

    def _save_checkpoint(self, *given: Any, **named: Any) -> None:
        theirs: Any = super()
        with saving(self.out):
            theirs._save_checkpoint(*given, **named)


def agreed(value: bool) -> bool:
    """The first process's answer, where each has its own clock."""
    answers = [value]
    if PartialState().num_processes > 1:
        broadcast_object_list(answers)
    return answers[0]
