"""Which years of an exam lie in the data folders, so that a new year needs no change of code."""

import re

from igaku.io.paths import data_dirs


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
