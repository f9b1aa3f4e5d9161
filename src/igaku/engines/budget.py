"""How much is computed at once, where the user does not say: by free memory on a GPU, by cores and cache elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.config_fields import field

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CORE = 512
"""Tokens a core: fewer leave it waiting for weights that it reads for each batch."""
CACHE = 32 * 2**20
"""Bytes of the last-level cache where the system does not say."""
SPILL = 4
"""Activations of a layer may take 4 times the cache: then the weights, read once a batch, still cost less."""
LEAST, MOST = 1024, 131_072
"""Tokens of a batch on a GPU; beyond 131,072 a 4B model on an H200 gained nothing."""
LOGITS = 400_000_000
"""Bytes of logits held at once on a processor, and at least on a GPU; a batch is cut where it would need more."""


class Sizes(NamedTuple):
    """What a token costs in a model: sizes of its layers, and bytes of a number."""

    hidden: int
    inner: int
    layers: int
    cached: int
    """Numbers of keys and values that one layer keeps of a token."""
    number: int

    @property
    def pass_bytes(self) -> int:
        """Of one token within a layer: the stream, its copies, queries to values, and the feed-forward part."""
        return self.number * (10 * self.hidden + 3 * self.inner)

    @property
    def stored_bytes(self) -> int:
        """Of one token in the key-value cache of all layers."""
        return self.number * self.layers * self.cached


def tokens_on_card(free: int, sizes: Sizes) -> int:
    """Tokens of a scored batch that half of the free memory holds, as a power of two: its pass and its cache."""
    fits = free // 2 // max(1, sizes.pass_bytes + sizes.stored_bytes)
    return min(MOST, max(LEAST, 1 << max(0, fits.bit_length() - 1)))


def tokens_on_cores(cores: int, cache: int, sizes: Sizes) -> int:
    """Tokens of a scored batch on a processor: enough for each core, and near to what its cache holds."""
    near = SPILL * cache // max(1, sizes.pass_bytes)
    return max(CORE // 2, min(CORE * max(1, cores), near // 64 * 64))


def written_on_card(free: int, sizes: Sizes) -> int:
    """Tokens of all rows of a written batch, prompts and replies: two thirds of the free memory hold their cache."""
    return max(LEAST, 2 * free // 3 // max(1, sizes.stored_bytes))


def scored_tokens(model: "PreTrainedModel", given: int) -> int:
    """Tokens computed at once: what the user gave, else what fits."""
    if given:
        return given
    if model.device.type == "cuda":
        return tokens_on_card(free_memory(), sizes_of(model))
    import torch

    return tokens_on_cores(torch.get_num_threads(), cache_bytes(), sizes_of(model))


def written_tokens(model: "PreTrainedModel", scored: int, times: int) -> int:
    """Tokens of a written batch: each step reads all weights for one token a row, so more than a scored one has."""
    if model.device.type == "cuda":
        return min(scored * times, written_on_card(free_memory(), sizes_of(model)))
    return scored * times


def logit_bytes(device: str) -> int:
    """Bytes of logits held at once: on a GPU a sixteenth of what is free."""
    return max(LOGITS, free_memory() // 16) if device == "cuda" else LOGITS


def free_memory() -> int:
    """Bytes that the current GPU can still give, torch's own reserve included."""
    import torch

    free, _ = torch.cuda.mem_get_info()
    return int(free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated())


def cache_bytes(system: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int:
    """The last-level cache of the first core."""
    found = []
    for file in system.glob("index*/size"):
        text = file.read_text().strip()
        unit = {"K": 2**10, "M": 2**20}.get(text[-1:], 1)
        if text.rstrip("KM").isdigit():
            found.append(int(text.rstrip("KM")) * unit)
    return max(found, default=0) or CACHE


def sizes_of(model: "PreTrainedModel") -> Sizes:
    """By whatever names a configuration has for them; what it does not say is taken from its width."""
    config = model.config.get_text_config()

    def one(*names: str, default: int) -> int:
        found = (field(config, name) for name in names)
        return next((n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), default)

    hidden = one("hidden_size", "n_embd", "d_model", default=1024)
    heads = one("num_attention_heads", "n_head", "n_heads", default=16)
    width = one("head_dim", default=max(1, hidden // heads))
    return Sizes(
        hidden,
        one("intermediate_size", "ffn_dim", "n_inner", "d_inner", default=4 * hidden),
        one("num_hidden_layers", "n_layer", "n_layers", default=24),
        2 * width * one("num_key_value_heads", default=heads),
        model.dtype.itemsize,
    )
