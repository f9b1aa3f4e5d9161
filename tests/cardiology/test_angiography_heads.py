"""Heads and letters of angiograms: what must not teach a network the age, and what is no angiogram."""

from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.angiography import read_cine
from igaku.cardiology.angiography.cine import Cine, without_letters, write_cine
from igaku.cardiology.angiography.prognosis import Followed, prognosis
from igaku.cardiology.angiography.read import ages_from, videos
from igaku.cardiology.angiography.vessels import film, patients
from igaku.errors import IgakuError

pydicom = pytest.importorskip("pydicom")
pytest.importorskip("lifelines")
PATIENT = patients(1)[0]


def saved(folder: Path, name: str = "a.dcm", without: tuple[str, ...] = (), **head: object) -> Path:
    path = write_cine(film(PATIENT), folder / name, 61, "F")
    file = pydicom.dcmread(path)
    for gone in without:
        delattr(file, gone)
    for key, value in head.items():
        setattr(file, key, value)
    file.save_as(path)
    return path


@pytest.mark.parametrize(
    ("head", "age"),
    [
        ({"PatientAge": "732M"}, 61),
        ({"PatientAge": "061Y"}, 61),
        ({"PatientAge": "000Y", "PatientBirthDate": "19590101", "StudyDate": "20200314"}, 61),
        ({"PatientAge": "000Y", "PatientBirthDate": ""}, None),
        ({"PatientAge": "", "PatientBirthDate": "19590101", "StudyDate": "20200314"}, 61),
        ({"PatientAge": "", "PatientBirthDate": "19590315", "StudyDate": "20200314"}, 60),
        ({"PatientAge": "", "PatientBirthDate": "19590101"}, None),
        ({"PatientAge": "", "PatientBirthDate": "20590101", "StudyDate": "20200314"}, None),
        ({"PatientAge": "", "PatientBirthDate": "1959", "StudyDate": "20200314"}, None),
    ],
)
def test_ages(head: dict[str, str], age: float | None, tmp_path: Path) -> None:
    assert read_cine(saved(tmp_path, **head)).age == age


def test_other_modalities_are_left_out(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="modality US, not a coronary angiogram"):
        read_cine(saved(tmp_path, Modality="US"))
    assert read_cine(saved(tmp_path, without=("Modality",))).frames.shape[0] == 24


@pytest.mark.parametrize(
    ("angles", "view"),
    [
        ((0, 0), "AP"),
        ((-30, 0), "RAO 30"),
        ((0.2, 30), "AP CRA 30"),
        ((40, -0.3), "LAO 40"),
        ((40, -20), "LAO 40 CAU 20"),
    ],
)
def test_views(angles: tuple[float, float], view: str, tmp_path: Path) -> None:
    path = saved(tmp_path, PositionerPrimaryAngle=angles[0], PositionerSecondaryAngle=angles[1])
    assert read_cine(path).view == view


def test_enhanced_xa_and_a_vector_of_frame_times(tmp_path: Path) -> None:
    position, group = pydicom.Dataset(), pydicom.Dataset()
    position.PositionerPrimaryAngle, position.PositionerSecondaryAngle = "-30", "20"
    group.PositionerPositionSequence = [position]
    gone = ("PositionerPrimaryAngle", "PositionerSecondaryAngle", "CineRate")
    path = saved(
        tmp_path, without=gone, PerFrameFunctionalGroupsSequence=[group] * 24, FrameTimeVector=[0, *[66.7] * 23]
    )
    cine = read_cine(path)
    assert cine.view == "RAO 30 CRA 20" and cine.rate == pytest.approx(15, abs=0.01)


def test_linear_pixels_are_aligned_with_logarithmic_ones(tmp_path: Path) -> None:
    frames = film(PATIENT).frames
    linear = np.exp(frames * 5)
    for name, relationship, values in (("a", "LOG", frames * 4000), ("b", "LIN", linear * 4000 / linear.max() + 1)):
        path = saved(tmp_path, f"{name}.dcm", BitsAllocated=16, BitsStored=12, HighBit=11)
        file = pydicom.dcmread(path)
        file.PixelIntensityRelationship, file.PixelData = relationship, values.round().astype("<u2").tobytes()
        file["PixelData"].VR = "OW"
        file.save_as(path)
    log, lin = (read_cine(tmp_path / f"{n}.dcm", mask=False).frames for n in "ab")
    assert np.corrcoef(log.ravel(), lin.ravel())[0, 1] > 0.99


