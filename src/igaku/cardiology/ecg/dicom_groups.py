"""DICOM ECGs whose leads lie in several groups: the whole recording among shorter ones, or three leads at a time.

Each group is read by itself (as a file of one group), and the leads are put together here: groups of other leads at
their own times, since four groups of 2.5 s that follow each other are not simultaneous.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from igaku.cardiology.ecg.record import LEADS, Record, arranged
from igaku.cardiology.limits import check_size
from igaku.errors import IgakuError, optional

_BEAT = re.compile(r"median|average|representative|template", re.I)


class _Group(NamedTuple):
    data: Any
    """The item of the waveform sequence."""
    seconds: float
    start: float
    """Seconds from the acquisition's begin."""


def rhythm_groups(path: Path) -> tuple[Any, list[_Group]]:
    """The data set, and the groups of which the recording consists; one or none where nothing has to be put together.

    Averaged beats are left out: by their label, or, where nobody labels, as derived and shorter than an original.
    """
    file = optional("pydicom", "ecg").dcmread(path, force=True)
    groups = [_group(g) for g in file.get("WaveformSequence") or []]
    original = [g for g in groups if g.data.get("WaveformOriginality") != "DERIVED"]
    longest = max((g.seconds for g in original), default=0.0)
    rhythm = [
        g
        for g in groups
        if not _BEAT.search(str(g.data.get("MultiplexGroupLabel") or "")) and (g in original or g.seconds >= longest)
    ]
    whole = [g for g in rhythm if g.seconds == longest and int(g.data.get("NumberOfWaveformChannels") or 0) >= 8]
    return file, whole if len(whole) == 1 else rhythm


def _group(data: Any) -> _Group:
    rate = float(data.get("SamplingFrequency") or 0)
    return _Group(
        data,
        float(data.get("NumberOfWaveformSamples") or 0) / rate if rate > 0 else 0.0,
        float(data.get("MultiplexGroupTimeOffset") or 0) / 1000,
    )


def read_groups(path: Path, read: Callable[[Path], Record]) -> Record | None:
    """The record of a file with several groups; None where it has one, which needs no putting together.

    Raises:
        IgakuError: groups have one lead at one time, other rates, or no time.
    """
    file, groups = rhythm_groups(path)
    if len(file.get("WaveformSequence") or []) < 2 or not groups:
        return None
    with TemporaryDirectory() as folder:
        records = [_alone(file, g, Path(folder) / "one.dcm", read, path) for g in groups]
    return records[0] if len(records) == 1 else _joined(path, records, [g.start for g in groups])


def _alone(file: Any, group: _Group, out: Path, read: Callable[[Path], Record], path: Path) -> Record:
    file.WaveformSequence = [group.data]
    optional("pydicom", "ecg").dcmwrite(out, file)
    try:
        record = read(out)
    except IgakuError as error:
        raise IgakuError(str(error).replace(str(out), str(path))) from None
    record.source = str(path)
    return record


def _joined(path: Path, records: Sequence[Record], starts: Sequence[float]) -> Record:
    np = optional("numpy", "ecg")
    rates = {r.rate for r in records}
    own = [_names(r) for r in records]
    if len(rates) > 1:
        raise IgakuError(f"{path}: groups of leads with different rates ({', '.join(f'{r:g}' for r in rates)} Hz)")
    if len({n for names in own for n in names}) < sum(map(len, own)):
        raise IgakuError(
            f"{path}: {len(records)} groups hold one lead at several times; which one is meant is not known"
        )
    rate, begin = rates.pop(), min(starts)
    at = [round((s - begin) * rate) for s in starts]
    total = max(k + r.signal.shape[1] for k, r in zip(at, records))
    check_size((12, total), path)
    rows, names = [], []
    for k, record, own_names in zip(at, records, own):
        for name in own_names:
            row = np.full(total, np.nan, np.float32)
            row[k : k + record.signal.shape[1]] = record.signal[LEADS.index(name)]
            rows.append(row)
            names.append(name)
    first = records[0]
    first.signal, first.derived, _ = arranged(rows, names, str(path))
    if len(set(at)) > 1:
        first.doubts.append(f"{len(records)} groups of leads that follow each other; not simultaneous")
    return first


def _names(record: Record) -> list[str]:
    return [n for n in LEADS if n not in record.missing and n not in record.derived]
