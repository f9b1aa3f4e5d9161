"""Which sequences each update reads, in which passes, by which process; and a pass as tensors."""

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from igaku.errors import IgakuError
from igaku.training.config import Config
from igaku.training.examples import Packed, Pair, padded
from igaku.training.literal import IGNORED, Example

if TYPE_CHECKING:
    from torch import Tensor

Item: TypeAlias = Packed | Pair
Items: TypeAlias = Sequence[Packed] | Sequence[Pair]


def order(n: int, batch: int, steps: int, seed: int) -> Iterator[list[int]]:
    """Which sequences each update reads: every one once an epoch, in an order known from the seed alone."""
    waiting: list[int] = []
    epoch = 0
    for _ in range(steps):
        while len(waiting) < batch:
            shuffled = list(range(n))
            random.Random(f"{seed}/{epoch}").shuffle(shuffled)
            waiting += shuffled
            epoch += 1
        yield waiting[:batch]
        waiting = waiting[batch:]


class Schedule:
    """What each update reads, and how its sequences are shared.

    Attributes:
        updates: of each update, its sequences' numbers.
        micro: sequences of one pass.

    Raises:
        IgakuError: the processes cannot share a batch evenly.
    """

    def __init__(self, items: Items, steps: int, config: Config, processes: int) -> None:
        t = config.train
        self.micro = micro_of(config, processes)
        self.updates = list(order(len(items), t.batch, steps, t.seed))
        self._items, self._processes = items, processes

    @property
    def passes(self) -> int:
        """Passes of an update, in each process."""
        return len(self.updates[0]) // (self.micro * self._processes)

    def __len__(self) -> int:
        return sum(map(len, self.updates))

    def __iter__(self) -> Iterator[int]:
        """Numbers of sequences: ``micro`` of the first process, of the second, and so on; items alike in one pass."""
        for update in self.updates:
            alike = sorted(update, key=lambda n: _width(self._items[n]))
            shares = [alike[rank :: self._processes] for rank in range(self._processes)]
            for at in range(0, len(shares[0]), self.micro):
                for share in shares:
                    yield from share[at : at + self.micro]


def micro_of(config: Config, processes: int = 1) -> int:
    """Items of one pass in each process: at most ``train.micro``, so that all passes of an update have as many.

    Raises:
        IgakuError: the processes cannot share a batch evenly.
    """
    t = config.train
    if t.batch % processes:
        raise IgakuError(f"train.batch {t.batch} cannot be shared by {processes} processes; make it a multiple")
    share = t.batch // processes
    most = 1 if config.method.objective == "rpo" else t.micro  # each pair's likelihood has its own length
    return max(m for m in range(1, min(most, share) + 1) if share % m == 0)


def _width(item: Item) -> int:
    """Tokens that a pass over it must be wide for."""
    return max(len(item.chosen.ids), len(item.rejected.ids)) if isinstance(item, Pair) else len(item.ids)


def weight_of(item: Item) -> int:
    """Labelled tokens of a sequence; 1 for a pair."""
    return 1 if isinstance(item, Pair) else sum(label != IGNORED for label in item.labels)


def tokens_of(item: Item) -> int:
    """Tokens of an item, without padding."""
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


def sequences(items: Sequence[Packed]) -> "dict[str, Tensor]":
    """[b, t] ids, labels and positions, which keep documents apart."""
    import torch

    rows = padded(items, 0)
    names = {"ids": "input_ids", "labels": "labels", "positions": "position_ids"}
    return {theirs: torch.tensor([getattr(r, ours) for r in rows]) for ours, theirs in names.items()}


def flat_sequences(items: Sequence[Packed]) -> "dict[str, Tensor | int]":
    """[1, b * t], with where each document begins, as kernels for variable lengths want it."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    rows = [{"input_ids": i.ids, "labels": i.labels, "seq_lengths": _lengths(i.positions)} for i in items]
    flat: dict[str, Tensor | int] = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)(rows)
    return flat


def _lengths(positions: Sequence[int]) -> list[int]:
    """Of the documents of a sequence."""
    starts = [n for n, position in enumerate(positions) if position == 0]
    return [end - start for start, end in zip(starts, [*starts[1:], len(positions)])]


def pairs(items: Sequence[Pair]) -> "dict[str, Tensor]":
    """[2 b, t] chosen answers, then rejected ones, right-padded; the mask of what is compared."""
    import torch

    rows = [p.chosen for p in items] + [p.rejected for p in items]
    width = max(len(r.ids) for r in rows)

    def filled(values: Sequence[Sequence[int]]) -> "Tensor":
        return torch.tensor([[*v, *[0] * (width - len(v))] for v in values])

    def learnt(row: Example) -> list[int]:
        return [int(label != IGNORED) for label in row.labels]

    return {
        "input_ids": filled([r.ids for r in rows]),
        "attention_mask": filled([[1] * len(r.ids) for r in rows]),
        "completion_mask": filled([learnt(r) for r in rows]),
    }
