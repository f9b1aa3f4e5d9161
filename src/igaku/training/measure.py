"""What is measured while a model learns: the loss of rows that it does not learn, and a score by igaku's grading."""

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.provenance import Origin
from igaku.training.adapters import is_adapter
from igaku.training.batches import Items, micro_of, weight_of
from igaku.training.config import Config, Eval
from igaku.training.networks import base_of
from igaku.training.updates import Row

Measure = Callable[[Any, int], Row]
"""(trainer, update) -> ``held_out`` and ``score``, as the recipe wants them."""
TIMES = 10
"""Measurements of a run whose recipe does not say how many."""
NAMES = {"loss": "held_out", "score": "score"}
"""``eval.best`` -> the log's name of it."""


class Questions(NamedTuple):
    """Questions that a model is measured on: where they come from, and the score of a model whose run goes to a
    folder.
    """

    origin: Origin
    score: Callable[[EngineSpec, Path], float]


class Split(NamedTuple):
    """What is learnt, and what is held out."""

    learnt: list[Any]
    held_out: list[Any]


def split(found: Sequence[Sequence[Any]], share: float, seed: int) -> Split:
    """Hold a share of rows out, drawn by the seed; what one row gives stays together.

    Args:
        found: what each row gives, as the answers of one conversation.

    Raises:
        IgakuError: the share is of no row, or of all.
    """
    n = round(share * len(found))
    if not 0 < n < len(found):
        raise IgakuError(f"eval.share {share:g} of {len(found)} rows leaves {n} of them held out; take another share")
    chosen = set(random.Random(f"{seed}/held out").sample(range(len(found)), n))
    sides: list[list[Any]] = [[], []]
    for i, row in enumerate(found):
        sides[i in chosen] += row
    return Split(*sides)


def is_due(step: int, steps: int, e: Eval) -> bool:
    """Whether to measure after an update."""
    return step == steps or step % (e.every or max(1, steps // TIMES)) == 0


def best_step(rows: Sequence[Row], e: Eval) -> int:
    """The first update at which ``eval.best`` was best; 0 where it names nothing that was measured."""
    name = NAMES.get(e.best, "")
    found = [(r[name] if e.best == "loss" else -r[name], r["step"]) for r in rows if name in r]
    return int(min(found)[1]) if found else 0


def stops(rows: Sequence[Row], e: Eval) -> bool:
    """Whether the last ``eval.patience`` measurements were no better than one before."""
    best = best_step(rows, e)
    since = sum(1 for r in rows if NAMES.get(e.best, "") in r and r["step"] > best)
    return bool(e.patience and best and since >= e.patience)


def held_out_loss(trainer: Any, items: Items, micro: int) -> float:
    """Nats a labelled token (or a pair) of items that are not learnt; shared by the processes."""
    import torch

    accelerator = trainer.accelerator
    alike = sorted(items, key=weight_of)
    passes = [alike[at : at + micro] for at in range(0, len(alike), micro)]
    mine = passes[accelerator.process_index :: accelerator.num_processes]
    rounds = -(-len(passes) // accelerator.num_processes)  # every process takes part in each, as weights may be sharded
    sums = torch.zeros(2, dtype=torch.float64)
    trainer.model.eval()
    for module in trainer.model.modules():
        if type(module).__name__ == "Linear4bit":
            module.training = True  # else its weights are laid out anew on a processor, for reading alone
    for n in range(rounds):
        items_now = mine[n] if n < len(mine) else passes[0]
        with torch.no_grad(), trainer.compute_loss_context_manager():
            loss = trainer.compute_loss(trainer.model_wrapped, trainer._prepare_inputs(trainer.collate(items_now)))
        if n < len(mine):
            weight = sum(map(weight_of, items_now))
            sums += torch.tensor([float(loss) * weight, weight])
    trainer.model.train()
    total, weight = accelerator.reduce(sums.to(accelerator.device, torch.float32)).tolist()
    return float(total / weight)


def measure_of(config: Config, held_out: Items, questions: Questions | None, out: Path) -> Measure | None:
    """What the recipe wants measured; None for nothing."""
    if not held_out and not questions:
        return None

    def measure(trainer: Any, step: int) -> Row:
        row: Row = {"held_out": held_out_loss(trainer, held_out, micro_of(config))} if held_out else {}
        return row | ({"score": _score(trainer, config, questions, out / "evaluation", step)} if questions else {})

    return measure


def _score(trainer: Any, config: Config, questions: Questions, folder: Path, step: int) -> float:
    """Of the model as it is now, which is written for it and read by the engine of every other evaluation."""
    from accelerate.utils import broadcast_object_list

    weights, out = folder / "weights", folder / str(step)
    trainer.save_model(str(weights))
    scores = [0.0]
    if trainer.accelerator.is_main_process:
        shutil.rmtree(out, ignore_errors=True)  # of a session that was killed in between
        scores = [questions.score(_engine(config, weights), out)]
        shutil.rmtree(weights)
    if trainer.accelerator.num_processes > 1:
        broadcast_object_list(scores)
    return scores[0]


def _engine(config: Config, weights: Path) -> EngineSpec:
    """The same revision of the base, and no thoughts where the model learns none (``data.thinking``)."""
    model = config.model
    thinking = False if config.data.template == "chat" and config.data.thinking == "off" else None
    if config.method.kind == "full":
        return EngineSpec(model=str(weights), engine="transformers", dtype=model.dtype, thinking=thinking)
    base = base_of(Path(model.base)) if is_adapter(Path(model.base)) else model.base
    revision = f"@{model.revision}" if model.revision and not Path(base).exists() else ""
    return EngineSpec(
        model=f"{base}{revision}",
        adapter=str(weights),
        engine="transformers",
        dtype=model.dtype,
        quantize="4bit" if model.quantize else "",
        thinking=thinking,
    )
