from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.config import Config, Network, Pretrain, config_names, load_config
from igaku.cardiology.ecg.signal import Contract
from igaku.cardiology.metrics import auroc
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytestmark = pytest.mark.torch

from safetensors.torch import load_file  # noqa: E402

from igaku.cardiology.ecg.mae import Encoder, MaskedAutoencoder, Shape, patchify, unpatchify  # noqa: E402
from igaku.cardiology.ecg.pretrain import or_plain, pretrain  # noqa: E402
from igaku.cardiology.networks import bf16_autocast  # noqa: E402


def test_the_paper_s_numbers() -> None:
    shape = Shape()
    assert (shape.steps, shape.tokens) == (20, 240)
    model = MaskedAutoencoder("tiny", decoder=(32, 1, 4))
    visible, hidden = model.draw(3)
    assert visible.shape == (3, 60) and hidden.sum(1).tolist() == [180] * 3
    assert not hidden.gather(1, visible).any()


def test_patches_go_back_to_the_signal() -> None:
    x = torch.randn(2, 12, 5000)
    assert torch.equal(unpatchify(patchify(x, Shape()), Shape()), x)
    assert torch.equal(patchify(x, Shape())[0, 21], x[0, 1, 250:500])


@pytest.mark.parametrize("pos_embed", ["joint", "split"])
def test_hidden_patches_cannot_leak_and_only_they_are_scored(pos_embed: str) -> None:
    model = MaskedAutoencoder("tiny", pos_embed=pos_embed, decoder=(32, 1, 4)).eval()
    x = torch.randn(2, 12, 5000)
    visible, hidden = model.draw(2)
    patches = patchify(x, Shape())
    other = torch.where(hidden.unsqueeze(-1), torch.randn_like(patches), patches)
    assert torch.equal(model(x, visible), model(unpatchify(other, Shape()), visible))
    predicted = model(x, visible)
    wanted = ((predicted - patches) ** 2).mean(-1)[hidden].mean()
    assert float(model.loss(x, visible, hidden).detach()) == pytest.approx(float(wanted), rel=1e-5)
    assert not torch.allclose(model(x, visible), model(x, visible, full=True))


def test_the_encoder_knows_where_a_patch_was() -> None:
    encoder = Encoder("tiny").eval()
    x = torch.zeros(1, 12, 5000)
    out = encoder(x)
    assert out.shape == (1, 240, 96) and not torch.allclose(out[0, 0], out[0, 21])


@pytest.mark.parametrize("name", config_names())
def test_every_config_is_read_and_its_signal_divides(name: str) -> None:
    config = load_config(name)
    assert config.about and config.shape.tokens > 0


def test_the_generator_s_best_score_cannot_be_beaten_by_its_own_numbers() -> None:
    cohort = synthetic.cohort(1500, seed=5)
    truth, best = cohort.ef < 40, synthetic.best_score(cohort.features)
    assert 0.90 < auroc(truth, best) < 0.96 and 0.1 < truth.mean() < 0.3
    for k in range(3):
        assert auroc(truth, cohort.features[:, k]) < auroc(truth, best) and auroc(
            truth, -cohort.features[:, k]
        ) < auroc(truth, best)
    shares = [(float(best[k].mean()), float(truth[k].mean())) for k in np.array_split(np.argsort(best), 5)]
    assert all(abs(a - b) < 0.06 for a, b in shares)  # its probabilities are calibrated
    again = synthetic.cohort(3, seed=5)
    assert np.array_equal(again.records[0].signal, synthetic.cohort(3, seed=5).records[0].signal)


def test_probabilities_at_the_edge_of_what_the_generator_draws_count_all_that_was_clipped() -> None:
    edge = np.array([[60.0, 1.0, 0.3], [200.0, 1.0, 0.3], [61.0, 1.0, 0.3]])
    scores = synthetic.best_score(edge)
    assert scores[1] > 0.99 > scores[0] and abs(scores[0] - scores[2]) < 0.05


