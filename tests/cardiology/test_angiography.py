import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.angiography import read_cine
from igaku.cardiology.angiography.cine import Cine, filled_frames, filling, sized, without_letters, write_cine
from igaku.cardiology.angiography.prognosis import PLANTED, follow, picture, prognosis
from igaku.cardiology.angiography.read import cines, followed
from igaku.cardiology.angiography.vessels import film, patients
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.paths import find_data

pytest.importorskip("pydicom")
pytest.importorskip("lifelines")
DATA = find_data("angiography")


@pytest.mark.data
def test_one_picture_in_seven_transfer_syntaxes_is_the_same() -> None:
    if DATA is None:
        pytest.skip("the real angiograms are not found (IGAKU_DATA)")
    pytest.importorskip("gdcm")
    found = {}
    for file in sorted((DATA / "dicom_wg04").rglob("XA1_*")):
        try:
            found[file.name] = read_cine(file, mask=False).frames
        except IgakuError as error:
            assert "JPLY" in str(error) or file.suffix == ".zst"
    assert len(found) == 7
    plain = found["XA1_UNC.dcm"]
    for name, frames in found.items():
        assert frames.shape == (1, 1024, 1024) and np.abs(frames - plain).mean() < (
            0.01 if name in ("XA1_J2KI", "XA1_JLSN") else 1e-6
        ), name


@pytest.mark.data
def test_real_frames_are_read() -> None:
    if DATA is None:
        pytest.skip("the real angiograms are not found (IGAKU_DATA)")
    cine = read_cine(next((DATA / "frames").iterdir()))
    assert cine.frames.shape[1:] == (300, 300) and sized(cine.frames[:3]).shape == (3, 96, 96)


def test_a_cine_loop_is_written_and_read(tmp_path: Path) -> None:
    p = patients(1)[0]
    cine = film(p)
    back = read_cine(write_cine(cine, tmp_path / "a.dcm", p.vascular, p.sex))
    assert (
        back.frames.shape == (24, 128, 128) and back.rate == 15 and back.view == "RAO 30 CAU 20" and back.sex == p.sex
    )
    assert back.age == round(p.vascular) and np.corrcoef(back.frames.ravel(), cine.frames.ravel())[0, 1] > 0.999


def test_the_filled_frames_are_chosen() -> None:
    cine = film(patients(1)[0])
    shares = np.array([filling(f) for f in cine.frames])
    assert shares[8:16].mean() > 2 * shares[[0, 1, 23]].mean()
    chosen = filled_frames(cine)
    assert chosen.shape[0] == 10 and np.mean([filling(f) for f in chosen]) > shares.mean()


def test_burned_in_letters_are_masked() -> None:
    cine = film(patients(1)[0])
    cine.frames[:, 3:12, 5:45:3] = 1.0
    clean = without_letters(Cine(frames=cine.frames, source="x"))
    assert clean.masked > 50 and clean.frames[:, 3:12, 5:45].max() < 0.99


@pytest.mark.parametrize(("level", "where"), [(0.05, (60, 50)), (0.95, (60, 50)), (0.05, (4, 4))])
def test_letters_that_stand_still_are_masked_anywhere_bright_or_dark(level: float, where: tuple[int, int]) -> None:
    cine = film(patients(1)[0])
    plain = cine.frames.copy()
    y, x = where
    letters = np.zeros(plain.shape[1:], bool)
    for k in range(0, 24, 4):  # strokes of two pixels
        letters[y : y + 9, x + k : x + k + 2] = True
    cine.frames[:, letters] = level + np.random.default_rng(0).normal(0, 0.004, (len(plain), int(letters.sum())))
    clean = without_letters(Cine(frames=cine.frames, source="x"))
    left = np.abs(clean.frames[:, letters] - plain[:, letters]).mean()
    assert left < 0.25 * np.abs(cine.frames[:, letters] - plain[:, letters]).mean() and clean.masked < 600


