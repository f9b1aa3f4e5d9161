"""Parts of every scorer: a forward pass that gives logits only where something is predicted, and sums of their
log-probabilities, in pieces and batches that fit into memory.

For a packed tree a hook on the output layer picks those positions, so that whatever a model does around that layer
(scaling, soft-capping) still happens.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from igaku.engines.budget import logit_bytes
from igaku.engines.tree import Scored
from igaku.errors import IgakuError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

Questions = Sequence[Sequence[Scored]]
T = TypeVar("T")


class Failed(NamedTuple):
    """Why one question has no numbers."""

    why: str


Sums = list[float] | Failed
"""One log-likelihood a sequence of a question."""
PIECE = 1 << 20
"""Logits normalised at once: pieces that stay in the processor's cache are 3 to 8 times as fast as large ones."""


def head_of(model: Any) -> Any:
    """The layer that projects onto the vocabulary (transformers leaves the method without types)."""
    return model.get_output_embeddings()


@contextmanager
def projecting_only(model: "PreTrainedModel", rows: "Tensor", columns: "Tensor", length: int = 0) -> Iterator[None]:
    """Within it, a forward pass returns logits of shape (1, N, V) for the N positions (rows, columns) only.

    Args:
        length: tokens of the text; a RuntimeError where the architecture puts positions of its own before it. 0: any.
    """

    def pick(_: object, args: "tuple[Tensor, ...]") -> "tuple[Tensor, ...]":
        if length and args[0].shape[1] != length:
            raise RuntimeError(f"the architecture gives {args[0].shape[1]} positions for {length} tokens")
        where = args[0].device  # of a model over several cards the last one
        return (args[0][rows.to(where), columns.to(where)][None], *args[1:])

    handle = head_of(model).register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()


def most_rows(model: "PreTrainedModel") -> int:
    """Positions whose logits, in float32, fit (``engines.budget``)."""
    return max(1, logit_bytes(model.device.type) // (4 * len(head_of(model).weight)))


def halving(part: list[int], run: Callable[[list[int]], list[T]]) -> Iterator[tuple[int, T | Failed]]:
    """Run a batch; where it fails (e.g. out of memory) its halves, down to one item, whose failure is ``Failed``."""
    try:
        yield from zip(part, run(part))
    except IgakuError:
        raise
    except Exception as error:  # an architecture's own code raises what it likes
        yield from halved(part, run, error)


def halved(part: list[int], run: Callable[[list[int]], list[T]], error: Exception) -> Iterator[tuple[int, T | Failed]]:
    """The halves of a batch that failed, as of ``halving``."""
    if len(part) == 1:
        first = next(iter(str(error).splitlines()), "")
        yield part[0], Failed(f"{type(error).__name__}: {first[:300]}")
        return
    for half in (part[: len(part) // 2], part[len(part) // 2 :]):
        yield from halving(half, run)


def rows_at_once(logits: "Tensor") -> int:
    """Positions normalised at once."""
    return max(1, PIECE // logits.shape[-1]) if logits.device.type == "cpu" else 256


def log_probs(logits: "Tensor", index: "Tensor", target: "Tensor") -> "Tensor":
    """(M,) float32 log-probabilities of tokens ``target``, each at row ``index`` of logits (N, V); in small pieces."""
    import torch

    index, target = index.to(logits.device), target.to(logits.device)
    norm = torch.cat([torch.logsumexp(piece.float(), -1) for piece in torch.split(logits, rows_at_once(logits))])
    return logits[index, target].float() - norm[index]


def summed(values: Sequence[float], lengths: Sequence[Sequence[int]]) -> list[list[float]]:
    """One sum a sequence, a list a tree, from the values of all their tokens in that order."""
    out, at = [], 0
    for tree in lengths:
        sums = []
        for n in tree:
            sums.append(float(sum(values[at : at + n])))
            at += n
        out.append(sums)
    return out


def brought_back(values: "Tensor") -> "Callable[[], list[float]]":
    """What waits for numbers on their way from a device; until it is called nothing waits, and the device works on."""
    if values.device.type != "cuda":
        return values.tolist
    import torch

    here = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
    here.copy_(values, non_blocking=True)
    event: Any = torch.cuda.Event  # torch leaves it without types
    arrived = event()
    arrived.record(torch.cuda.current_stream(values.device))

    def wait() -> list[float]:
        arrived.synchronize()
        found: list[float] = here.tolist()
        return found

    return wait
