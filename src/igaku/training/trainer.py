"""Training by trl: igaku's sequences in igaku's order and at its rates, trl's trainers, a log and checkpoints.

trl and accelerate do the updates, add up or shard over processes, and write checkpoints. What a sequence is, who reads
it when, and what is logged is igaku's, so that a run is known from its recipe and seed.
"""

import copy
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
import transformers
from datasets import Dataset
from transformers import PrinterCallback, TrainerCallback
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.sft_trainer import SFTTrainer

from igaku.engines.hf_weights import quiet
from igaku.errors import IgakuError
from igaku.io.checkpoints import Log, read_log
from igaku.training.base_trainer import Ours, agreed
from igaku.training.batches import Items, Schedule, flat_sequences, pairs, sequences, tokens_of
from igaku.training.checkpoints import Checkpoints
from igaku.training.config import PREFERENCES, Config, updates_of
from igaku.training.failures import memory
from igaku.training.losses import sum_in_forward
from igaku.training.measure import Measure, best_step, is_due, stops
from igaku.training.settings import arguments
from igaku.training.updates import RECENT, Progress, Row, Saver, Step, lr_factor, problem


class Fitted(NamedTuple):
    """The log's rows, and the weights where they are in parts over processes."""

    rows: list[Row]
    weights: dict[str, Any] | None


class _Ours(Ours):
    """Items as they are, in their order."""

    schedule: Schedule

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def _get_train_sampler(self, *_: Any) -> Schedule:
        return self.schedule


class _Sft(_Ours, SFTTrainer):  # type: ignore[misc]
    """Next token. On a processor by igaku's loss, which projects only what is learnt."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Mean over the labelled tokens, of the update where it knows their number."""
        if self.args.device.type != "cpu":
            theirs = super().compute_loss  # of trl, without types
            return theirs(model, inputs, return_outputs, num_items_in_batch)  # type: ignore[no-untyped-call]
        total = model(**inputs, summed=True)
        if num_items_in_batch is None:
            return total / (inputs["labels"][:, 1:] != -100).sum().clamp(min=1)
        return total / num_items_in_batch.clamp(min=1) * self.accelerator.num_processes


class _Dpo(_Ours, DPOTrainer):  # type: ignore[misc]
    """Preferences."""


def fit(
    network: Any,
    tokenizer: Any,
    items: Items,
    config: Config,
    out: Path,
    fingerprint: str,
    on_step: Callable[[Step], None] | None = None,
    measure: Measure | None = None,
) -> Fitted:
    """Train until the recipe's last update. The same call goes on from the last checkpoint.

    Args:
        items: packed sequences, or preference pairs.
        fingerprint: of recipe and data; a checkpoint of another one is refused.

    Raises:
        IgakuError: the loss is NaN or inf or jumps, memory or disk is full, or ``out`` holds another run. The last
            checkpoint is kept.
    """
    from accelerate import PartialState

    steps, processes = updates_of(config, len(items)), PartialState().num_processes
    schedule = Schedule(items, steps, config, processes)
    checkpoints = Checkpoints(out, fingerprint)
    settings = arguments(config, checkpoints.folder, steps, schedule.micro, schedule.passes)
    updates = _Updates(schedule, items, config, out, checkpoints, on_step, measure)
    before = copy.deepcopy([network.config, network.generation_config])
    quiet(transformers.utils.logging)
    with memory(config, out), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of transformers' own names in trl
        trainer = _trainer(network, tokenizer, items, config, settings, out)
        trainer.schedule, trainer.rate, trainer.out = schedule, lambda step: lr_factor(step, steps, config), out
        trainer.add_callback(updates)
        updates.trainer = trainer
        trainer.train(resume_from_checkpoint=checkpoints.last())
        if best := updates.best_step():
            checkpoints.load(trainer, best)
    in_parts = trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled
    weights = trainer.accelerator.get_state_dict(trainer.model_wrapped) if in_parts else None
    network.config, network.generation_config = before
    return Fitted(read_log(out / "log.jsonl"), weights)


