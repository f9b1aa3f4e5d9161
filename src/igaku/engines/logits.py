"""Parts of every scorer: a forward pass that gives logits only where something is predicted, and sums of their
log-probabilities, in pieces and batches that fit into memory.

For a packed tree a hook on the output layer picks those positions, so that whatever a model does around that layer
(scaling, soft-capping) still happens.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

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
LOGIT_BYTES = 400_000_000
"""Logits held at once; a batch is cut where its scored positions would need more."""


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
        return (args[0][rows, columns][None], *args[1:])

    handle = head_of(model).register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()


def most_rows(model: "PreTrainedModel") -> int:
    """Positions whose logits, in float32, fit ``LOGIT_BYTES``."""
    return max(1, LOGIT_BYTES // (4 * len(head_of(model).weight)))


def halving(part: list[int], run: Callable[[list[int]], list[T]]) -> Iterator[tuple[int, T | Failed]]:
    """Run a batch; where it fails (e.g. out of memory) its halves, down to one item, whose failure is ``Failed``."""
    try:
        yield from zip(part, run(part))
    except IgakuError:
        raise
    except Exception as error:  # an architecture's own code raises what it likes
        if len(part) == 1:
            first = next(iter(str(error).splitlines()), "")
            yield part[0], Failed(f"{type(error).__name__}: {first[:300]}")
        else:
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                yield from halving(half, run)


def rows_at_once(logits: "Tensor") -> int:
    """Positions normalised at once."""
    return max(1, PIECE // logits.shape[-1]) if logits.device.type == "cpu" else 256


def gather(logits: "Tensor", lookup: list[list[list[tuple[int, int]]]]) -> list[list[float]]:
    """Sum of log-probabilities of each sequence's targets; logits (N, V), normalised in float32 in small pieces."""
    import torch

    flat = [pair for tree in lookup for sequence in tree for pair in sequence]
    index = torch.tensor([p[0] for p in flat], dtype=torch.long, device=logits.device)
    token = torch.tensor([p[1] for p in flat], dtype=torch.long, device=logits.device)
    norm = torch.cat([torch.logsumexp(piece.float(), -1) for piece in torch.split(logits, rows_at_once(logits))])
    values = (logits[index, token].float() - norm[index]).tolist()
    out, at = [], 0
    for tree in lookup:
        sums = []
        for sequence in tree:
            sums.append(float(sum(values[at : at + len(sequence)])))
            at += len(sequence)
        out.append(sums)
    return out