def test_a_film_without_letters_stays_as_it_is() -> None:
    assert without_letters(film(patients(1)[0])).masked == 0


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"no")
    with pytest.raises(IgakuError, match="not a DICOM file"):
        read_cine(tmp_path / "a.dcm")
    with pytest.raises(IgakuError, match="not found"):
        read_cine(tmp_path / "b.dcm")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IgakuError, match="no pictures in it"):
        read_cine(tmp_path / "empty")


def test_the_planted_hazard_ratio_is_found(tmp_path: Path) -> None:
    who = patients(600, seed=4)
    found = prognosis(follow(who, [p.vascular for p in who], seed=4))
    assert found.main.low < PLANTED < found.main.high and 0 < found.main.p < 1 and found.report.events > 60
    assert [e.name for e in found.report.effects] == ["older-looking", "age, per 10 years", "male"]
    assert found.report.proportional > 0.01
    assert found.curves["older-looking"].at_risk[0] == (0, found.report.older)
    assert found.report.gap is not None and found.report.gap.low > 1, "older by five years is a greater hazard too"
    without, with_older = found.report.concordance
    assert 0.5 < without < with_older < 1
    assert all(len(c.band) == len(c.survival) and c.censored for c in found.curves.values())
    assert all(a <= s <= b for c in found.curves.values() for (_, a, b), (_, s) in zip(c.band, c.survival))
    null = prognosis(follow(who, [p.vascular for p in who], seed=5, ratio=1.0)).main
    assert null.low < 1 < null.high
    drawn = picture(found, tmp_path / "km.svg").read_text()
    assert "with an event" in picture(found, tmp_path / "incidence.svg", incidence=True).read_text()
    assert "older-looking" in drawn and "at risk" in drawn and drawn == picture(found, tmp_path / "km.svg").read_text()
    with pytest.raises(IgakuError, match="too few for a hazard ratio"):
        prognosis(follow(who[:8], [p.vascular for p in who[:8]]))


def test_what_else_is_adjusted_for_is_shown_and_takes_its_share() -> None:
    who = patients(800, seed=6)
    plain = follow(who, [p.vascular for p in who], seed=6, ratio=1.0)
    rng = np.random.default_rng(0)
    failing = [float(rng.random() < (0.7 if f.event else 0.2)) for f in plain]
    found = prognosis(
        [f._replace(extra=(h, 5 * h + rng.normal())) for f, h in zip(plain, failing)],
        adjust=["heart_failure", "peak_ck"],
    )
    assert [e.name for e in found.report.effects[-2:]] == ["heart_failure", "peak_ck, per SD"]
    assert found.report.effects[-2].ratio > 2


def test_the_table_of_followed_patients_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("told,age,sex,years,event,ck\n60,61,F,2,1,900\n60,61,F,2,1,high\n")
    with pytest.raises(IgakuError, match="line 3: could not convert"):
        followed(tmp_path / "f.csv", ["ck"])
    with pytest.raises(IgakuError, match="no column smoking"):
        followed(tmp_path / "f.csv", ["smoking"])
    with pytest.raises(IgakuError, match="--adjust event: is in the model anyway"):
        followed(tmp_path / "f.csv", ["event"])
    (tmp_path / "f.csv").write_text("told,age,sex,years,event\n60,61,F,-2,1\n")
    with pytest.raises(IgakuError, match=r"line 2: .*years above 0"):
        followed(tmp_path / "f.csv")


def test_a_folder_of_pictures_is_a_video_wherever_it_lies_and_a_thumbnail_none(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for name in ("p1/a", "p1/b", "p2/a", "study/thumbnail"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32), np.uint8)).save(tmp_path / f"{name}.png")
    write_cine(film(patients(1)[0]), tmp_path / "study/1.dcm")
    found = [c if isinstance(c, str) else c.source for c in cines([tmp_path])]  # type: ignore[union-attr]
    assert [Path(f).relative_to(tmp_path).as_posix() for f in found] == ["p1", "p2", "study/1.dcm"]


