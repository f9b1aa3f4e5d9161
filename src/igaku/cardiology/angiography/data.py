"""Videos as a network reads them, and who trains, validates and tests."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from igaku.cardiology.angiography.cine import FRAMES, Cine, filled_frames, sized
from igaku.cardiology.patients import pseudonym
from igaku.cardiology.split import split_patients

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


class Video(Struct):
    """A prepared video."""

    frames: "Floats"
    """float32 [frames, side, side], each frame with mean 0 and deviation 1."""
    patient: str
    """A pseudonym."""
    age: float | None
    """Years; None where it is not known."""
    sex: str = ""
    source: str = ""


def prepare_video(cine: Cine, side: int = 96, frames: int = FRAMES) -> Video:
    """Frames with the vessels filled, of one size.

    Args:
        side: pixels.
        frames: number of frames.
    """
    patient = pseudonym("angiogram", cine.patient or cine.study or cine.source)
    return Video(sized(filled_frames(cine, frames), side), patient, cine.age, cine.sex, cine.source)


def split(videos: Sequence[Video], seed: int = 0) -> tuple[list[Video], list[Video], list[Video]]:
    """Videos for training, validation and test: 60, 20 and 20 % of the patients."""
    train, valid, test = ([videos[i] for i in side] for side in split_patients([v.patient for v in videos], seed))
    return train, valid, test
