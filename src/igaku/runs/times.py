"""``times.jsonl``: how long replies took, where an engine knows it of a single one.

It stands beside the journal and not in it: a clock differs between two equal runs, and a reply does not.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from igaku.io.json_values import FAULTS
from igaku.question import Took

FILE = "times.jsonl"


class TimeLine(Struct, frozen=True, omit_defaults=True):
    """One line: the key of a reply, and how long it took."""

    key: str
    took: Took


def write_time(folder: Path, key: str, took: Took) -> None:
    """Add one line."""
    with (folder / FILE).open("ab") as file:
        file.write(msgspec.json.encode(TimeLine(key, took)) + b"\n")


def read_times(folder: Path) -> dict[str, Took]:
    """Key of a reply -> how long it took, the last where there are several; a line that cannot be read (a kill leaves
    half of one) says nothing."""
    try:
        data = (folder / FILE).read_bytes()
    except OSError:
        return {}
    decoder, out = msgspec.json.Decoder(TimeLine), {}
    for line in data.split(b"\n"):
        try:
            found = decoder.decode(line)
        except FAULTS:
            continue
        out[found.key] = found.took
    return out
