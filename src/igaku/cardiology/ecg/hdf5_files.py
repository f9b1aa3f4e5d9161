"""Data sets of HDF5 files that lie in the file itself: what points elsewhere is refused.

HDF5 can keep a data set in any other file (external storage, external links, virtual data sets): a file sent by
others would read the reader's own files as an ECG.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.cardiology.limits import check_size
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats


def hdf5_record(path: Path) -> "tuple[Floats, Mapping[str, Any]]":
    """The samples of the only record, and the attributes of its data set and of the file."""
    h5py = optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        sets: dict[str, Any] = {}

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and len(item.shape or ()) == 2:
                sets[name] = item

        file.visititems(visit)
        if not sets:
            raise IgakuError(
                f"{path}: no data set of two dimensions; of a file with many records name one: {path.name}#ID"
            )
        name = next((n for n in ("tracings", "signal", "ecg") if n in sets), max(sets, key=lambda n: sets[n].size))
        attributes = {**file.attrs, **sets[name].attrs}
        own = _own(sets[name], path)
        check_size(own.shape, path)
        return own[()], attributes


def hdf5_item(path: Path, item: str) -> "Floats":
    """float32 [...] of one record of a data set of three dimensions.

    Args:
        item: its ``exam_id``, or its number in a file without them.
    """
    np, h5py = optional("numpy", "ecg"), optional("h5py", "ecg")
    with h5py.File(path, "r") as file:
        names = [k for k in file if (v := _linked(file, k, path)) is not None and len(v.shape or ()) == 3]
        if not names:
            raise IgakuError(f"{path}: no data set of three dimensions; it holds one record, so leave #{item} out")
        data = _own(file["tracings" if "tracings" in names else names[0]], path)
        ids = _ids(str(path), path.stat().st_mtime_ns)
        if ids and max(ids.values()) >= len(data):
            raise IgakuError(f"{path}: holds {len(data):,} records, but more exam_id; damaged")
        at = ids.get(item, -1) if ids else number_of(item, len(data), path)
        if at < 0:
            how = "several records" if item in ids else "no record"
            raise IgakuError(f"{path}: {how} {item!r} among its {len(data):,}")
        check_size(data.shape[1:], path)
        check_size(data.chunks or (), path)
        out: Floats = np.asarray(data[at], np.float32)
    return out


def _linked(file: Any, name: str, path: Path) -> Any | None:
    """A data set; None of anything else, and a link is refused."""
    h5py = optional("h5py", "ecg")
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return None
    return file[name] if isinstance(file[name], h5py.Dataset) else None


def _own(data: Any, path: Path) -> Any:
    if data.is_virtual or data.external:
        raise IgakuError(
            f"{path}: data set {data.name!r} lies in other files, which are not read; copy it into this one"
        )
    if data.dtype.kind not in "fiu":
        raise IgakuError(f"{path}: data set {data.name!r} is of {data.dtype}; millivolts are plain numbers")
    return data


@lru_cache(8)
def _ids(path: str, changed: int) -> dict[str, int]:
    """``exam_id`` -> index (-1 where several have it), of an HDF5 file as it was at that time; empty without them."""
    with optional("h5py", "ecg").File(path, "r") as file:
        found = _linked(file, "exam_id", Path(path)) if "exam_id" in file else None
        if found is None or len(found.shape or ()) != 1:
            return {}
        check_size(found.shape, Path(path))
        if found.is_virtual or found.external:
            raise IgakuError(f"{path}: data set 'exam_id' lies in other files, which are not read")
        names = [x.decode() if isinstance(x, bytes) else str(x) for x in found[()].tolist()]
        times = Counter(names)
        return {x: i if times[x] == 1 else -1 for i, x in enumerate(names)}


def number_of(item: str, n: int, path: Path) -> int:
    """A record's number as text.

    Raises:
        IgakuError: not a number, or there are fewer records.
    """
    if not item.isdecimal() or len(item) > 12 or int(item) >= n:
        raise IgakuError(f"{path}: no record {item!r}; it holds {n:,}, from 0 on")
    return int(item)
