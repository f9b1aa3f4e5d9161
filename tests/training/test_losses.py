from typing import Any

import pytest

from igaku.training.config import Data
from igaku.training.examples import packed
from igaku.training.literal import Example

from ..engines.conftest import tiny

pytestmark = pytest.mark.torch
KINDS = ("llama", "qwen3", "gemma3", "gemma2", "gpt_neox")


def network(kind: str) -> Any:
    if kind != "gpt_neox":
        return tiny(kind)
    import torch
    import transformers as t

    torch.manual_seed(1)
    return t.AutoModelForCausalLM.from_config(
        t.GPTNeoXConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, vocab_size=300
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_packed_documents_do_not_see_each_other(kind: str) -> None:
    import torch

    from igaku.training.losses import next_token

    model = network(kind).eval()
    found = [
        Example(list(range(5, 25)), list(range(5, 25))),
        Example(list(range(100, 130)), list(range(100, 130))),
        Example([7] * 6, [7] * 6),
    ]
    (whole,) = packed(found, Data(block=64), 0)
    loss = next_token(model, model.forward, *(torch.tensor([x]) for x in whole))
    alone = 0.0
    for e in found:
        ids = torch.tensor([e.ids])
        alone += float(
            torch.nn.functional.cross_entropy(model(input_ids=ids).logits[0, :-1].float(), ids[0, 1:], reduction="sum")
        )
    assert float(loss) == pytest.approx(alone, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_the_plain_loss(kind: str) -> None:
    import torch

    from igaku.training.losses import next_token

    ids = torch.randint(1, 300, (2, 24), generator=torch.Generator().manual_seed(0))
    labels = ids.clone()
    labels[:, :9] = -100
    positions = torch.arange(24).expand(2, -1)
    plain, ours = network(kind), network(kind)
    logits = plain(input_ids=ids).logits[:, :-1].float()
    wanted = torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), reduction="sum"
    )
    wanted.backward()
    loss = next_token(ours, ours.forward, ids, labels, positions)
    (loss * 2.0).backward()
    assert float(loss) == pytest.approx(float(wanted), rel=1e-5)
    for (name, a), b in zip(plain.named_parameters(), ours.parameters()):
        assert torch.allclose(2 * a.grad, b.grad, atol=2e-4, rtol=1e-3), name
