"""How much memory a run will need, and how long it will take, by arithmetic: before it is started.

Activations after Korthikanti et al. (2022, section 4): 34 bytes a token, layer and hidden unit in 16 bits, without the
attention matrix, which today's kernels do not store; with recomputation, 2 bytes and one layer in full.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.training.config import Config

if TYPE_CHECKING:
    from torch import nn

ACTIVATION = 34
PIECE = 256
"""Positions whose words are projected at a time (``igaku.training.losses``, and trl on a GPU)."""
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12}
"""Operations a second of dense bfloat16 by the maker's data sheets."""
GIB = 1 << 30
NF4 = 0.55
"""Bytes of a weight in 4 bits, with its share of the scales."""
BYTES = {"float32": 4.0, "bfloat16": 2.0}
STATES = {"adamw": 2, "adamw-8bit": 0, "paged-adamw-8bit": 0, "adafactor": 0}
"""Numbers that an optimizer holds of each weight, in its precision; Adafactor's are of rows and columns."""
EIGHT_BITS = 2
"""Bytes of the two numbers of each weight in 8 bits."""


class Memory(NamedTuple):
    """Bytes on one device."""

    weights: float
    optimizer: float
    """Gradients, and what the optimizer holds of each weight."""
    activations: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)

    def line(self, config: Config, has: float = 0.0) -> str:
        """One line for the user.

        Args:
            has: bytes of the device; 0 where they are not known.
        """
        parts = ", ".join(f"{n} {v / GIB:.1f}" for n, v in zip(self._fields, self))
        text = f"memory: about {self.total / GIB:.1f} GB ({parts})"
        return f"{text}; the device has {has / GIB:.0f}: {_change(self, config)}" if 0 < has < self.total else text


def needed(network: "nn.Module", config: Config, devices: int = 1) -> Memory:
    """What a network will need that is loaded, or on the meta device at full size.

    Args:
        devices: GPUs; with ``train.shard`` each holds its part.
    """
    sizes: Any = network.config
    sizes = sizes.get_text_config() if hasattr(sizes, "get_text_config") else sizes
    every = [(p.numel(), p.requires_grad, _bytes(p, config)) for p in network.parameters()]
    trained = sum(n for n, is_trained, _ in every if is_trained)
    hidden, layers, words = sizes.hidden_size, sizes.num_hidden_layers, sizes.vocab_size
    tokens = config.train.micro * config.data.block * (2 if config.data.form == "preference" else 1)
    width = 2 if config.model.dtype == "float32" else 1
    one = ACTIVATION * width * tokens * hidden
    inside = one + 2 * width * tokens * hidden * layers if config.train.recompute else one * layers
    head = words * 4 * 3 * PIECE
    weights, parts = sum(n * b for n, _, b in every), devices if config.train.shard else 1
    if config.data.form == "preference" and config.method.kind == "full":
        weights *= 2  # the model as it was
    return Memory(weights / parts, _learning(config) * trained / parts, inside + head)


def _learning(config: Config) -> float:
    """Bytes of a weight's gradient, and of what the optimizer holds of it."""
    t = config.train
    return BYTES[t.hold] * (1 + STATES[t.optimizer]) + (EIGHT_BITS if t.optimizer.endswith("8bit") else 0)


def device_bytes() -> float:
    """Of the GPU that this process uses; 0 without one."""
    import torch

    return float(torch.cuda.mem_get_info()[1]) if torch.cuda.is_available() else 0.0


def hours(network: "nn.Module", tokens: float, flops: float, share: float = 0.4) -> float:
    """Hours to read N tokens: 4 operations a weight and token where it is frozen, 6 where it is trained, of a
    mixture's experts only for those that a token goes through.

    Args:
        flops: the device's peak in operations a second.
        share: of the peak that is reached; 0.4 is usual for dense models.
    """
    sizes: Any = network.config
    every = getattr(sizes, "num_local_experts", None) or getattr(sizes, "num_experts", None)
    active = getattr(sizes, "num_experts_per_tok", 1) / every if every else 1.0
    work = sum(
        p.numel() * (6 if p.requires_grad else 4) * (active if p.dim() == 3 else 1) for p in network.parameters()
    )
    return work * tokens / (flops * share) / 3600


def _bytes(parameter: Any, config: Config) -> float:
    """Of one weight: as it is where it is loaded; as the recipe will load it where it is on the meta device."""
    if not parameter.is_meta:
        return float(parameter.element_size())
    if parameter.requires_grad:
        return BYTES[config.train.hold]
    return NF4 if config.model.quantize and parameter.dim() == 2 else BYTES[config.model.dtype]


def _change(memory: Memory, config: Config) -> str:
    """What to lower, the largest part first."""
    t = config.train
    if memory.activations > memory.weights + memory.optimizer:
        lower = "" if t.recompute else "set train.recompute=true, "
        return f"{lower}lower train.micro ({t.micro}) or data.block ({config.data.block})"
    if memory.optimizer > memory.weights / 2 and config.method.kind == "full":
        return (
            f"set method.kind=lora; all weights take {BYTES[t.hold] + _learning(config):.0f} bytes each, with "
            "train.hold=bfloat16 and train.optimizer=adamw-8bit 6; or train.shard=true on several GPUs"
        )
    return "set model.quantize=nf4" if not config.model.quantize else "lower method.r or take a smaller base"
