"""FlexAttention for packed trees whose mask of T x T would not fit beside the model; else the model's own attention."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from igaku.engines.budget import free_memory

if TYPE_CHECKING:
    from transformers import PreTrainedModel

SHARE = 8
"""A mask may take an eighth of the free memory of a GPU."""


@contextmanager
def attention_for(model: "PreTrainedModel", shape: Sequence[int], width: int) -> Iterator[None]:
    """Within it, the model's attention takes a mask of this size: (rows, tokens) behind ``width`` cached ones.

    An architecture that has no FlexAttention stays as it is; where its batch then does not fit, the halves are tried.
    """
    before = model.config._attn_implementation
    if not wants_flex(model, shape, width):
        yield
        return
    model.set_attn_implementation("flex_attention")
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def wants_flex(model: "PreTrainedModel", shape: Sequence[int], width: int) -> bool:
    """Whether a mask is too large for this GPU, and the architecture can do without."""
    if model.device.type != "cuda" or not getattr(model, "_supports_flex_attn", False):
        return False
    rows, longest = shape
    # the mask in the model's numbers, and the two of one byte that it is made from
    return rows * longest * (width + longest) * (model.dtype.itemsize + 2) > free_memory() // SHARE
