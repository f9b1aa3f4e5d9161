"""The training loop, from top to bottom: sequences in an order known from the seed, loss over labels, one update, a line in the log, a checkpoint.

A plain loop and not trl's trainer: every step can be read, the vocabulary is projected only where something is learnt, and a killed run goes on with the same losses.
Several processes (``torchrun``) share each update's sequences, and add their gradients up: the same losses as one process that reads them all.
"""

import math
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.errors import IgakuError
from igaku.io import checkpoints as state
from igaku.training.config import Config
from igaku.training.examples import IGNORED, Packed, Pair, order
from igaku.training.networks import trainable

Losses = Callable[[Any, Sequence[Any]], Any]
"""(network, items of one pass) → sum of losses over labelled tokens, or over pairs."""


class Step(NamedTuple):
    """One update, as the log has it."""

    step: int
    steps: int
    loss: float
    """Nats a labelled token (or a pair)."""
    lr: float
    gradient: float
    """Norm before clipping."""
    tokens: int
    """Read since the beginning, padding left out."""
    per_second: float
    left: float
    """Seconds until the end, at this session's pace."""

    def row(self) -> dict[str, Any]:
        """Its line in the log."""
        kept = {k: v for k, v in self._asdict().items() if k not in ("steps", "left")}
        return kept | {"per_second": round(self.per_second, 1)}


class World(NamedTuple):
    """This process among those that train together."""

    rank: int
    size: int


def world() -> World:
    """From what ``torchrun`` or ``accelerate launch`` set; one process alone where nothing is set."""
    import torch.distributed as dist

    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size > 1 and not dist.is_initialized():
        import torch

        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return World(int(os.environ.get("RANK", "0")), size)


def together() -> None:
    """Wait until every process is here."""
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def fit(
    network: Any,
    items: Sequence[Any],
    config: Config,
    out: Path,
    mark: str,
    losses: Losses,
    on_step: Callable[[Step], None] | None = None,
) -> list[dict[str, Any]]:
    """Train until the recipe's last update; the log's rows.

    Args:
        items: packed sequences, or preference pairs.
        mark: of recipe and data; a checkpoint of another one is refused.

    Raises:
        IgakuError: the loss is no number or jumps, memory or disk is full, or ``out`` holds another run. The last checkpoint is kept.
    """
    import torch

    me, t = world(), config.train
    if t.batch % me.size:
        raise IgakuError(f"train.batch {t.batch} cannot be shared by {me.size} processes; make it a multiple")
    steps = t.steps or max(1, round(t.epochs * len(items) / t.batch))
    weights = trainable(network)
    optimizer = torch.optim.AdamW(list(weights.values()), lr=t.lr, betas=t.betas, weight_decay=t.weight_decay)
    names = list(weights)
    begun = state.load(out, weights, optimizer, names, mark)
    rows = [r for r in state.read_log(out / "log.jsonl") if r["step"] <= begun]
    together()
    log = state.Log(out / "log.jsonl", begun) if me.rank == 0 else None
    tokens = rows[-1]["tokens"] if rows else 0
    recent: deque[float] = deque((r["loss"] for r in rows[-50:]), maxlen=50)
    writer = _writer(config, out) if me.rank == 0 else None
    started = time.perf_counter()
    fresh = tokens
    try:
        for step, chosen in enumerate(order(len(items), t.batch, steps, t.seed), 1):
            if step <= begun:
                continue
            torch.manual_seed(t.seed * 1_000_003 + step)
            batch = [items[i] for i in chosen]
            lr = t.lr * pace(step, steps, config)
            for group in optimizer.param_groups:
                group["lr"] = lr
            loss, norm = _update(network, weights, optimizer, batch, me, config, losses)
            tokens += sum(_read(i) for i in batch)
            if problem := _wrong(loss, recent, step, config):
                raise IgakuError(problem)
            recent.append(loss)
            seconds = time.perf_counter() - started
            pace_ = (tokens - fresh) / seconds, seconds / (step - begun) * (steps - step)
            told = Step(step, steps, loss, lr, norm, tokens, *pace_)
            if log:
                log.append(told.row())
            if writer:
                writer(told)
            if on_step and me.rank == 0:
                on_step(told)
            if me.rank == 0 and (step % t.save_every == 0 or step == steps):
                state.save(out, step, weights, optimizer, names, mark)
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
            raise IgakuError(
                f"out of memory: lower train.micro ({t.micro}) or data.block ({config.data.block}), or set train.recompute=true, model.quantize=nf4 or method.kind=lora; "
                f"the last checkpoint in {out} is kept"
            ) from None
        raise
    finally:
        if log:
            log.close()
    return state.read_log(out / "log.jsonl")


def pace(step: int, steps: int, config: Config) -> float:
    """Share of the learning rate at an update: rising through the warm-up, then as the schedule says."""
    warm = max(1, round(config.train.warmup * steps)) if config.train.warmup else 0
    if step <= warm:
        return step / warm
    done = (step - 1 - warm) / max(1, steps - warm)
    return {"constant": 1.0, "linear": 1 - done, "cosine": 0.5 * (1 + math.cos(math.pi * done))}[config.train.schedule]


