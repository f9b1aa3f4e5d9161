"""TOML of others (exam.toml, models.toml, prices, keys, heads of prompts): bounded, and one line for every fault."""

import re
import tomllib
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.json_values import check_values, fault
from igaku.io.limits import limit, most_bytes, over
from igaku.io.read import read_text


def read_toml(path: Path, hint: str = "correct it") -> dict[str, object]:
    """The table of a TOML file.

    Args:
        hint: what to do where it is not TOML.

    Raises:
        IgakuError: unreadable, not UTF-8, not TOML, too deep or too large; with file and place.
    """
    return parse_toml(read_text(path, "SETTINGS_MB"), str(path), hint)


def parse_toml(text: str, where: str, hint: str = "correct it") -> dict[str, object]:
    """TOML text as a table; errors as of ``read_toml``."""
    if len(text) > most_bytes("SETTINGS_MB"):
        raise over(where, f"{len(text) / 2**20:,.0f} MB", "SETTINGS_MB")
    if _chain(limit("DEPTH")).search(text):
        raise over(where, "a key of too many parts", "DEPTH")
    try:
        table: dict[str, object] = tomllib.loads(text)
    except (ValueError, TypeError, RecursionError) as error:  # TypeError: a key that is a value and a table
        raise IgakuError(f"{where}: not valid TOML ({fault(error)}); {hint}") from None
    check_values(table, where)
    return table


def _chain(most: int) -> re.Pattern[str]:
    """More than ``most`` parts with dots between (``a.b.c``): time and memory of tomllib grow with their square."""
    part = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
    return re.compile(rf"(?<![\w-])(?:{part}){{{most}}}")