@pytest.mark.torch
def test_saliency_lies_where_the_network_looks(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from igaku.cardiology.angiography.data import Video
    from igaku.cardiology.angiography.explain import explain, occlusion
    from igaku.cardiology.angiography.model import Card

    class Corner(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            return frames[:, :, 8:24, 64:80].mean((1, 2, 3))

    frames = np.random.default_rng(0).normal(0, 1, (10, 96, 96)).astype(np.float32) + 1
    weight = occlusion(Corner(), frames)
    y, x = np.unravel_index(weight.argmax(), weight.shape)
    assert 8 <= y < 24 and 64 <= x < 80 and weight[60:, :40].max() == 0
    most = explain(
        Video(frames, "p", 60.0),
        Corner(),
        Card(mean=60.0, deviation=10.0, side=96, frames=10, videos={}, measures=[], fitted_to=[]),
        tmp_path / "x.png",
    )
    assert most > 1 and (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.torch
def test_a_vision_model_of_transformers_is_fitted_written_and_read_again(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from igaku.cardiology.angiography.data import prepare_video
    from igaku.cardiology.angiography.model import load
    from igaku.cardiology.angiography.predict import predict_patients
    from igaku.cardiology.angiography.train import train

    torch.manual_seed(0)
    config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    transformers.ResNetModel(config).save_pretrained(tmp_path / "vision")
    videos = [prepare_video(film(p), side=48) for p in patients(24)]
    train(videos, tmp_path / "m", epochs=1, backbone=str(tmp_path / "vision"))
    network, card = load(tmp_path / "m")
    assert (card.vision or {})["model_type"] == "resnet"
    assert len(predict_patients(network, videos, card.mean, card.deviation)) == 24
    with pytest.raises(IgakuError, match="not a vision model"):
        train(videos, tmp_path / "n", epochs=1, backbone=str(tmp_path / "nothing"))


@pytest.mark.torch
def test_from_dicom_to_a_hazard_ratio_by_commands(tmp_path: Path) -> None:
    run = CliRunner().invoke

    def good(*args: str) -> str:
        result = run(app, ["angio", *args])
        assert result.exit_code == 0, (args, result.output, result.exception)
        return result.stdout if "--json" in args else result.output

    good("synthesise", "--out", str(tmp_path / "cines"), "--patients", "24", "--videos", "1")
    assert len(json.loads(good("inspect", str(tmp_path / "cines"), "--json"))["videos"]) == 24
    assert "MAE" in good("train", str(tmp_path / "cines"), "--out", str(tmp_path / "m"), "--epochs", "2")
    assert "MAE" in good("evaluate", str(tmp_path / "cines"), "--model", str(tmp_path / "m"))
    assert "5 videos of 5 patients" in good("evaluate", str(tmp_path / "cines"), "--model", str(tmp_path / "m"))
    ages = json.loads(good("predict", str(tmp_path / "cines"), "--model", str(tmp_path / "m"), "--json"))
    assert len(ages["told"]) == 24 and "not a medical device" in ages["note"]
    assert set(ages["told"][0]) == {"patient", "age", "files"} and "s0-" not in ages["told"][0]["patient"]
    good(
        "explain",
        str(tmp_path / "cines/s0-0000/0.dcm"),
        "--model",
        str(tmp_path / "m"),
        "--out",
        str(tmp_path / "x.png"),
    )
    who = patients(300, seed=1)
    rows = [
        "predicted_age,age,sex,years,event",
        *(
            f"{f.predicted},{f.age},{'M' if f.male else 'F'},{f.years},{int(f.event)}"
            for f in follow(who, [p.vascular for p in who])
        ),
    ]
    (tmp_path / "f.csv").write_text("\n".join(rows))
    assert "hazard ratio" in good("prognosis", str(tmp_path / "f.csv"), "--picture", str(tmp_path / "km.svg"))
    assert "hazard ratio" in (tmp_path / "km.svg").read_text()
    assert set(json.loads(good("prognosis", str(tmp_path / "f.csv"), "--json"))) == {
        "hazard ratios",
        "log-rank p",
        "proportional hazards p",
        "concordance",
        "gap",
        "patients",
        "older-looking",
        "events",
    }
    (tmp_path / "f.csv").write_text("told,age,sex,years\n60,61,F,2\n")
    error = run(app, ["angio", "prognosis", str(tmp_path / "f.csv")]).exception
    assert isinstance(error, IgakuError) and "no column event" in str(error)
