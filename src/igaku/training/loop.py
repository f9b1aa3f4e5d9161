"""The training loop, from top to bottom: sequences in an order known from the seed, a loss over labels, one update, a
line in the log, a checkpoint.

A plain loop and not trl's trainer: every step can be read, the vocabulary is projected only where something is learnt,
and a killed run goes on with the same losses. Several processes (``torchrun``) share each update's sequences, and add
their gradients up: the same losses as one process that reads them all.
"""

import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from igaku.errors import IgakuError
from igaku.io import checkpoints
from igaku.training.config import Config, updates_of
from igaku.training.examples import Packed, Pair, order, padded
from igaku.training.literal import IGNORED
from igaku.training.networks import local_rank, trainable

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

Item: TypeAlias = Packed | Pair
Items: TypeAlias = Sequence[Packed] | Sequence[Pair]
Losses = Callable[["nn.Module", Any], "Tensor"]
"""(network, items of one pass) → sum of losses over labelled tokens, or over pairs."""
Row = dict[str, Any]
SAVE_SECONDS = 60.0
"""Seconds after which a checkpoint is due, whatever ``save_every`` says."""
SAVES = 10
"""Checkpoints that a run has at least, where it has that many updates."""
SAVE_COST = 0.1
"""Share of the time that those extra checkpoints may take."""


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
    """Read since the beginning, without padding."""
    per_second: float
    """Tokens."""
    left: float
    """Seconds until the end, at this session's pace."""

    def row(self) -> Row:
        """Its line in the log."""
        fields = {k: v for k, v in self._asdict().items() if k not in ("steps", "left")}
        return fields | {"per_second": round(self.per_second, 1)}


class Progress:
    """How fast this session is: it counts from the update it began with."""

    def __init__(self, steps: int, start_step: int, tokens: int) -> None:
        self.steps, self.start_step, self.tokens = steps, start_step, tokens
        self._before, self._started = tokens, time.perf_counter()

    def step(self, step: int, loss: float, lr: float, norm: float, tokens: int) -> Step:
        """One more update, in which ``tokens`` were read."""
        self.tokens += tokens
        seconds = time.perf_counter() - self._started
        left = seconds / (step - self.start_step) * (self.steps - step)
        return Step(
            step=step,
            steps=self.steps,
            loss=loss,
            lr=lr,
            gradient=norm,
            tokens=self.tokens,
            per_second=(self.tokens - self._before) / seconds,
            left=left,
        )


