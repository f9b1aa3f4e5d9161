"""Benchmarks whose files a user puts into the data folder by hand: what the error says where they are missing."""

from pathlib import Path
from typing import ClassVar

from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.io.paths import find_data


class ByHand(Benchmark):
    """A benchmark that ``igaku data get`` does not fetch: no listed size and hash, or terms to accept first."""

    page: ClassVar[str] = ""
    """Where a person gets the files."""

    def path(self, relative: str) -> Path:
        """The full path of one data file.

        Raises:
            IgakuError: it is not found; the line says where to get it and where to put it.
        """
        found = find_data(relative)
        if found is None:
            raise IgakuError(
                f"{self.name}: data file {relative} not found; download it from {self.page} and put it under "
                f"IGAKU_DATA as {relative}"
            )
        return found
