"""Models that predict from any leads: a missing lead is missing, never a flat one."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.ecg.record import Record
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.augment import augmented  # noqa: E402
from igaku.cardiology.ecg.config import Config, Finetune, Network, Pretrain, Shape  # noqa: E402
from igaku.cardiology.ecg.encoders.crops import ByLead, ZeroedLeads, standardised  # noqa: E402
from igaku.cardiology.ecg.encoders.st_mem import StMem  # noqa: E402
from igaku.cardiology.ecg.encoders.wav2vec import Wav2Vec  # noqa: E402
from igaku.cardiology.ecg.evaluate import evaluate  # noqa: E402
from igaku.cardiology.ecg.fit_label import fit  # noqa: E402
from igaku.cardiology.ecg.mae import Encoder, MaskedAutoencoder, ResNet  # noqa: E402
from igaku.cardiology.ecg.model import load  # noqa: E402
from igaku.cardiology.ecg.predict import predict_many  # noqa: E402
from igaku.cardiology.ecg.pretrain import pretrain  # noqa: E402
from igaku.cardiology.ecg.signal import Contract  # noqa: E402
from igaku.cardiology.ecg.store import Store  # noqa: E402
from igaku.cardiology.ecg.stress import CHANGES, LEFT, stress, telling  # noqa: E402

CONFIG = Config(
    contract=Contract(rate=100),
    network=Network(size="tiny", patch=100, pos_embed="split", decoder=(32, 1, 4)),
    pretrain=Pretrain(epochs=1, warmup=1, batch=32, mask_leads=0.5),
    finetune=Finetune(epochs=2, batch=16, mask_leads=0.5),
)
WHOLE = replace(CONFIG, finetune=replace(CONFIG.finetune, mask_leads=0.0))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return synthetic.store(synthetic.cohort(60, seed=2), CONFIG.contract, tmp_path_factory.mktemp("store"))


def lead_file(folder: Path, *leads: int) -> Path:
    """A record of which only those leads were recorded."""
    signal = np.full((12, 1000), np.nan, np.float32)
    rng = np.random.default_rng(0)
    signal[list(leads)] = rng.normal(0, 1, (len(leads), 1000))
    np.save(folder / "some.npy", signal)
    return folder / "some.npy"


def test_what_stands_in_a_missing_lead_changes_nothing() -> None:
    torch.manual_seed(0)
    shape = Shape(12, 500, 100)
    encoders = {
        "own": Encoder("tiny", shape),
        "ST-MEM": ByLead(StMem(32, 2, 4, 450), 450, (0, 50)),
        "ECG-FM": ZeroedLeads(Wav2Vec(12, [(16, 2, 2)] * 2, 32, 1, 4), 250, (0, 250)),
    }
    signal = torch.randn(3, 12, 500)
    signal[1, 4:] = float("nan")
    signal[2, [0, 7]] = float("nan")
    for name, encoder in encoders.items():
        found = encoder.eval().features(signal)
        assert found.isfinite().all(), name
        alone = encoder.features(signal[:1])
        assert torch.allclose(found[:1], alone, atol=1e-5), f"{name}: a whole record beside others is as alone"
        flat = signal.nan_to_num()
        assert name == "ECG-FM" or not torch.allclose(encoder.features(flat)[1], found[1], atol=1e-3), name


def test_tokens_of_missing_leads_are_as_if_they_were_not_there() -> None:
    torch.manual_seed(0)
    encoder = Encoder("tiny", Shape(12, 500, 100)).eval()
    signal = torch.randn(2, 12, 500)
    tokens = torch.arange(3 * 5).expand(2, -1)
    wanted = encoder(signal, tokens).mean(1)
    signal[:, 3:] = float("nan")
    assert torch.allclose(encoder.features(signal), wanted, atol=1e-5)


def test_st_mem_s_leads_that_are_there_share_one_scale() -> None:
    crop = torch.randn(1, 12, 90) * 3 + 1
    crop[0, 2:] = float("nan")
    out = standardised(crop)
    assert not out[0, 2:].any()
    assert float(out[0, :2].mean()) == pytest.approx(0, abs=1e-5)
    assert float(out[0, :2].std(correction=0)) == pytest.approx(1, abs=1e-4)


def test_a_resnet_knows_a_missing_lead_from_a_flat_one() -> None:
    torch.manual_seed(0)
    net = ResNet(1, subsets=True).eval()
    signal = torch.randn(2, 12, 5000)
    signal[:, 3] = float("nan")
    assert net(signal).isfinite().all() and not torch.allclose(net(signal), net(signal.nan_to_num()), atol=1e-5)


def test_masking_leaves_one_lead_and_never_brings_a_missing_one_back() -> None:
    batch = torch.randn(200, 12, 60)
    batch[:50, 2:] = float("nan")
    out = augmented(batch, torch.Generator().manual_seed(0), 0.7)
    missing = out[..., 0].isnan()
    assert out.isnan().equal(missing.unsqueeze(-1).expand_as(out)), "a lead is missing throughout or not at all"
    assert missing[:50, 2:].all() and not missing.all(1).any()
    assert float(missing[50:].float().mean()) == pytest.approx(0.7, abs=0.03)
    assert not augmented(batch[50:], torch.Generator().manual_seed(0)).isnan().any()


def test_each_record_is_shifted_by_itself_and_nothing_wraps_round() -> None:
    ramp = torch.arange(1000.0).expand(40, 12, 1000)
    out = augmented(ramp, torch.Generator().manual_seed(1))
    scale = (out[:, 0, 500] - out[:, 0, 499]).reshape(-1, 1)
    assert scale.min() >= 0.9 and scale.max() <= 1.1 and out[:, 0].equal(out[:, 11])
    starts = (out[:, 0] / scale).round()
    shifts = starts[:, 500] - 500
    assert len(set(shifts.tolist())) > 20 and float(shifts.abs().max()) <= 50
    assert bool((starts.diff(dim=1) >= 0).all()), "a ramp that wrapped round would fall"


def test_hidden_leads_are_wholly_hidden_while_enough_is_left() -> None:
    model = MaskedAutoencoder("tiny", Shape(12, 2000, 100), decoder=(32, 1, 4))
    visible, hidden = model.draw(300, torch.Generator().manual_seed(0), mask_leads=0.5)
    assert visible.shape == (300, 60) and int((~hidden).sum()) == 300 * 60
    seen = (~hidden).reshape(300, 12, 20).any(2).float().mean()
    plain = model.draw(300, torch.Generator().manual_seed(0))[1]
    assert float(seen) < 0.65 < float((~plain).reshape(300, 12, 20).any(2).float().mean())
    assert model.draw(300, torch.Generator().manual_seed(0), mask_leads=0.95)[0].shape == (300, 60)


@pytest.mark.parametrize("kind", ["vit", "resnet"])
def test_a_model_fitted_with_masked_leads_predicts_from_one(store: Store, kind: str, tmp_path: Path) -> None:
    fit(store, CONFIG, "sex", tmp_path / "m", kind=kind)
    one = predict_many([lead_file(tmp_path, 1)], tmp_path / "m", 100)
    assert one.errors == [] and 0 < (one.predictions[0].number or -1) < 1
    assert any("predicted from 1 of 12 leads: II" in note for note in one.notes())
    found = {r.change: r for r in stress(load(tmp_path / "m"), store).stress}
    assert set(LEFT) < set(found) and found["lead I only"].value != found["as it is"].value
    assert "missing to the model" in stress(load(tmp_path / "m"), store).notes()[0]


def test_a_change_that_takes_nothing_away_is_not_measured() -> None:
    assert list(telling(Contract())) == list(CHANGES)
    noise = {"as it is", "noise of half the deviation", "noise as large as the signal", "2.5 seconds only"}
    assert set(telling(Contract(leads=("I",)))) == noise | {"arm electrodes reversed"}
    assert set(telling(Contract(leads=("V1", "V6")))) == noise | {"without V6"}
    short = set(telling(Contract(leads=("I", "II", "V2"), seconds=2.5, least=1)))
    assert "2.5 seconds only" not in short and "leads I, II, V2 only" not in short and "leads I, II only" in short


def test_a_model_fitted_to_whole_records_refuses_fewer_leads(store: Store, tmp_path: Path) -> None:
    fit(store, WHOLE, "sex", tmp_path / "m")
    assert "lead I, III, aVR" in predict_many([lead_file(tmp_path, 1)], tmp_path / "m", 100).errors[0]
    lacking = synthetic.store(
        synthetic.cohort(20, seed=9), replace(CONFIG.contract, lacking=True), tmp_path / "lacking"
    )
    with pytest.raises(IgakuError, match=r"may lack leads, which only a model fitted with finetune.mask_leads"):
        evaluate(load(tmp_path / "m"), lacking)
    fit(store, CONFIG, "sex", tmp_path / "t", kind="tree")
    assert "lead I, III, aVR" in predict_many([lead_file(tmp_path, 1)], tmp_path / "t", 100).errors[0]
    with pytest.raises(IgakuError, match=r"prepare them without contract.lacking"):
        stress(load(tmp_path / "m"), lacking)


def test_records_that_lack_leads_are_fitted_and_measured(tmp_path: Path) -> None:
    cohort = synthetic.cohort(60, seed=4)
    for k, record in enumerate(cohort.records):
        if k % 2:
            record.signal[6:] = 0.0 if k % 4 == 1 else np.nan  # as exports write a lead that was not recorded
    config = replace(CONFIG, contract=replace(CONFIG.contract, lacking=True))
    lacking = synthetic.store(cohort, config.contract, tmp_path / "s")
    assert np.isnan(lacking.signals[[1, 3]][:, 6:]).all() and not np.isnan(lacking.signals[[0, 2]]).any()
    assert lacking.rows[1].scale[6:] == [0.0] * 6
    assert len({r.signal_hash for r in lacking.rows}) == 60, "records that lack leads are not one record"
    pretrain(synthetic.store(cohort_of(20), CONFIG.contract, tmp_path / "whole").signals, CONFIG, tmp_path / "e")
    measured = fit(lacking, config, "sex", tmp_path / "m", encoder=tmp_path / "e")
    assert measured[0].measure == "AUROC" and np.isfinite(load(tmp_path / "m").predict(lacking, [1, 3])).all()
    with pytest.raises(IgakuError, match="pre-training reads whole records"):
        pretrain(lacking.signals, config, tmp_path / "f")
    with pytest.raises(IgakuError, match="lead V1, V2, V3, V4, V5, V6 is missing"):
        CONFIG.contract.prepare(cohort.records[3])
    with pytest.raises(IgakuError, match="none of the leads I, II"):
        config.contract.prepare(
            Record(signal=np.zeros((12, 5000), np.float32), rate=500.0, source="empty", format="npy")
        )


def cohort_of(n: int) -> synthetic.Cohort:
    return synthetic.cohort(n, seed=1)
