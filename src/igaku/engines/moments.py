"""Log-probabilities of a text's own tokens, with their mean and deviation under the model (for Min-K%++)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from igaku.engines.logits import Failed, halving, most_rows, projecting_only, rows_at_once
from igaku.engines.tree import batches

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


class Moments(NamedTuple):
    """Of a text's tokens from the second on: log-probabilities, and mean and deviation of those of all tokens there."""

    logprobs: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]


def token_moments(
    model: "PreTrainedModel", texts: Sequence[Sequence[int]], budget: int, pad: int
) -> Iterator[tuple[int, Moments | Failed]]:
    """Yield (index, moments of the tokens from the second on), longest texts first.

    Mean and standard deviation of the log-probability under the model's own distribution at each position.
    """
    import torch

    def run(part: list[int]) -> list[Moments]:
        longest = max(len(texts[i]) for i in part)
        tokens = torch.tensor([[*texts[i], *[pad] * (longest - len(texts[i]))] for i in part], device=model.device)
        seen = torch.tensor([[1] * len(texts[i]) + [0] * (longest - len(texts[i])) for i in part], device=model.device)
        rows = torch.tensor([b for b, i in enumerate(part) for _ in texts[i][1:]], device=model.device)
        columns = torch.tensor([j for i in part for j in range(len(texts[i]) - 1)], device=model.device)
        with torch.inference_mode(), projecting_only(model, rows, columns, longest):
            logits = model(input_ids=tokens, attention_mask=seen, use_cache=False).logits[0]
        targets = torch.tensor([t for i in part for t in texts[i][1:]], device=model.device)
        size = rows_at_once(logits)
        pieces = [_moments(some, t) for some, t in zip(torch.split(logits, size), torch.split(targets, size))]
        found = torch.cat(pieces).tolist()
        out, at = [], 0
        for i in part:
            mine, at = found[at : at + len(texts[i]) - 1], at + len(texts[i]) - 1
            out.append(Moments(*zip(*mine)) if mine else Moments((), (), ()))
        return out

    for group in batches([len(t) for t in texts], min(budget, most_rows(model))):
        yield from halving(group, run)


def _moments(logits: "Tensor", targets: "Tensor") -> "Tensor":
    import torch

    logs = torch.log_softmax(logits.float(), -1)
    p = logs.exp()
    mean = (p * logs).sum(-1)
    deviation = ((p * logs.square()).sum(-1) - mean.square()).clamp_min(0).sqrt()
    return torch.stack([logs.gather(-1, targets[:, None])[:, 0], mean, deviation], -1)
