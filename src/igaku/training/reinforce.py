"""Group relative policy optimization (Shao et al. 2024) by trl: several answers a prompt, each better or worse than
their mean.

What an answer is worth is the caller's: functions from answers to numbers. trl's own loop is used, as it samples,
weighs and clips; recipe, stamp, card and log are as of every other run.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.errors import IgakuError, missing_extra
from igaku.io.checkpoints import read_log
from igaku.io.json_values import fault, read_object
from igaku.training.batches import order
from igaku.training.config import Config, updates_of

Reward = Callable[[Sequence[int], Sequence[str], Sequence[int]], Sequence[float | None]]
"""(number of the prompt, answer's text, its tokens) of each answer -> its worth; None where that is not defined."""
CURVES = ("reward", "right", "letter", "number", "words", "readable", "ended", "entropy", "length")
"""What the picture of a run shows, of that which its log has."""


class Worth(NamedTuple):
    """One part of an answer's worth: its weight in the sum, and how it is found."""

    weight: float
    of: Reward


def reinforce(
    config: Config,
    network: Any,
    tokenizer: Any,
    prompts: Sequence[object],
    worths: Mapping[str, Worth],
    out: Path,
    say: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Train until the recipe's last update; the log's rows. The same call goes on from the last checkpoint.

    Args:
        prompts: texts, or turns as ``{"role": ..., "content": ...}``.
        worths: name -> part of the reward, as the log has it.

    Raises:
        IgakuError: trl is not installed, or cannot train so.
    """
    try:
        from datasets import Dataset
        from transformers import PrinterCallback
        from trl.trainer.grpo_trainer import GRPOTrainer
    except ImportError:
        raise missing_extra("trl", "rl") from None
    updates, t = updates_of(config, len(prompts)), config.train
    drawn = [n for batch in order(len(prompts), t.batch, updates, t.seed) for n in batch]  # trl forgets its own order
    rows = [{"prompt": prompts[n], "number": n} for n in drawn]
    rewards: list[Any] = [_named(name, worth.of) for name, worth in worths.items()]
    try:
        trainer = GRPOTrainer(
            model=network,
            reward_funcs=rewards,
            args=_settings(config, out, [w.weight for w in worths.values()], updates),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[_log(out, worths, say)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=_last_whole(out / "checkpoints"))
    except ValueError as error:
        raise IgakuError(f"trl cannot train so: {fault(error)}") from None
    return read_log(out / "log.jsonl")


def _last_whole(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end: its state is written last."""
    whole = [f.parent for f in folder.glob("checkpoint-*/trainer_state.json") if _is_json(f)]
    return str(max(whole, key=lambda f: int(f.name.rpartition("-")[2]))) if whole else None


def _is_json(file: Path) -> bool:
    try:
        return bool(read_object(file))
    except IgakuError:
        return False


def _settings(config: Config, out: Path, weights: list[float], updates: int) -> Any:
    from trl.trainer.grpo_config import GRPOConfig

    from igaku.training.settings import one_gpu, shared

    t, g = config.train, config.grpo
    micro = min(t.micro, t.batch)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    common = shared(config, out / "checkpoints", updates, micro * g.answers, max(1, t.batch // (micro * processes)))
    return one_gpu(
        GRPOConfig(
            **common | {"report_to": list(t.logs)},
            lr_scheduler_type=t.schedule,
            warmup_steps=round(t.warmup * updates),
            shuffle_dataset=False,
            num_generations=g.answers,
            max_completion_length=g.tokens,
            temperature=g.temperature,
            beta=g.kl,
            reward_weights=weights,
            use_vllm=g.vllm,
            save_steps=t.save_every or 10**9,
            save_total_limit=1,
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


def _log(out: Path, worths: Mapping[str, Worth], say: Callable[[str], None]) -> Any:
    """Writes ``log.jsonl``, a line an update: loss, reward and its parts, entropy, length."""
    from transformers import TrainerCallback

    from igaku.io.checkpoints import Log

    class Callback(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: object) -> None:
            self.log = Log(out / "log.jsonl", state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: object) -> None:
            if not logs or "reward" not in logs:
                return
            row = {"step": state.global_step, "loss": logs.get("loss", 0.0), "lr": logs.get("learning_rate", 0.0)}
            row |= {"reward": logs["reward"], "entropy": logs.get("entropy", 0.0)}
            means = {name: float(logs.get(f"rewards/{name}/mean", 0.0)) for name in worths}
            row |= {name: mean for name, mean in means.items() if math.isfinite(mean)}
            row |= {"length": logs.get("completions/mean_length", 0.0), "tokens": int(logs.get("num_tokens", 0))}
            self.log.append(row)
            if state.global_step % max(1, state.max_steps // 50) == 0:
                parts = "  ".join(f"{name} {row[name]:.2f}" for name in worths if name in row)
                say(f"update {state.global_step}/{state.max_steps}  reward {row['reward']:.3f}  {parts}")

        def on_train_end(self, args: Any, state: Any, control: Any, **_: object) -> None:
            self.log.close()

    return Callback()
