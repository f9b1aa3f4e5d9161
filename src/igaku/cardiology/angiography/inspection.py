"""What a video is: frames, size, rate, view, transfer syntax, age, sex, letters masked."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from igaku.cardiology.angiography.cine import Cine
from igaku.cardiology.angiography.read import cines
from igaku.errors import IgakuError
from igaku.tables import Kind, Table, Value, View


class InspectedCine(Struct):
    """One video."""

    file: str
    frames: int
    size: str
    """Pixels, ``width x height``."""
    rate: float | None = field(name="a second")
    """Frames per second."""
    view: str
    syntax: str
    age: float | None
    sex: str
    masked: int
    """Pixels masked as burned-in letters."""
    doubts: list[str] = []
    """What in the file does not fit together."""


class CineInspection(View, Struct):
    """Videos of files."""

    videos: list[InspectedCine]

    def tables(self) -> list[Table]:
        """A row a video."""
        columns: dict[str, Kind] = dict.fromkeys(
            ("file", "frames", "size", "a second", "view", "syntax", "age", "sex", "masked"), "text"
        )
        return [Table(name="videos", columns=columns, rows=[_row(v) for v in self.videos])]

    def notes(self) -> list[str]:
        """What in a file does not fit together."""
        return [f"{v.file}: {d}" for v in self.videos for d in v.doubts]


def _row(v: InspectedCine) -> list[Value]:
    rate, age = ("" if x is None else f"{x:g}" for x in (v.rate, v.age))
    return [v.file, str(v.frames), v.size, rate, v.view, v.syntax, age, v.sex, str(v.masked)]


def inspect_cine(cine: Cine) -> InspectedCine:
    """What one video is."""
    n, height, width = cine.frames.shape
    size = f"{width} x {height}"
    return InspectedCine(
        cine.source, n, size, cine.rate, cine.view, cine.syntax, cine.age, cine.sex, cine.masked, _doubts(cine)
    )


def _doubts(cine: Cine) -> list[str]:
    few = "too little moves in its frames to find burned-in letters; not used for training or measuring"
    return cine.doubts if cine.checkable else [*cine.doubts, few]


def inspect_cines(sources: Sequence[Path]) -> tuple[CineInspection, list[str]]:
    """What files and folders hold, and one line for each that cannot be read."""
    found = [str(c) if isinstance(c, IgakuError) else inspect_cine(c) for c in cines(sources)]
    videos = [v for v in found if isinstance(v, InspectedCine)]
    return CineInspection(videos), [e for e in found if isinstance(e, str)]
