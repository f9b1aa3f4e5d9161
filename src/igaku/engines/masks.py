"""What each token of packed trees sees, made where the model is, from two integers a token."""

from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.engines.config_fields import field

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

BLOCK = 128
"""FlexAttention leaves out whole blocks of 128 x 128 that nothing sees."""


class Seen(NamedTuple):
    """Trees behind a cache, as tensors on one device.

    ``last``, ``positions``: (B, T), as of ``engines.tree.Batch``; ``heads``: (B,), how many of the ``width`` cached
    tokens each row sees.
    """

    last: "Tensor"
    positions: "Tensor"
    heads: "Tensor"
    width: int


def visible(seen: Seen, window: int = 0) -> "Tensor":
    """(B, T, width + T) bool: whether a token sees a cached one, or one of its tree (its ancestors and itself).

    Cut to a sliding window if there is one: a token sees itself and the ``window - 1`` tokens before it, by depth.
    """
    import torch

    size, longest = seen.last.shape
    at = torch.arange(longest, device=seen.last.device)
    own = (at <= at[:, None]) & (at[:, None] <= seen.last[:, None, :])
    if not seen.width and not window:
        return own
    before = torch.arange(seen.width, device=seen.last.device)
    known = (before < seen.heads[:, None])[:, None, :].expand(size, longest, seen.width)
    found = torch.cat([known, own], 2)
    if window:
        keys = torch.cat([before - seen.heads[:, None], seen.positions], 1)
        found &= seen.positions[:, :, None] - keys[:, None, :] < window
    return found


def additive(found: "Tensor", model: "PreTrainedModel") -> "Tensor":
    """A bool mask as (B, 1, T, width + T): 0 where seen, the lowest number of the model's type where not."""
    import torch

    mask = torch.zeros(found.shape, dtype=model.dtype, device=found.device)
    return mask.masked_fill_(~found, torch.finfo(model.dtype).min)[:, None]


def blocks(seen: Seen, window: int = 0) -> Any:
    """The same for FlexAttention (``torch.nn.attention.flex_attention.BlockMask``): nothing of size T x T is held."""
    from torch.nn.attention.flex_attention import create_block_mask

    last, positions, heads, width = seen

    def is_visible(b: "Tensor", _: "Tensor", query: "Tensor", key: "Tensor") -> "Tensor":
        node = (key - width).clamp(min=0)
        found = ((key < width) & (key < heads[b])) | ((key >= width) & (node <= query) & (query <= last[b, node]))
        if not window:
            return found
        depth = (key < width) * (key - heads[b]) + (key >= width) * positions[b, node]
        return found & (positions[b, query] - depth < window)

    size, longest = last.shape
    return create_block_mask(is_visible, size, None, longest, width + longest, device=last.device, BLOCK_SIZE=BLOCK)


def masks(model: "PreTrainedModel", seen: Seen) -> Any:
    """The mask a model's layers need: one, or one a kind of layer where full and sliding attention mix."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    window = field(config, "sliding_window")
    full = _mask(model, seen)
    if not isinstance(window, int) or not window or (kinds and "sliding_attention" not in kinds):
        return dict.fromkeys(kinds, full) if len(kinds) > 1 else full
    reach = seen.width + seen.last.shape[1]
    sliding = full if reach <= window else _mask(model, seen, window)
    if not kinds:
        return sliding
    return {kind: sliding if kind == "sliding_attention" else full for kind in kinds}


def _mask(model: "PreTrainedModel", seen: Seen, window: int = 0) -> Any:
    if model.config._attn_implementation == "flex_attention":
        return blocks(seen, window)
    return additive(visible(seen, window), model)
