"""Group relative policy optimization (Shao et al. 2024) by trl: several answers a prompt, each better or worse than
their mean.

What an answer is worth is the caller's: functions from answers to numbers. trl's own loop is used, as it samples,
weighs and clips; recipe, stamp, card and log are as of every other run.
"""

import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.errors import IgakuError, missing_extra
from igaku.io.checkpoints import read_log
from igaku.io.json_values import fault, read_object
from igaku.training.batches import micro_of, order
from igaku.training.config import Config, updates_of
from igaku.training.failures import memory
from igaku.training.updates import RECENT, Progress, Row, Saver, lr_factor, problem

Reward = Callable[[Sequence[int], Sequence[str], Sequence[int]], Sequence[float | None]]
"""(number of the prompt, answer's text, its tokens) of each answer -> its worth; None where that is not defined."""
CURVES = ("reward", "right", "letter", "number", "words", "readable", "ended", "entropy", "length")
"""What the picture of a run shows, of that which its log has."""


class Worth(NamedTuple):
    """One part of an answer's worth: its weight in the sum, and how it is found."""

    weight: float
    of: Reward


class Reinforced(NamedTuple):
    """The log's rows, and the tokens a second of this session."""

    rows: list[Row]
    per_second: float


def reinforce(
    config: Config,
    network: Any,
    tokenizer: Any,
    prompts: Sequence[object],
    worths: Mapping[str, Worth],
    out: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Reinforced:
    """Train until the recipe's last update. The same call goes on from the last checkpoint.

    Args:
        prompts: texts, or turns as ``{"role": ..., "content": ...}``.
        worths: name -> part of the reward, as the log has it.

    Raises:
        IgakuError: trl is not installed, or cannot train so; processes cannot share a batch; the loss is NaN or inf or
            jumps; memory or disk is full. The last checkpoint is kept.
    """
    try:
        from datasets import Dataset
        from transformers import PrinterCallback
    except ImportError:
        raise missing_extra("trl", "rl") from None
    updates, t = updates_of(config, len(prompts)), config.train
    drawn = [n for batch in order(len(prompts), t.batch, updates, t.seed) for n in batch]  # trl forgets its own order
    rows = [{"prompt": prompts[n], "number": n} for n in drawn]
    rewards: list[Any] = [_named(name, worth.of) for name, worth in worths.items()]
    settings = _settings(config, out, [w.weight for w in worths.values()], updates)
    callback = _log(config, out, worths, updates, say)
    try:
        with memory(config, out):
            trainer = _trainer(
                model=network,
                reward_funcs=rewards,
                args=settings,
                train_dataset=Dataset.from_list(rows),
                processing_class=tokenizer,
                callbacks=[callback],
            )
            trainer.rate, trainer.out = lambda step: lr_factor(step, updates, config), out
            trainer.remove_callback(PrinterCallback)
            trainer.train(resume_from_checkpoint=_last_whole(out / "checkpoints"))
    except ValueError as error:
        raise IgakuError(f"trl cannot train so: {fault(error)}") from None
    trainer.accelerator.wait_for_everyone()
    return Reinforced(read_log(out / "log.jsonl"), callback.per_second)


def _trainer(**given: Any) -> Any:
    """trl's, with the recipe's rates."""
    try:
        from trl.trainer.grpo_trainer import GRPOTrainer

        from igaku.training.base_trainer import Ours
    except ImportError:
        raise missing_extra("trl", "rl") from None

    class Grpo(Ours, GRPOTrainer):
        """Rewards."""

    return Grpo(**given)


def _last_whole(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end: its state is written last."""
    whole = [f.parent for f in folder.glob("checkpoint-*/trainer_state.json") if _is_json(f)]
    return str(max(whole, key=lambda f: int(f.name.rpartition("-")[2]))) if whole else None


def _only(folder: Path, step: int) -> None:
    """Remove the checkpoints of other updates, now that this one is whole."""
    for other in folder.glob("checkpoint-*"):
        if other.name != f"checkpoint-{step}":
            shutil.rmtree(other, ignore_errors=True)


def _is_json(file: Path) -> bool:
    try:
        return bool(read_object(file))
    except IgakuError:
        return False


def _settings(config: Config, out: Path, weights: list[float], updates: int) -> Any:
    from trl.trainer.grpo_config import GRPOConfig

    from igaku.training.settings import one_gpu, shared

    t, g = config.train, config.grpo
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    micro = micro_of(config, processes)
    common = shared(config, out / "checkpoints", updates, micro * g.answers, t.batch // (micro * processes))
    return one_gpu(
        GRPOConfig(
            **common | {"report_to": list(t.logs)},
            shuffle_dataset=False,
            num_generations=g.answers,
            max_completion_length=g.tokens,
            temperature=g.temperature,
            beta=g.kl,
            reward_weights=weights,
            use_vllm=g.vllm,
            save_strategy="no",
        )
    )


def _named(name: str, of: Reward) -> Callable[..., list[float | None]]:
    """A reward as trl calls it: with the answers, as texts or as turns, and the columns of their rows."""

    def worth(
        completions: Sequence[Any], completion_ids: Sequence[Sequence[int]], number: Sequence[int], **_: object
    ) -> list[float | None]:
        texts = [c if isinstance(c, str) else str(c[0]["content"]) for c in completions]
        return list(of(number, texts, [len(i) for i in completion_ids]))

    worth.__name__ = name
    return worth


def _log(config: Config, out: Path, worths: Mapping[str, Worth], updates: int, say: Callable[[str], None]) -> Any:
    """Writes ``log.jsonl``, a line an update: loss, reward and its parts, entropy, length. Saves and stops as every
    other run does; of several processes the first writes.
    """
    from accelerate import PartialState
    from transformers import TrainerCallback

    from igaku.io.checkpoints import Log
    from igaku.training.base_trainer import agreed

    class Callback(TrainerCallback):
        per_second = 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: object) -> None:
            start = state.global_step
            self.rows: list[Row] = [r for r in read_log(out / "log.jsonl") if r["step"] <= start]
            PartialState().wait_for_everyone()
            self.log = Log(out / "log.jsonl", start) if state.is_world_process_zero else None
            self.progress = Progress(updates, start, self.rows[-1]["tokens"] if self.rows else 0)
            self.saver = Saver(updates, config.train.save_every)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: object) -> None:
            if not logs or "reward" not in logs:
                return
            row, norm = _row(state.global_step, logs, worths), float(logs.get("grad_norm", 0.0))
            recent = [r["loss"] for r in self.rows[-RECENT:]]
            if stopped := problem(row["step"], row["loss"], norm, recent, config):
                raise IgakuError(stopped)
            read = row["tokens"] - self.progress.tokens
            self.per_second = self.progress.step(row["step"], row["loss"], row["lr"], norm, read).per_second
            self.rows.append(row)
            if self.log:
                self.log.append(row)
            control.should_save = agreed(self.saver.due(row["step"]))
            if self.log and state.global_step % max(1, state.max_steps // 50) == 0:
                parts = "  ".join(f"{name} {row[name]:.2f}" for name in worths if name in row)
                say(f"update {state.global_step}/{state.max_steps}  reward {row['reward']:.3f}  {parts}")

        def on_save(self, args: Any, state: Any, control: Any, **_: object) -> None:
            PartialState().wait_for_everyone()
            if self.log:
                _only(out / "checkpoints", state.global_step)
            self.saver.saved()

        def on_train_end(self, args: Any, state: Any, control: Any, **_: object) -> None:
            if self.log:
                self.log.close()

    return Callback()


def _row(step: int, logs: Mapping[str, Any], worths: Mapping[str, Worth]) -> Row:
    """A line of the log, of what trl logs of an update."""
    row = {"step": step, "loss": logs.get("loss", 0.0), "lr": logs.get("learning_rate", 0.0)}
    row |= {"reward": logs["reward"], "entropy": logs.get("entropy", 0.0)}
    means = {name: float(logs.get(f"rewards/{name}/mean", 0.0)) for name in worths}
    row |= {name: mean for name, mean in means.items() if math.isfinite(mean)}
    return row | {"length": logs.get("completions/mean_length", 0.0), "tokens": int(logs.get("num_tokens", 0))}
