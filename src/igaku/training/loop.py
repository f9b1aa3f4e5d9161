"""The plain loop: texts, packed into blocks in the order given, next-token loss on every token, AdamW, safetensors out.

Small on purpose: it makes the positive control of the contamination probes (a model that has read a benchmark) in minutes
on a processor. Every weight is trained.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, missing_extra


def train(
    model: str | Path,
    texts: Sequence[str],
    out: str | Path,
    *,
    epochs: int = 8,
    lr: float = 1e-4,
    block: int = 512,
    batch: int = 2,
    seed: int = 0,
    on_step: Callable[[int, int, float], None] | None = None,
) -> list[float]:
    """Continue the pre-training of a local model on texts, and save it with its tokenizer.

    Args:
        model: a folder with config.json and safetensors.
        texts: joined by blank lines in this order, then cut into blocks, so that the order itself can be learnt.
        block, batch: tokens a block and blocks a step; blocks come in a random order, anew each epoch.

    Returns:
        The mean loss in nats a token of each epoch.

    Raises:
        IgakuError: no text, the folder is no model, or the loss is no number (the rate is too high).
    """
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise missing_extra("torch", "hf") from None
    torch.manual_seed(seed)
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(model))
        network: Any = AutoModelForCausalLM.from_pretrained(str(model), dtype=torch.float32, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise IgakuError(f"{model}: transformers cannot load it ({str(error).splitlines()[0][:200]})") from None
    blocks = packed(tokenizer("\n\n".join(texts))["input_ids"], block)
    if not blocks:
        raise IgakuError("no text to train on")
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=0.0)
    network.train()
    losses = []
    for epoch in range(epochs):
        total, tokens = 0.0, 0
        for step, rows in enumerate(_batches(blocks, batch, random.Random(f"{seed}/{epoch}"))):
            loss, n = _step(network, optimizer, rows)
            if not math.isfinite(loss):
                raise IgakuError(f"the loss is no number at epoch {epoch + 1}, step {step + 1}; lower lr ({lr:g})")
            total, tokens = total + loss * n, tokens + n
            if on_step:
                on_step(epoch, step, loss)
        losses.append(total / tokens)
    network.eval()
    network.save_pretrained(str(out), safe_serialization=True)
    tokenizer.save_pretrained(str(out))
    return losses


def packed(tokens: Sequence[int], block: int) -> list[list[int]]:
    """Blocks of equal length; what is left over (two tokens or more) is a shorter one."""
    cut = [list(tokens[i : i + block]) for i in range(0, len(tokens), block)]
    return [b for b in cut if len(b) > 1]


def _batches(blocks: Sequence[list[int]], size: int, dice: random.Random) -> Iterator[list[list[int]]]:
    order = list(blocks)
    dice.shuffle(order)
    for length in sorted({len(b) for b in order}, reverse=True):
        mine = [b for b in order if len(b) == length]
        for i in range(0, len(mine), size):
            yield mine[i : i + size]


def _step(network: Any, optimizer: Any, rows: Sequence[list[int]]) -> tuple[float, int]:
    """One update; blocks of one length, so that nothing is padded."""
    import torch

    tokens = torch.tensor(rows, device=network.device)
    loss = network(input_ids=tokens, labels=tokens).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach()), tokens.numel() - len(rows)
