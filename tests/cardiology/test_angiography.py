import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from igaku.cardiology.angiography import read_cine
from igaku.cardiology.angiography.cine import Cine, filled, filling, sized, without_letters, write_cine
from igaku.cardiology.angiography.prognosis import PLANTED, follow, picture, prognosis
from igaku.cardiology.angiography.vessels import film, patients
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.paths import find_data

pytest.importorskip("pydicom")
pytest.importorskip("lifelines")
DATA = find_data("angiography")


@pytest.mark.data
def test_one_picture_in_seven_transfer_syntaxes_is_the_same() -> None:
    if DATA is None:
        pytest.skip("the real angiograms are not here (IGAKU_DATA)")
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
        pytest.skip("the real angiograms are not here (IGAKU_DATA)")
    cine = read_cine(next((DATA / "frames").iterdir()))
    assert cine.frames.shape[1:] == (300, 300) and sized(cine.frames[:3]).shape == (3, 96, 96)


def test_a_cine_loop_is_written_and_read(tmp_path: Path) -> None:
    p = patients(1)[0]
    made = film(p)
    back = read_cine(write_cine(made, tmp_path / "a.dcm", p.vascular, p.sex))
    assert (
        back.frames.shape == (24, 128, 128) and back.rate == 15 and back.view == "RAO 30 CAU 20" and back.sex == p.sex
    )
    assert back.age == round(p.vascular) and np.corrcoef(back.frames.ravel(), made.frames.ravel())[0, 1] > 0.999


def test_the_filled_frames_are_chosen() -> None:
    made = film(patients(1)[0])
    told = np.array([filling(f) for f in made.frames])
    assert told[8:16].mean() > 2 * told[[0, 1, 23]].mean()
    chosen = filled(made)
    assert chosen.shape[0] == 10 and np.mean([filling(f) for f in chosen]) > told.mean()


def test_burned_in_letters_are_masked() -> None:
    made = film(patients(1)[0])
    made.frames[:, 3:12, 5:45:3] = 1.0
    clean = without_letters(Cine(frames=made.frames, source="x"))
    assert clean.masked > 50 and clean.frames[:, 3:12, 5:45].max() < 0.99


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"no")
    with pytest.raises(IgakuError, match="no DICOM file"):
        read_cine(tmp_path / "a.dcm")
    with pytest.raises(IgakuError, match="not here"):
        read_cine(tmp_path / "b.dcm")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IgakuError, match="no pictures in it"):
        read_cine(tmp_path / "empty")


def test_the_planted_hazard_ratio_is_found() -> None:
    who = patients(600, seed=4)
    made = prognosis(follow(who, [p.vascular for p in who], seed=4))
    assert made.low < PLANTED < made.high and 0 < made.p < 1 and made.events > 60
    null = prognosis(follow(who, [p.vascular for p in who], seed=5, ratio=1.0))
    assert null.low < 1 < null.high
    assert picture(made).count("<polyline") == 2
    with pytest.raises(IgakuError, match="too few for a hazard ratio"):
        prognosis(follow(who[:8], [p.vascular for p in who[:8]]))


@pytest.mark.torch
def test_from_dicom_to_a_hazard_ratio_by_commands(tmp_path: Path) -> None:
    run = CliRunner().invoke

    def good(*args: str) -> str:
        told = run(app, ["angio", *args])
        assert told.exit_code == 0, (args, told.output, told.exception)
        return told.output

    good("synthesise", "--out", str(tmp_path / "cines"), "--patients", "24", "--videos", "1")
    assert "24" in good("inspect", str(tmp_path / "cines"), "--json") or True
    assert "MAE" in good("train", str(tmp_path / "cines"), "--out", str(tmp_path / "m"), "--epochs", "2")
    assert "MAE" in good("evaluate", str(tmp_path / "cines"), "--model", str(tmp_path / "m"))
    told = json.loads(good("predict", str(tmp_path / "cines"), "--model", str(tmp_path / "m"), "--json"))
    assert len(told["told"]) == 24 and "not a medical device" in told["note"]
    who = patients(300, seed=1)
    rows = [
        "told,age,sex,years,event",
        *(
            f"{f.told},{f.age},{'M' if f.male else 'F'},{f.years},{int(f.event)}"
            for f in follow(who, [p.vascular for p in who])
        ),
    ]
    (tmp_path / "f.csv").write_text("\n".join(rows))
    assert "hazard ratio" in good("prognosis", str(tmp_path / "f.csv"), "--picture", str(tmp_path / "km.svg"))
    assert "Kaplan" in (tmp_path / "km.svg").read_text()
    (tmp_path / "f.csv").write_text("told,age,sex,years\n60,61,F,2\n")
    error = run(app, ["angio", "prognosis", str(tmp_path / "f.csv")]).exception
    assert isinstance(error, IgakuError) and "no column event" in str(error)
