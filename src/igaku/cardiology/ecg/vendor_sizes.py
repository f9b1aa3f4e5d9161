"""Sizes that vendors' files claim, read before and beside ecgdatakit: SCP-ECG, MFER and DICOM."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, optional
from igaku.io.limits import limit, over

SCP_SAMPLES = 4_000_000
"""Samples of one SCP-ECG, whose Huffman codes are read one by one: twelve leads of five minutes at 1,000 Hz."""
MFER_CHANNELS = 1_000


def _scp(path: Path) -> None:
    """The samples that section 3 claims."""
    data = path.read_bytes()
    for at in range(22, min(len(data) - 10, 22 + 10 * 200), 10):
        section, length, start = struct.unpack_from("<HII", data, at)
        body = data[start + 15 : start + 15 + min(length, 4096)]
        if section == 3 and start and len(body) >= 2:
            spans = struct.iter_unpack("<IIB", body[2 : 2 + (min(body[0] * 9, len(body) - 2) // 9) * 9])
            _within(path, sum(max(0, last - first + 1) for first, last, _ in spans), SCP_SAMPLES)
            return


def _within(path: Path, n: int, usual: int) -> None:
    if n > usual and n > limit("SAMPLES") // 12:
        raise over(str(path), f"claims {n:,} samples in one record", "SAMPLES")


def _mfer(path: Path) -> None:
    """The channels that the header claims, and samples beyond what its frame describes."""
    sizes = {"channels": 1, "block": 1, "sequences": 0, "bytes": 2}
    big = True
    for tag, value in _mfer_fields(path.read_bytes()):
        if tag == 1 and value:
            big = value[0] == 0
        elif tag in _MFER_SIZES and value:
            sizes[_MFER_SIZES[tag]] = int.from_bytes(value, "big" if big else "little")
        elif tag == 0x0A and value:
            sizes["bytes"] = {0: 2, 1: 2, 2: 4, 3: 1, 4: 2, 5: 1, 6: 4, 7: 4, 8: 8}.get(value[0], 2)
        elif tag == 0x3F and any(t in (4, 6, 0x0A) for t, _ in _mfer_fields(value)):
            return  # a channel with a frame of its own
        if sizes["channels"] > MFER_CHANNELS:
            raise IgakuError(f"{path}: claims {sizes['channels']:,} channels; damaged, or not an ECG")
        if tag == 0x1E:
            _check_frame(path, len(value), sizes)


_MFER_SIZES = {4: "block", 5: "channels", 6: "sequences"}


def _mfer_fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and values one after another; of a channel's attributes (3F) what follows its number."""
    at = 0
    while at + 1 < len(data):
        tag, at = data[at], at + 1
        if tag == 0:
            continue
        while tag == 0x3F and at < len(data) and data[at] & 0x80:
            at += 1
        at += tag == 0x3F
        n, at = (data[at] if at < len(data) else 0), at + 1
        if n >= 0x80:
            n, at = int.from_bytes(data[at : at + (n & 0x7F)], "big"), at + (n & 0x7F)
        yield tag, data[at : at + n]
        at += n


def _check_frame(path: Path, have: int, sizes: dict[str, int]) -> None:
    need = sizes["channels"] * sizes["block"] * sizes["sequences"] * sizes["bytes"]
    if need and have != need:
        raise IgakuError(
            f"{path}: its frame takes {need:,} bytes, but {have:,} are there; the file contradicts itself, "
            "so it is not read"
        )


CLAIMS: dict[str, Callable[[Path], None]] = {".scp": _scp, ".mwf": _mfer}


def dicom_faults(path: Path) -> Iterator[str]:
    """Groups whose channels, samples and bytes do not fit each other."""
    file = optional("pydicom", "ecg").dcmread(path, force=True)
    for k, group in enumerate(file.get("WaveformSequence") or [], 1):
        yield from (f"group {k} {fault}" for fault in _group_faults(group))


def _group_faults(group: Any) -> Iterator[str]:
    channels, samples = int(group.get("NumberOfWaveformChannels") or 0), int(group.get("NumberOfWaveformSamples") or 0)
    bits, described = int(group.get("WaveformBitsAllocated") or 0), group.get("ChannelDefinitionSequence") or []
    if len(described) != channels:
        yield f"says {channels} channels, but describes {len(described)}"
    have, need = len(group.get("WaveformData") or b""), channels * samples * bits // 8
    if have - need > 1:
        yield f"says {samples:,} samples of {channels} channels, which take {need:,} bytes, but {have:,} are there"
    for channel in described:
        stored = int(channel.get("WaveformBitsStored") or bits)
        if stored > bits:
            yield f"says {stored} bits stored of {bits}"
        if float(channel.get("ChannelSampleSkew") or 0) or float(channel.get("ChannelTimeSkew") or 0):
            yield "has channels that are late against each other, which is not undone here"
