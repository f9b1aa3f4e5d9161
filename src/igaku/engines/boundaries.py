"""Lengths at which an architecture changes what it does: windows, chunks, top-k attention, a switch of its positions.

Configurations name them differently; whatever is found here only says where a faster way of computing is tried
again, and which prompts are computed apart. Whether it is right is always measured (``engines.ways``).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from igaku.engines.config_fields import field

_NAMES = re.compile(
    r"window|chunk_size|index_topk|local_attention|block_size|original_max_position|attention_size", re.I
)
_OTHER = re.compile(r"layers|pattern|feed_forward|^use_|vision|audio|image|conv|quant")
_LENGTHS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "max_sequence_length",
    "seq_length",
    "n_ctx",
    "context_length",
)
LEAST = 8
"""A smaller number is no length in tokens (a flag, a kernel)."""


def boundaries(config: object) -> list[int]:
    """Lengths in tokens, ascending; empty for ordinary full attention."""
    return sorted(set(_numbers(_text(config))))


def rope_switch(config: object) -> int:
    """The length beyond which LongRoPE takes other factors, for a whole batch at once; 0 for other models."""
    for name in ("rope_parameters", "rope_scaling"):
        for rope in _ropes(_text(config).get(name)):
            if str(rope.get("rope_type") or rope.get("type")) in ("longrope", "su"):
                own = rope.get("original_max_position_embeddings")
                found = own or _text(config).get("original_max_position_embeddings")
                return int(found) if isinstance(found, int | float) else 0
    return 0


def longest_context(config: object) -> int:
    """The longest prompt plus reply, in tokens, by whatever name a configuration has for it; 4096 where it has none."""
    fields = _text(config)
    found = [fields.get(name, field(config, name)) for name in _LENGTHS]
    return next((int(n) for n in found if isinstance(n, int) and n > 0), 4096)


def _text(config: object) -> dict[str, Any]:
    """A configuration's fields, as its text model has them."""
    inner = getattr(config, "get_text_config", lambda: config)()
    to_dict = getattr(inner, "to_dict", None)
    return dict(to_dict()) if to_dict else dict(vars(inner))


def _ropes(value: object) -> Iterator[Mapping[str, Any]]:
    """Position settings: one mapping, or one a kind of layer."""
    if isinstance(value, Mapping):
        yield value
        yield from (v for v in value.values() if isinstance(v, Mapping))


def _numbers(fields: Mapping[str, Any]) -> Iterator[int]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _numbers(value)
        elif _NAMES.search(str(name)) and not _OTHER.search(str(name)):
            values = value if isinstance(value, list | tuple) else [value]
            yield from (v for v in values if isinstance(v, int) and not isinstance(v, bool) and v >= LEAST)
