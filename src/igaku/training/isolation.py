"""Whether documents that share a sequence see each other in this model: tried, not believed.

Attention follows positions in most models; layers with a running state (Qwen3-Next, Qwen3.5, Nemotron-H, Falcon-H1) and
models that build their own masks (gpt-oss) let a document see the one before it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

LENGTHS = (24, 20)
"""Tokens of the two documents of a trial."""
TRIALS = 3
FLOOR = 1e-5
"""Nats that a log-probability may move by without having seen anything."""
NOISE = 10
"""Times the movement that a later document causes, which no model can see."""


def documents_mix(network: Any) -> bool:
    """Whether the log-probabilities of a document change with the one before it in its sequence.

    Three pairs of documents are read in the mode that the network is in, with equal dropout: weights in 4 bits are
    packed anew by a pass in evaluation mode. What a change of the *later* document moves in the earlier one is the
    kernels' own noise, as causal models cannot see it.
    """
    import torch

    with torch.no_grad():
        moved = [_moved(network, seed) for seed in range(TRIALS)]
    noise = max(by_later for _, by_later in moved)
    return any(by_earlier > max(FLOOR, NOISE * noise) for by_earlier, _ in moved)


def _moved(network: Any, seed: int) -> tuple[float, float]:
    """Largest change of a log-probability when the earlier document is exchanged, and when the later one is."""
    import torch

    rng = torch.Generator().manual_seed(seed)
    first, second = LENGTHS
    top = int(network.get_input_embeddings().num_embeddings)
    a, b, c, d = (torch.randint(top, (n,), generator=rng) for n in (first, first, second, second))
    positions = torch.cat([torch.arange(first), torch.arange(second)])

    def read(one: "Tensor", other: "Tensor") -> "Tensor":
        return _logprobs(network, torch.cat([one, other]), positions)

    plain = read(a, c)
    earlier, later = read(b, c), read(a, d)
    return (
        float((plain[first:] - earlier[first:]).abs().max()),
        float((plain[: first - 1] - later[: first - 1]).abs().max()),
    )


def _logprobs(network: Any, ids: "Tensor", positions: "Tensor") -> "Tensor":
    """[t, v] of one sequence."""
    import torch

    torch.manual_seed(0)
    device = network.get_input_embeddings().weight.device
    out = network(input_ids=ids[None].to(device), position_ids=positions[None].to(device), use_cache=False)
    return torch.log_softmax(out.logits[0].float(), -1)
