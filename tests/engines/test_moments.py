import pytest

from igaku.engines.moments import token_moments

from .conftest import tiny

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("kind", ["llama", "gemma2", "gpt2"])
def test_each_token_and_the_moments_of_its_distribution(kind: str) -> None:
    torch = pytest.importorskip("torch")
    model = tiny(kind)
    texts = [[3, 7, 11, 2], [5, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]]
    found = dict(token_moments(model, texts, 200, 0))
    for i, tokens in enumerate(texts):
        with torch.no_grad():
            logs = torch.log_softmax(model(torch.tensor([tokens])).logits[0, :-1].float(), -1)
        expected = [float(logs[j, t]) for j, t in enumerate(tokens[1:])]
        means = (logs.exp() * logs).sum(-1)
        spread = (logs.exp() * (logs - means[:, None]) ** 2).sum(-1).sqrt()
        got, mean, deviation = found[i]
        assert got == pytest.approx(expected, abs=1e-4)
        assert mean == pytest.approx(means.tolist(), abs=1e-3)
        assert deviation == pytest.approx(spread.tolist(), abs=1e-3)
