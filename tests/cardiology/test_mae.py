import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.ecg import synthetic
from igaku.cardiology.metrics import auroc
from igaku.cli import app
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
pytestmark = pytest.mark.torch

from igaku.cardiology.ecg.mae import Encoder, MaskedAutoencoder, Shape, patchify, unpatchify  # noqa: E402
from igaku.cardiology.ecg.training import config_names, load_config  # noqa: E402


def test_the_paper_s_numbers() -> None:
    shape = Shape()
    assert (shape.steps, shape.tokens) == (20, 240)
    model = MaskedAutoencoder("tiny", decoder=(32, 1, 4))
    kept, hidden = model.draw(3)
    assert kept.shape == (3, 60) and hidden.sum(1).tolist() == [180] * 3
    assert not hidden.gather(1, kept).any()


def test_patches_go_back_to_the_signal() -> None:
    x = torch.randn(2, 12, 5000)
    assert torch.equal(unpatchify(patchify(x, Shape()), Shape()), x)
    assert torch.equal(patchify(x, Shape())[0, 21], x[0, 1, 250:500])


@pytest.mark.parametrize("places", ["joint", "split"])
def test_hidden_patches_cannot_leak_and_only_they_are_scored(places: str) -> None:
    model = MaskedAutoencoder("tiny", places=places, decoder=(32, 1, 4)).eval()
    x = torch.randn(2, 12, 5000)
    kept, hidden = model.draw(2)
    patches = patchify(x, Shape())
    other = torch.where(hidden.unsqueeze(-1), torch.randn_like(patches), patches)
    assert torch.equal(model(x, kept), model(unpatchify(other, Shape()), kept))
    told = model(x, kept)
    wanted = ((told - patches) ** 2).mean(-1)[hidden].mean()
    assert float(model.loss(x, kept, hidden)) == pytest.approx(float(wanted), rel=1e-5)
    assert not torch.allclose(model(x, kept), model(x, kept, full=True))


def test_the_encoder_knows_where_a_patch_was() -> None:
    encoder = Encoder("tiny").eval()
    x = torch.zeros(1, 12, 5000)
    out = encoder(x)
    assert out.shape == (1, 240, 96) and not torch.allclose(out[0, 0], out[0, 21])


@pytest.mark.parametrize("name", config_names())
def test_every_config_is_read_and_its_signal_divides(name: str) -> None:
    made = load_config(name)
    assert made.about and made.shape.tokens > 0


def test_the_generator_s_best_score_cannot_be_beaten_by_its_own_numbers() -> None:
    made = synthetic.cohort(1500, seed=5)
    truth, best = made.ef < 40, synthetic.best_score(made.features)
    assert 0.90 < auroc(truth, best) < 0.96 and 0.1 < truth.mean() < 0.3
    for k in range(3):
        assert auroc(truth, made.features[:, k]) < auroc(truth, best) and auroc(truth, -made.features[:, k]) < auroc(
            truth, best
        )
    again = synthetic.cohort(3, seed=5)
    assert np.array_equal(again.records[0].signal, synthetic.cohort(3, seed=5).records[0].signal)