def test_a_hot_pixel_takes_no_contrast(tmp_path: Path) -> None:
    path = saved(tmp_path, BitsAllocated=16, BitsStored=12, HighBit=11)
    file = pydicom.dcmread(path)
    pixels = (film(PATIENT).frames * 2040).round().astype("<u2")
    pixels[:, 70, 70] = 4095
    file.PixelData = pixels.tobytes()
    file["PixelData"].VR = "OW"
    file.save_as(path)
    assert np.ptp(np.quantile(read_cine(path, mask=False).frames, (0.01, 0.99))) > 0.5


def strokes(y: int, x: int) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    letters = np.zeros((128, 128), bool)
    for k in range(0, 28, 4):
        letters[y : y + 9, x + k : x + k + 2] = True
    letters[y : y + 2, x : x + 28] = True
    return letters


@pytest.mark.parametrize("grey", [0.1, 0.4, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("where", [(3, 4), (60, 50), (112, 90)])
@pytest.mark.parametrize("exposure", ["steady", "before the letters", "with the letters"])
def test_letters_of_any_grey_are_masked_in_a_film(grey: float, where: tuple[int, int], exposure: str) -> None:
    plain, letters = film(PATIENT).frames.copy(), strokes(*where)
    doses = np.where(np.arange(24) < 12, 1.0, 0.6)
    dimmed = plain * doses[:, None, None]
    frames = (plain if exposure == "steady" else dimmed).copy()
    frames[:, letters] = grey * (
        np.where(np.arange(24) < 12, 1.0, 0.6)[:, None] if exposure == "with the letters" else 1
    )
    around = frames[:, letters].mean() - (dimmed if exposure != "steady" else plain)[:, letters].mean()
    clean = without_letters(Cine(frames=frames.copy(), source="x"))
    assert clean.checkable and clean.masked < 1200
    if abs(around) > 0.08:
        changed = (clean.frames != frames)[:, letters].mean()
        assert changed > 0.95, "each pixel of a letter is replaced"


@pytest.mark.parametrize("part", [slice(0, 12), slice(12, 24), slice(6, 20)])
@pytest.mark.parametrize("where", [(3, 4), (60, 50)])
def test_letters_that_come_or_go_within_the_film_are_masked(part: slice, where: tuple[int, int]) -> None:
    plain, letters = film(PATIENT).frames.copy(), strokes(*where)
    frames = plain.copy()
    frames[part, letters] = 1.0
    clean = without_letters(Cine(frames=frames.copy(), source="x"))
    assert clean.masked < 1200 and (clean.frames != frames)[part][:, letters].mean() > 0.95


def test_films_that_cannot_be_checked_train_nothing(tmp_path: Path) -> None:
    whole = film(PATIENT)
    for name, frames in (("few", whole.frames[:3]), ("still", np.repeat(whole.frames[:1], 24, 0))):
        write_cine(Cine(frames=frames, source="x", patient=name), tmp_path / f"{name}.dcm", 61)
    write_cine(whole, tmp_path / "good.dcm", 61)
    file = pydicom.dcmread(tmp_path / "few.dcm")
    lines: list[str] = []
    assert len(videos([tmp_path], lines.append)) == 1 and len(lines) == 2 and "3 frames in which too little" in lines[0]
    file.BurnedInAnnotation = "NO"
    file.save_as(tmp_path / "few.dcm")
    assert len(videos([tmp_path], lambda _: None)) == 2, "the file says that nothing is burned in"


def test_ages_and_views_come_from_outside(tmp_path: Path) -> None:
    saved(tmp_path, PatientAge="")
    (tmp_path / "ages.csv").write_text(f"patient,age\n{PATIENT.name},55\n")
    (video,) = videos([tmp_path / "a.dcm"], str, ages=ages_from(tmp_path / "ages.csv"), views=["RAO"])
    assert video.age == 55
    with pytest.raises(IgakuError, match="no angiogram could be read"):
        videos([tmp_path / "a.dcm"], str, views=["LAO"])
    (tmp_path / "ages.csv").write_text("patient,age\nx,55\nx,56\n")
    with pytest.raises(IgakuError, match="line 3: age '56' of 'x'"):
        ages_from(tmp_path / "ages.csv")


def test_a_hazard_ratio_without_a_maximum_is_not_printed() -> None:
    rng = np.random.default_rng(0)
    ages = rng.normal(65, 9, 80)
    older = [i % 2 == 0 for i in range(80)]
    one_sided = [Followed(70.0, float(a), i % 3 == 0, float(rng.uniform(1, 5)), i % 4 == 0) for i, a in enumerate(ages)]
    with pytest.raises(IgakuError, match="no finite hazard ratio: all 20 events are in one group, none of 40 younger"):
        prognosis(one_sided, older)
    separated = [f._replace(event=i % 5 < 2, extra=(float(i % 5 < 2),)) for i, f in enumerate(one_sided)]
    with pytest.raises(IgakuError, match="no finite hazard ratio for 'marker'"):
        prognosis(separated, older, ["marker"])
