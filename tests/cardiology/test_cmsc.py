"""The contrast of two stretches of a patient, by hand and on real records."""

import math
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.cmsc import TEMPERATURE, Contrastive, contrast  # noqa: E402
from igaku.cardiology.ecg.config import Config, Network, Pretrain, Shape, load_config  # noqa: E402
from igaku.cardiology.ecg.mae import Encoder  # noqa: E402
from igaku.cardiology.ecg.pretrain import encoder_of, pretrain  # noqa: E402
from igaku.cardiology.ecg.signal import Contract  # noqa: E402
from igaku.cardiology.ecg.store import Store, prepare  # noqa: E402
from igaku.cardiology.ecg.tables import rows_of  # noqa: E402
from igaku.cardiology.metrics import auroc  # noqa: E402
from igaku.io.paths import find_data  # noqa: E402

CONFIG = Config(
    contract=Contract(rate=50),
    network=Network(size="tiny", patch=50, pos_embed="split", decoder=(32, 1, 4)),
    pretrain=Pretrain(epochs=2, warmup=1, batch=8, objective="cmsc"),
)


def test_the_loss_by_hand() -> None:
    one = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    other = torch.tensor([[3.0, 0.0], [1.0, 1.0]])
    a, c = 1 / TEMPERATURE, math.sqrt(0.5) / TEMPERATURE  # cosines 1, 0.707, 0, 0.707 over the temperature
    rows = [math.log(math.exp(a) + math.exp(c)) - a, math.log(1 + math.exp(c)) - c]
    columns = [math.log(math.exp(a) + 1) - a, math.log(2 * math.exp(c)) - c]
    wanted = (sum(rows) / 2 + sum(columns) / 2) / 2
    assert float(contrast(one, other, torch.tensor([0, 1]))) == pytest.approx(wanted, rel=1e-5)


def test_two_records_of_a_patient_are_no_opposites() -> None:
    one = torch.nn.functional.normalize(torch.tensor([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0]]), dim=1)
    apart, together = (contrast(one, one, torch.tensor(p)) for p in ([0, 1, 2], [0, 0, 2]))
    assert float(contrast(one[:2], one[:2], torch.tensor([0, 0]))) == pytest.approx(math.log(2), abs=0.01)
    assert float(together) != float(apart)


def test_the_halves_are_neighbours_of_one_record_and_do_not_overlap() -> None:
    model = Contrastive("tiny", Shape(12, 500, 50))
    first, second = model.draw(4)
    assert first.shape == second.shape == (4, 60)
    assert not set(first.flatten().tolist()) & set(second.flatten().tolist())
    assert set((first % 10).flatten().tolist()) == set(range(5))
    fewer = model.draw(50, torch.Generator().manual_seed(0), mask_leads=0.5)
    assert fewer[0].shape == (50, 30) and not (fewer[0] // 10).equal(fewer[1] // 10), "each half has leads of its own"
    assert all(len(set((row // 10).tolist())) == 6 for tokens in fewer for row in tokens)


def test_a_contrast_is_repeated_resumed_and_fine_tuned_as_an_autoencoder_is(tmp_path: Path) -> None:
    signals = np.random.default_rng(0).normal(0, 1, (12, 12, 500)).astype(np.float32)
    config, patients = replace(CONFIG, pretrain=replace(CONFIG.pretrain, epochs=3)), [f"p{i // 2}" for i in range(12)]

    def killed(epoch: int, loss: float, seconds: float) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    whole = pretrain(signals, config, tmp_path / "a", patients=patients)
    with pytest.raises(KeyboardInterrupt):
        pretrain(signals, config, tmp_path / "b", killed, save_every=0, patients=patients)
    assert pretrain(signals, config, tmp_path / "b", patients=patients) == whole
    assert pretrain(signals, config, tmp_path / "c") != whole, "who is whose matters"
    assert encoder_of(tmp_path / "a", config).width == 96


def test_a_record_of_one_patch_has_no_halves(tmp_path: Path) -> None:
    config = replace(CONFIG, network=replace(CONFIG.network, patch=500))
    with pytest.raises(IgakuError, match="two patches a lead or more"):
        pretrain(np.zeros((2, 12, 500), np.float32), config, tmp_path / "e")


def nearness(encoder: Encoder, store: Store, indices: list[int]) -> float:
    """The chance that the two halves of a record are nearer than halves of two records."""
    shape = encoder.shape
    signal = torch.from_numpy(np.ascontiguousarray(store.signals[indices]))
    tokens = torch.arange(shape.tokens).reshape(shape.leads, shape.steps)
    halves = (tokens[:, : shape.steps // 2].flatten(), tokens[:, shape.steps // 2 :].flatten())
    with torch.no_grad():
        found = [encoder(signal, half.expand(len(signal), -1)).mean(1) for half in halves]
    one, other = (torch.nn.functional.normalize(x - x.mean(0), dim=1) for x in found)
    return auroc(np.eye(len(indices), dtype=bool).ravel(), (one @ other.T).numpy().ravel())


def test_halves_of_a_patient_whom_it_never_saw_are_nearer_after_training(tmp_path: Path) -> None:
    index = find_data("ecg/index.csv")
    if index is None:
        pytest.skip("real ECGs are needed (IGAKU_DATA)")
    quick = ["pretrain.epochs=40", "pretrain.warmup=2", "pretrain.batch=50", "pretrain.lr=0.01"]
    config = load_config("tiny", ["pretrain.objective=cmsc", *quick])
    config = replace(config, contract=replace(config.contract, leads=("I", "II", "V1", "V2", "V5")))
    prepare(rows_of([index], config.source, "dataset=LUDB"), config.contract, tmp_path / "s", workers=1)
    store = Store(tmp_path / "s")
    losses = pretrain(store.signals, config, tmp_path / "e", indices=range(150))
    before = nearness(encoder_of(None, config), store, list(range(150, 200)))
    after = nearness(encoder_of(tmp_path / "e", config), store, list(range(150, 200)))
    assert losses[-1] < losses[0] - 0.2 and after > before + 0.1, (losses[0], losses[-1], before, after)