def test_from_files_to_a_prediction_by_commands(tmp_path: Path) -> None:
    from igaku.cardiology.ecg.converting import to_wfdb
    from igaku.cardiology.ecg.store import Row

    made = synthetic.cohort(60, seed=2, seconds=10.0)
    files = tmp_path / "records"
    files.mkdir()
    lines = ["path,patient,age,sex,lvef,fs"]
    for i, (r, ef) in enumerate(zip(made.records, made.ef)):
        np.save(files / f"{i}.npy", r.signal)
        lines.append(f"records/{i}.npy,p{i // 2},{r.age:g},{r.sex},{ef:.1f},500")
    (files / "broken.npy").write_bytes(b"no")
    lines.append("records/broken.npy,q,50,F,60,500")
    (tmp_path / "table.csv").write_text("\n".join(lines))
    (tmp_path / "c.yaml").write_text(
        "contract: {rate: 125, band: [0.67, 40.0]}\nnetwork: {size: tiny, patch: 125, places: split, decoder: [32, 1, 4]}\npretrain: {epochs: 2, warmup: 1, batch: 16}\nfinetune: {epochs: 3, batch: 8}\n"
    )
    config, store = str(tmp_path / "c.yaml"), str(tmp_path / "store")
    run = CliRunner().invoke

    def good(*args: str) -> str:
        told = run(app, ["ecg", *args])
        assert told.exit_code == 0, (args, told.output, told.exception)
        return told.output

    assert "60 records" in good("convert", str(tmp_path / "table.csv"), "--config", config, "--out", store)
    assert json.loads((tmp_path / "store/errors.json").read_text())[0].count("broken.npy")
    good("pretrain", config, "--records", store, "--out", str(tmp_path / "encoder"))
    told = json.loads(
        good(
            "finetune",
            config,
            "--records",
            store,
            "--label",
            "lvef<45",
            "--encoder",
            str(tmp_path / "encoder"),
            "--out",
            str(tmp_path / "m"),
            "--json",
        )
    )
    assert told["training records"] == 36 and "AUROC" in next(iter(told["measures"].values()))[0]
    assert "MAE" in good(
        "finetune", config, "--records", store, "--label", "age", "--baseline", "--out", str(tmp_path / "b")
    )
    assert "AUROC" in good("evaluate", str(tmp_path / "m"), "--records", store)
    said = json.loads(
        good(
            "predict",
            str(files / "3.npy"),
            str(files / "broken.npy"),
            "--model",
            str(tmp_path / "m"),
            "--rate",
            "500",
            "--json",
        )
    )
    assert {"chance", "error"} <= {k for p in said["predictions"] for k in p} and "not a medical device" in said["note"]
    good(
        "explain",
        str(files / "3.npy"),
        "--model",
        str(tmp_path / "m"),
        "--rate",
        "500",
        "--out",
        str(tmp_path / "x.svg"),
    )
    assert "<rect" in (tmp_path / "x.svg").read_text()
    good("convert", str(tmp_path / "table.csv"), "--wfdb", "--out", str(tmp_path / "w"))
    back = json.loads(good("inspect", str(tmp_path / "w" / "r000000.hea"), "--json"))
    assert str(int(made.records[0].age or 0)) in str(back)
    good("convert", str(tmp_path / "table.csv"), "--out", str(tmp_path / "r.parquet"))
    assert to_wfdb([Row(path=str(files / "3.npy"), rate=500)], tmp_path / "one") == (1, [])
    for args, told_ in (
        (["finetune", config, "--records", store, "--label", "nothing", "--out", str(tmp_path / "n")], "no record knows 'nothing'"), (["predict", str(files / "3.npy"), "--model", str(tmp_path / "encoder")], "without a head"),
        (["finetune", "tiny", "--records", store, "--label", "age", "--out", str(tmp_path / "n")], None), (["pretrain", "sawano-2024", "--records", store, "--out", str(tmp_path / "n")], "prepared in another form"),
    ):  # fmt: skip
        if told_:
            error = run(app, ["ecg", *args]).exception
            assert isinstance(error, IgakuError) and told_ in str(error)


def test_patients_are_never_divided() -> None:
    from igaku.cardiology.ecg.store import Row
    from igaku.cardiology.ecg.targets import split, target

    rows = [
        Row(path=str(i), patient=f"p{i % 40}", age=50.0 + i % 3, more={"lvef": str(30 + i % 40)}) for i in range(200)
    ]
    parts = [{rows[i].patient for i in part} for part in split(rows, (0.6, 0.2, 0.2))]
    assert (
        not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2] and sum(map(len, parts)) == 40
    )
    low = target("lvef<40", rows)
    assert low.binary and low.of(rows[0]) == 1.0 and low.of(rows[15]) == 0.0 and low.of(Row(path="x")) is None
    with pytest.raises(IgakuError, match="all 200 records have the same"):
        target("lvef<10", rows)