class Saver:
    """When a checkpoint is due: every ``save_every`` updates and at the end.

    Short runs and slow updates save more often, so that a killed run loses little: at least ``SAVES`` times a run and
    every ``SAVE_SECONDS``, as long as that takes no more than ``SAVE_COST`` of the time.
    """

    def __init__(self, steps: int, save_every: int) -> None:
        self.steps, self.save_every = steps, save_every
        self._saved, self._cost = time.perf_counter(), 0.0

    def due(self, step: int) -> bool:
        """Whether to save after this update."""
        if step == self.steps or not self.save_every:
            return step == self.steps
        since = time.perf_counter() - self._saved
        early = step % max(1, self.steps // SAVES) == 0 or since >= SAVE_SECONDS
        return step % self.save_every == 0 or (early and since * SAVE_COST >= self._cost)

    def save(self, write: Callable[[], None]) -> None:
        """Save, and remember how long it took."""
        started = time.perf_counter()
        write()
        self._saved = time.perf_counter()
        self._cost = self._saved - started


class DistInfo(NamedTuple):
    """This process among those that train together."""

    rank: int
    size: int


def dist_info() -> DistInfo:
    """From what ``torchrun`` or ``accelerate launch`` set; a single process where nothing is set."""
    import torch.distributed as dist

    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size > 1 and not dist.is_initialized():
        import torch

        if torch.cuda.is_available():
            torch.cuda.set_device(local_rank())
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return DistInfo(int(os.environ.get("RANK", "0")), size)


def barrier() -> None:
    """Wait until every process has come to this line."""
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def fit(
    network: "nn.Module",
    items: Items,
    config: Config,
    out: Path,
    fingerprint: str,
    losses: Losses,
    on_step: Callable[[Step], None] | None = None,
) -> list[Row]:
    """Train until the recipe's last update; the log's rows.

    Args:
        items: packed sequences, or preference pairs.
        fingerprint: of recipe and data; a checkpoint of another one is refused.

    Raises:
        IgakuError: the loss is NaN or inf or jumps, memory or disk is full, or ``out`` holds another run. The last
            checkpoint is kept.
    """
    import torch

    me, t = dist_info(), config.train
    if t.batch % me.size:
        raise IgakuError(f"train.batch {t.batch} cannot be shared by {me.size} processes; make it a multiple")
    steps = updates_of(config, len(items))
    weights = trainable(network)
    optimizer = torch.optim.AdamW(list(weights.values()), lr=t.lr, betas=t.betas, weight_decay=t.weight_decay)
    names = list(weights)
    start_step = checkpoints.load(out, weights, optimizer, names, fingerprint)
    rows = [r for r in checkpoints.read_log(out / "log.jsonl") if r["step"] <= start_step]
    barrier()
    log = checkpoints.Log(out / "log.jsonl", start_step) if me.rank == 0 else None
    recent: deque[float] = deque((r["loss"] for r in rows[-50:]), maxlen=50)
    writer = _writer(config, out) if me.rank == 0 else None
    progress = Progress(steps, start_step, rows[-1]["tokens"] if rows else 0)
    saver = Saver(steps, t.save_every)
    try:
        with _memory_errors(config, out):
            for step, chosen in enumerate(order(len(items), t.batch, steps, t.seed), 1):
                if step <= start_step:
                    continue
                torch.manual_seed(t.seed * 1_000_003 + step)
                batch = [items[i] for i in chosen]
                lr = t.lr * lr_factor(step, steps, config)
                for group in optimizer.param_groups:
                    group["lr"] = lr
                loss, norm = _update(network, weights, optimizer, batch, me, config, losses)
                if problem := _problem(loss, recent, step, config):
                    raise IgakuError(problem)
                recent.append(loss)
                done = progress.step(step, loss, lr, norm, sum(_tokens(i) for i in batch))
                if me.rank != 0:
                    continue
                if log:
                    log.append(done.row())
                for report in (writer, on_step):
                    if report:
                        report(done)
                if saver.due(step):
                    saver.save(partial(checkpoints.save, out, step, weights, optimizer, names, fingerprint))
    finally:
        if log:
            log.close()
    return checkpoints.read_log(out / "log.jsonl")


@contextmanager
def _memory_errors(config: Config, out: Path) -> Iterator[None]:
    """Memory that runs out, as one line that says what to lower."""
    import torch

    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
            raise
        raise IgakuError(
            f"out of memory: lower train.micro ({config.train.micro}) or data.block ({config.data.block}), or set "
            "train.recompute=true, model.quantize=nf4 or method.kind=lora; "
            f"the last checkpoint in {out} is kept"
        ) from None


def lr_factor(step: int, steps: int, config: Config) -> float:
    """Share of the learning rate at an update: rising through the warm-up, then as the schedule says."""
    warm = max(1, round(config.train.warmup * steps)) if config.train.warmup else 0
    if step <= warm:
        return step / warm
    done = (step - 1 - warm) / max(1, steps - warm)
    return {"constant": 1.0, "linear": 1 - done, "cosine": 0.5 * (1 + math.cos(math.pi * done))}[config.train.schedule]


def _update(
    network: "nn.Module",
    weights: "dict[str, nn.Parameter]",
    optimizer: "Optimizer",
    batch: Sequence[Item],
    me: DistInfo,
    config: Config,
    losses: Losses,
) -> tuple[float, float]:
    """(loss, gradient norm) of one update over a batch, of which this process reads every ``size``-th item."""
    import torch
    import torch.distributed as dist

    mine = sorted(batch, key=_width)[me.rank :: me.size]
    labels = sum(weight_of(i) for i in batch)
    total = torch.zeros(())
    for at in range(0, len(mine), config.train.micro):
        loss = losses(network, mine[at : at + config.train.micro]) / max(1.0, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach().float().cpu()
    if me.size > 1:
        total = total.to(next(iter(weights.values())).device)
        dist.all_reduce(total)
        for p in weights.values():
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            dist.all_reduce(p.grad)
    norm = torch.nn.utils.clip_grad_norm_(list(weights.values()), config.train.clip or math.inf)
    is_finite = bool(torch.isfinite(norm))
    if is_finite:
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(total) if is_finite else math.nan, float(norm)


def _width(item: Item) -> int:
    """Tokens that a pass over it must be wide for: items alike are read together."""
    return max(len(item.chosen.ids), len(item.rejected.ids)) if isinstance(item, Pair) else len(item.ids)


def weight_of(item: Item) -> float:
    """Labelled tokens of a sequence; 1 for a pair."""
    return 1.0 if isinstance(item, Pair) else float(sum(label != IGNORED for label in item.labels))


def next_token_losses(network: "nn.Module", items: Sequence[Packed]) -> "Tensor":
    """Sum of the losses of the next token, where there is a label."""
    import torch

    from igaku.training.losses import next_token

    device = next(network.parameters()).device
    rows = padded(items, 0)
    ids, labels, positions = (
        torch.tensor([getattr(i, n) for i in rows], device=device) for n in ("ids", "labels", "positions")
    )
    with torch.autocast(device.type, torch.bfloat16, enabled=_is_in_bf16(network)):
        return next_token(network, ids, labels, positions)[0]


LogProbs: TypeAlias = "tuple[Tensor, Tensor]"
"""([b], [b]) log p of the chosen and the rejected answers."""
Reference = Callable[[Sequence[Pair]], LogProbs]


def preference_losses(config: Config, reference: Reference | None = None) -> Losses:
    """DPO; or RPO, which adds the chosen answer's own likelihood a token (Pang et al. 2024), so that it does not fall.

    Args:
        reference: the model before training; if left out, the model without its adapters.
    """

    def losses(network: Any, items: Sequence[Pair]) -> "Tensor":
        import torch

        from igaku.training.losses import preference

        now = pair_logprobs(network, items)
        if reference:
            before = reference(items)
        else:
            with torch.no_grad(), network.disable_adapter():
                before = pair_logprobs(network, items)
        loss = preference(now[0], now[1], before[0], before[1], config.method.beta)
        if config.method.objective == "rpo":
            lengths = [float(sum(x != IGNORED for x in p.chosen.labels)) for p in items]
            loss = loss - config.method.nll * now[0] / torch.tensor(lengths, device=now[0].device)
        return loss.sum()

    return losses


def pair_logprobs(network: "nn.Module", items: Sequence[Pair]) -> LogProbs:
    """Log p of the answers, right-padded to one width."""
    import torch

    from igaku.training.losses import answer_logprob

    rows = [p.chosen for p in items] + [p.rejected for p in items]
    width = max(len(r.ids) for r in rows)
    device = next(network.parameters()).device
    ids = torch.tensor([[*r.ids, *[0] * (width - len(r.ids))] for r in rows], device=device)
    labels = torch.tensor([[*r.labels, *[IGNORED] * (width - len(r.ids))] for r in rows], device=device)
    mask = torch.tensor([[1] * len(r.ids) + [0] * (width - len(r.ids)) for r in rows], device=device)
    with torch.autocast(device.type, torch.bfloat16, enabled=_is_in_bf16(network)):
        logprobs = answer_logprob(network, ids, labels, mask)
    return logprobs[: len(items)], logprobs[len(items) :]


def _is_in_bf16(network: "nn.Module") -> bool:
    """Whether the recipe computes in bfloat16, whatever precision the trained weights themselves have."""
    return str(getattr(network, "computes_in", "")) == "bfloat16"


def _tokens(item: Item) -> int:
    if isinstance(item, Pair):
        return len(item.chosen.ids) + len(item.rejected.ids)
    return len(item.ids) - padding(item)


def padding(item: Packed) -> int:
    """Tokens of padding at the end, which are laid out as a document without a label."""
    n = 0
    for label, position in zip(reversed(item.labels), reversed(item.positions)):
        if label != IGNORED:
            return n
        n += 1
        if position == 0:
            return n
    return n


def _problem(loss: float, recent: deque[float], step: int, config: Config) -> str:
    """Why the run must stop at this loss; empty where it may go on."""
    t = config.train
    if not math.isfinite(loss):
        return (
            f"the loss is NaN or inf at update {step}; lower train.lr ({t.lr:g}) or raise train.warmup. "
            "The checkpoint before is kept"
        )
    if t.spike and len(recent) >= 20 and loss > t.spike * (mean := sum(recent) / len(recent)) and loss > mean + 1:
        return (
            f"the loss jumped from {mean:.2f} to {loss:.2f} at update {step}; lower train.lr ({t.lr:g}) or "
            f"train.clip ({t.clip:g}), or set train.spike=0. The checkpoint before is kept"
        )
    return ""


Sink = Callable[[str, float, int], object]


def _writer(config: Config, out: Path) -> Callable[[Step], None] | None:
    """Curves for TensorBoard and Weights & Biases, where the recipe asks for them."""
    makers = {"tensorboard": _tensorboard, "wandb": _wandb}
    sinks = [makers[name](out) for name in config.train.logs]
    if not sinks:
        return None

    def write(step: Step) -> None:
        for sink in sinks:
            for name in ("loss", "lr", "gradient", "per_second"):
                sink(f"train/{name}", getattr(step, name), step.step)

    return write


def _tensorboard(out: Path) -> Sink:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise IgakuError("train.logs: tensorboard is not installed; install with: pip install tensorboard") from None
    sink: Sink = SummaryWriter(str(out / "tensorboard")).add_scalar
    return sink


def _wandb(out: Path) -> Sink:
    try:
        import wandb
    except ImportError:
        raise IgakuError("train.logs: wandb is not installed; install with: pip install wandb") from None
    run = wandb.init(dir=str(out), resume="allow")
    return lambda name, value, step: run.log({name: value}, step=step)
