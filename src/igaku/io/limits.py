"""How much igaku takes from one file: size, depth, time. Files are others', each has a bound that can be raised."""

import os
from typing import NamedTuple

from igaku.errors import IgakuError


class Limit(NamedTuple):
    """A bound: what holds where nothing is set, its unit, and what it is of."""

    default: int
    unit: str
    of: str


LIMITS = {
    "FILE_MB": Limit(2048, "MB", "a file of rows (JSON Lines, CSV, Parquet, text), or all that an archive unpacks to"),
    "JSON_MB": Limit(128, "MB", "one JSON value (a .json file, a line, a member of an archive), or one line of CSV"),
    "XLSX_MB": Limit(64, "MB", "all that an Excel workbook unpacks to, pictures too"),
    "SETTINGS_MB": Limit(1, "MB", "a file of settings: YAML, TOML, a prompt, a card"),
    "DEPTH": Limit(200, "levels", "lists and objects inside each other; Python itself ends near 900"),
    "SAMPLES": Limit(50_000_000, "samples", "one ECG: a day of twelve leads at 48 Hz"),
    "PIXELS": Limit(200_000_000, "pixels", "one angiogram: 190 frames of 1,024 x 1,024"),
    "ECG_MB": Limit(256, "MB", "one file of an ECG machine (XML, SCP-ECG, DICOM, MFER, EDF), which is read whole"),
    "ANGIO_MB": Limit(2048, "MB", "one DICOM file of an angiogram"),
    "SECONDS": Limit(10, "seconds", "of the processor for reading one file of settings"),
    "TEMPLATE_SECONDS": Limit(3, "seconds", "rendering one prompt by a template of your own or a model's"),
    "TEMPLATE_MB": Limit(32, "MB", "the text that a template writes; its worker may take eight times as much memory"),
}
"""Name (``IGAKU_MAX_NAME`` in the environment) -> its limit. One JSON byte takes up to twenty in memory, so that one
value is bounded more tightly than a file whose rows are read one by one."""


def limit(name: str) -> int:
    """The limit of a name: ``IGAKU_MAX_NAME`` where it is set.

    Raises:
        IgakuError: it is set to something else than a whole number from 1.
    """
    given = os.environ.get(f"IGAKU_MAX_{name}")
    if given is None:
        return LIMITS[name].default
    if not given.isascii() or not given.isdigit() or not 0 < len(given) < 10 or not int(given):
        raise IgakuError(f"IGAKU_MAX_{name}={given}: expected a whole number from 1 ({LIMITS[name].unit})")
    return int(given)


def most_bytes(name: str) -> int:
    """A limit in megabytes as bytes."""
    return limit(name) << 20


def over(where: str, what: str, name: str) -> IgakuError:
    """The line for something above a limit, with the way to raise it."""
    unit = f"{limit(name):,} {LIMITS[name].unit}"
    return IgakuError(f"{where}: {what}; igaku's limit is {unit} ({LIMITS[name].of}); IGAKU_MAX_{name} raises it")
