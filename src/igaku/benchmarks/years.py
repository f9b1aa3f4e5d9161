"""Which years of an exam lie in the data folders, so that a new year needs no change of code."""

import re

from igaku.io.paths import data_dirs

PHYSICIANS, DENTISTS, PHARMACISTS = 1906, 1907, 1915
"""Year of a national exam of Japan less its number: the 119th of the physicians was held in 2025."""


def year_of(name: str, profession: int) -> str:
    """The year of an exam by the number that its questions' ids begin with (``119A1``); empty without one."""
    return str(profession + int(name[:3])) if re.match(r"[0-9]{3}", name) else ""


def years_here(folder: str, name: str) -> dict[str, dict[str, str]]:
    """Year -> what the first group of ``name`` captures -> file, for ``FOLDER/YEAR/FILE`` in any data folder.

    The years are in order; the files are relative to the data folder.
    """
    found: dict[str, dict[str, str]] = {}
    for data in data_dirs():
        for file in sorted((data / folder).glob("[0-9][0-9][0-9][0-9]/*")):
            if m := re.fullmatch(name, file.name):
                found.setdefault(file.parent.name, {}).setdefault(m[1], f"{folder}/{file.parent.name}/{file.name}")
    return {year: found[year] for year in sorted(found)}