def test_the_half_precision_of_a_gpu_gives_nearly_the_same_loss_and_whole_gradients() -> None:
    torch.manual_seed(0)
    model = MaskedAutoencoder("tiny", decoder=(32, 1, 4))
    x = torch.randn(2, 12, 5000)
    visible, hidden = model.draw(2)
    plain = model.loss(x, visible, hidden)
    with bf16_autocast("cpu", enabled=True):
        rough = model.loss(x, visible, hidden)
    rough.backward()
    assert float(rough.detach()) == pytest.approx(float(plain.detach()), rel=0.02) and rough.dtype == torch.float32
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in model.parameters())


def test_reading_ahead_changes_no_bit_of_what_a_plain_loop_learns(tmp_path: Path) -> None:
    signals = np.random.default_rng(1).normal(0, 1, (10, 12, 500)).astype(np.float32)
    config = Config(
        contract=Contract(rate=50),
        network=Network(size="tiny", patch=100, decoder=(32, 1, 4)),
        pretrain=Pretrain(epochs=2, warmup=1, batch=4),
    )
    losses = pretrain(signals, config, tmp_path / "run")
    p, n = config.pretrain, config.network
    torch.manual_seed(config.seed)
    model = MaskedAutoencoder(n.size, config.shape, n.pos_embed, n.ratio, n.decoder).train()
    rate = p.lr * p.batch / 256
    flat = [q for name, q in model.named_parameters() if q.ndim < 2 or "pos_embed" in name]
    matrices = [q for q in model.parameters() if not any(q is f for f in flat)]
    groups = [{"params": matrices, "weight_decay": p.weight_decay}, {"params": flat, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95))
    rng = torch.Generator().manual_seed(config.seed)
    wanted = []
    for factors in ((1 / 3, 2 / 3, 1), (1, 0.75, 0.25)):  # three updates up, and three down half a cosine
        total = 0.0
        for some, factor in zip(torch.split(torch.randperm(10, generator=rng), p.batch), factors):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            batch = torch.from_numpy(signals[np.sort(some.numpy())])
            loss = model.loss(batch, *model.draw(len(batch), rng))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            total += float(loss.detach()) * len(batch)
        wanted.append(total / 10)
    assert torch.tensor(losses).equal(torch.tensor(wanted))
    kept = load_file(tmp_path / "run/autoencoder.safetensors")
    assert all(torch.equal(kept[name], tensor) for name, tensor in model.state_dict().items())


def test_where_a_compiler_fails_the_plain_loss_is_computed_from_then_on() -> None:
    calls: list[str] = []

    def fast(x: torch.Tensor) -> torch.Tensor:
        calls.append("fast")
        raise RuntimeError("no compiler")

    def plain(x: torch.Tensor) -> torch.Tensor:
        calls.append("plain")
        return x + 1

    loss = or_plain(fast, plain)
    assert [int(loss(torch.tensor(i))) for i in range(3)] == [1, 2, 3]
    assert calls == ["fast", "plain", "plain", "plain"]

    def broken(x: torch.Tensor) -> torch.Tensor:
        raise ValueError("the network's own")

    with pytest.raises(ValueError, match="own"):
        or_plain(fast, broken)(torch.tensor(0))


def test_pre_training_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    signals = np.random.default_rng(0).normal(0, 1, (12, 12, 500)).astype(np.float32)
    config = Config(
        contract=Contract(rate=50),
        network=Network(size="tiny", patch=100, decoder=(32, 1, 4)),
        pretrain=Pretrain(epochs=4, warmup=1, batch=4),
    )

    def killed(epoch: int, loss: float, seconds: float) -> None:
        if epoch == 3:
            raise KeyboardInterrupt

    whole = pretrain(signals, config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        pretrain(signals, config, tmp_path / "cut", killed, save_every=0)
    seen: list[int] = []
    assert pretrain(signals, config, tmp_path / "cut", lambda e, *_: seen.append(e)) == whole and seen == [3, 4]
    assert (tmp_path / "cut/autoencoder.safetensors").read_bytes() == (
        tmp_path / "whole/autoencoder.safetensors"
    ).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        pretrain(signals, config, tmp_path / "cut", killed, save_every=0)
    with pytest.raises(IgakuError, match="give another --out"):
        pretrain(signals + 1, config, tmp_path / "cut")