def _update(
    network: Any,
    weights: dict[str, Any],
    optimizer: Any,
    batch: Sequence[Any],
    me: World,
    config: Config,
    losses: Losses,
) -> tuple[float, float]:
    """One update over a batch, of which this process reads every ``size``-th item."""
    import torch
    import torch.distributed as dist

    mine = batch[me.rank :: me.size]
    whole = sum(weight_of(i) for i in batch)
    total = torch.zeros(())
    for at in range(0, len(mine), config.train.micro):
        loss = losses(network, mine[at : at + config.train.micro])
        (loss / max(1.0, whole)).backward()
        total += loss.detach().float().cpu() / max(1.0, whole)
    if me.size > 1:
        total = total.to(next(iter(weights.values())).device)
        dist.all_reduce(total)
        for p in weights.values():
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            dist.all_reduce(p.grad)
    norm = torch.nn.utils.clip_grad_norm_(list(weights.values()), config.train.clip or math.inf)
    if bool(torch.isfinite(norm)):
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(total) if bool(torch.isfinite(norm)) else math.nan, float(norm)


def weight_of(item: Any) -> float:
    """Labelled tokens of a sequence; 1 for a pair."""
    return 1.0 if isinstance(item, Pair) else float(sum(label != IGNORED for label in item.labels))


def next_token_losses(network: Any, items: Sequence[Packed]) -> Any:
    """The next token, where there is a label."""
    import torch

    from igaku.training.losses import next_token

    device = next(network.parameters()).device
    ids, labels, positions = (
        torch.tensor([getattr(i, n) for i in items], device=device) for n in ("ids", "labels", "positions")
    )
    with torch.autocast(device.type, torch.bfloat16, enabled=_mixed(network)):
        return next_token(network, ids, labels, positions)[0]


def preference_losses(config: Config, reference: Callable[[Sequence[Pair]], Any] | None = None) -> Losses:
    """DPO, and RPO: DPO plus the chosen answer's own likelihood a token (Pang et al. 2024), which keeps it from falling. The reference is the model without its adapters."""

    def losses(network: Any, items: Sequence[Pair]) -> Any:
        import torch

        from igaku.training.losses import preference as compared

        now = pair_logprobs(network, items)
        if reference:
            before = reference(items)
        else:
            with torch.no_grad(), network.disable_adapter():
                before = pair_logprobs(network, items)
        loss = compared(now[0], now[1], before[0], before[1], config.method.beta)
        if config.method.objective == "rpo":
            lengths = torch.tensor(
                [float(sum(x != IGNORED for x in p.chosen.labels)) for p in items], device=now[0].device
            )
            loss = loss - config.method.nll * now[0] / lengths
        return loss.sum()

    return losses


def pair_logprobs(network: Any, items: Sequence[Pair]) -> tuple[Any, Any]:
    """([b], [b]) log p of the chosen and the rejected answers."""
    import torch

    from igaku.training.losses import answer_logprob

    rows = [p.chosen for p in items] + [p.rejected for p in items]
    width = max(len(r.ids) for r in rows)
    device = next(network.parameters()).device
    ids = torch.tensor([[*r.ids, *[0] * (width - len(r.ids))] for r in rows], device=device)
    labels = torch.tensor([[*r.labels, *[IGNORED] * (width - len(r.ids))] for r in rows], device=device)
    mask = torch.tensor([[1] * len(r.ids) + [0] * (width - len(r.ids)) for r in rows], device=device)
    logprobs = answer_logprob(network, ids, labels, mask)
    return logprobs[: len(items)], logprobs[len(items) :]


def _mixed(network: Any) -> bool:
    """Frozen weights in half precision are used in it."""
    import torch

    return any(p.dtype == torch.bfloat16 for p in network.parameters())


def _read(item: Any) -> int:
    if isinstance(item, Pair):
        return len(item.chosen.ids) + len(item.rejected.ids)
    return len(item.ids) - padding(item)


def padding(item: Packed) -> int:
    """Tokens of padding at the end: a document of its own without a label."""
    n = 0
    for label, position in zip(reversed(item.labels), reversed(item.positions)):
        if label != IGNORED:
            return n
        n += 1
        if position == 0:
            return n
    return n


def _wrong(loss: float, recent: deque[float], step: int, config: Config) -> str:
    t = config.train
    if not math.isfinite(loss):
        return f"the loss is no number at update {step}; lower train.lr ({t.lr:g}) or raise train.warmup. The checkpoint before is kept"
    if t.spike and len(recent) >= 20 and loss > t.spike * (mean := sum(recent) / len(recent)) and loss > mean + 1:
        return f"the loss jumped from {mean:.2f} to {loss:.2f} at update {step}; lower train.lr ({t.lr:g}) or train.clip ({t.clip:g}), or set train.spike=0. The checkpoint before is kept"
    return ""


def _writer(config: Config, out: Path) -> Callable[[Step], None] | None:
    """Curves for TensorBoard and Weights & Biases, where the recipe asks for them."""
    sinks: list[Callable[[str, float, int], Any]] = []
    if "tensorboard" in config.train.logs:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise IgakuError(
                "train.logs: tensorboard is not installed; install it with: pip install tensorboard"
            ) from None
        board = SummaryWriter(str(out / "tensorboard"))
        sinks.append(board.add_scalar)
    if "wandb" in config.train.logs:
        try:
            import wandb
        except ImportError:
            raise IgakuError("train.logs: wandb is not installed; install it with: pip install wandb") from None
        run = wandb.init(dir=str(out), resume="allow")
        sinks.append(lambda name, value, step: run.log({name: value}, step=step))
    if not sinks:
        return None

    def write(step: Step) -> None:
        for sink in sinks:
            for name in ("loss", "lr", "gradient", "per_second"):
                sink(f"train/{name}", getattr(step, name), step.step)

    return write