def _trainer(network: Any, tokenizer: Any, items: Items, config: Config, settings: Any, out: Path) -> Any:
    """trl's trainer with our items; trl writes its own pad token into a tokenizer, so into a copy."""
    is_sft = config.method.objective not in PREFERENCES
    flat = config.model.attention.startswith("flash")
    collate: Any = pairs if not is_sft else flat_sequences if flat else sequences
    dtypes = {n: p.dtype for n, p in network.named_parameters() if p.requires_grad}
    given: dict[str, Any] = {
        "model": network,
        "args": settings,
        "train_dataset": Dataset.from_dict({"number": list(range(len(items)))}),
        "processing_class": copy.deepcopy(tokenizer),
        "data_collator": lambda rows: collate([items[r["number"]] for r in rows]),
    }
    if not is_sft and config.method.kind == "full":
        given["ref_model"] = copy.deepcopy(network).eval().requires_grad_(False)
    trainer: Any = _Sft(**given) if is_sft else _Dpo(**given)
    trainer.collate = collate
    if is_sft and settings.device.type == "cpu":
        sum_in_forward(network.get_base_model() if hasattr(network, "get_base_model") else network)
    for name, p in network.named_parameters():  # trl holds adapters of 4-bit weights in bfloat16
        if name in dtypes:
            p.data = p.data.to(dtypes[name])
    trainer.remove_callback(PrinterCallback)
    if "tensorboard" in config.train.logs:
        trainer.add_callback(_tensorboard(out))
    return trainer


class _Updates(TrainerCallback):
    """After each update: its line in the log, what is measured, and whether to save or to stop."""

    trainer: Any

    def __init__(
        self,
        schedule: Schedule,
        items: Items,
        config: Config,
        out: Path,
        checkpoints: Checkpoints,
        on_step: Callable[[Step], None] | None,
        measure: Measure | None,
    ) -> None:
        self._schedule, self._items, self._config, self._out = schedule, items, config, out
        self._checkpoints, self._on_step, self._measure = checkpoints, on_step, measure
        self._steps = len(schedule.updates)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The log goes on where the checkpoint was."""
        start = state.global_step
        self.rows: list[Row] = [r for r in read_log(self._out / "log.jsonl") if r["step"] <= start]
        self.trainer.accelerator.wait_for_everyone()
        self._log = Log(self._out / "log.jsonl", start) if state.is_world_process_zero else None
        self._progress = Progress(self._steps, start, self.rows[-1]["tokens"] if self.rows else 0)
        self._saver = Saver(self._steps, self._config.train.save_every)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Chance is known from the update, so that a resumed run draws the same."""
        torch.manual_seed(self._config.train.seed * 1_000_003 + state.global_step + 1)

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """One update."""
        logs: Mapping[str, Any] = given["logs"]
        if "loss" not in logs:
            return
        step, norm = state.global_step, float(logs["grad_norm"])
        recent = [r["loss"] for r in self.rows[-RECENT:]]
        if stopped := problem(step, logs["loss"], norm, recent, self._config):
            raise IgakuError(stopped)
        tokens = sum(tokens_of(self._items[n]) for n in self._schedule.updates[step - 1])
        done = self._progress.step(step, logs["loss"], logs["learning_rate"], norm, tokens)
        measured = self._measured(step)
        self.rows.append(done.row() | measured)
        state.log_history.clear()  # the log is a file; transformers would write all of it into each checkpoint
        if self._log:
            self._log.append(self.rows[-1])
            if self._on_step:
                self._on_step(done)
        ends = bool(measured) and stops(self.rows, self._config.eval)
        is_best = bool(measured) and step == self.best_step()
        control.should_training_stop |= ends
        control.should_save = agreed(self._saver.due(step)) or is_best or ends

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The checkpoint is whole: from now on it is the one to go on from."""
        self.trainer.accelerator.wait_for_everyone()
        if state.is_world_process_zero:
            self._checkpoints.written(state.global_step, {state.global_step, self.best_step()})
        self._saver.saved()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The log is whole."""
        if self._log:
            self._log.close()

    def best_step(self) -> int:
        """The update at which the recipe's ``eval.best`` was best so far; 0 where it names none."""
        return best_step(self.rows, self._config.eval)

    def _measured(self, step: int) -> Row:
        if self._measure is None or not is_due(step, self._steps, self._config.eval):
            return {}
        started = time.perf_counter()
        found = self._measure(self.trainer, step)
        self._progress.pause(time.perf_counter() - started)
        return found


def _tensorboard(out: Path) -> Any:
    """Curves beside the model."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise IgakuError("train.logs: tensorboard is not installed; install with: pip install tensorboard") from None
    from transformers.integrations.integration_utils import TensorBoardCallback

    return TensorBoardCallback(SummaryWriter(str(out / "tensorboard")))  # type: ignore[no-untyped-call]
