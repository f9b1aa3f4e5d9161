"""Switches that are given a value all the same."""

from collections.abc import Sequence
from itertools import pairwise

from igaku.errors import IgakuError


def check_switches(arguments: Sequence[str]) -> None:
    """Refuse ``--thinking on,off``: the flag is a switch, and rows of several are ``--effort on,off``.

    Raises:
        IgakuError: with what to give in its stead.
    """
    given = [flag.partition("=")[::2] for flag in arguments if flag.startswith("--thinking=")]
    found = [value for flag, value in [*pairwise(arguments), *given] if flag == "--thinking" and value]
    if not found:
        return
    from igaku.engines.effort import LEVELS, SWITCH

    for value in found:
        if set(value.lower().split(",")) <= {*LEVELS, *SWITCH}:
            raise IgakuError(
                f"--thinking {value}: it takes no value; give --effort {value} for a row each, or --thinking or "
                "--no-thinking alone"
            )
