"""Sudachi's dictionary, loaded once for readings and for names of persons."""

from functools import cache
from typing import TYPE_CHECKING

from igaku.errors import optional

if TYPE_CHECKING:
    from sudachipy import Dictionary


@cache
def dictionary() -> "Dictionary":
    """SudachiDict core, as the extra ``corpus`` brings it.

    Raises:
        IgakuError: sudachipy is not installed.
    """
    found: Dictionary = optional("sudachipy", "corpus").Dictionary(dict="core")
    return found
