"""What a user can fix is one line: what, where, and what to do. Everything else is a bug with a traceback."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from typing import Any


class IgakuError(Exception):
    """An error the user can fix; the command line prints its one line and exits with code 2."""


class UnknownNameError(IgakuError):
    """A name that is not in a table, with the nearest ones that are."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        names = sorted(known)
        near = _same(name, names) or get_close_matches(name.lower(), names, n=3, cutoff=0.5)
        message = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(names[:12])}"
        if not near and len(names) > 12:
            message += f" and {len(names) - 12} more"
        super().__init__(f"unknown {kind} {name!r}: {message}{' ' + hint if hint else ''}")


def _same(name: str, names: Iterable[str]) -> list[str]:
    """Names that differ only in case, width, zeros and signs (``112-a-01``, ``112A1``), or end in it (``A1``)."""
    wanted = _squeezed(name)
    every = [(_squeezed(one), one) for one in names]
    equal = [one for squeezed, one in every if squeezed == wanted]
    part = re.compile(rf"(?<!\d){re.escape(wanted)}$" if wanted[:1].isdecimal() else f"{re.escape(wanted)}$")
    ends = [one for squeezed, one in every if any(c.isdecimal() for c in wanted) and part.search(squeezed)]
    return (equal or ends)[:3]


def _squeezed(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


def optional(module: str, extra: str) -> Any:
    """A module of an optional dependency, or the one line that says how to install it."""
    try:
        return import_module(module)
    except ImportError:
        raise missing_extra(module.split(".")[0], extra) from None


def missing_extra(package: str, extra: str) -> IgakuError:
    """The one line for an optional dependency that is not installed."""
    return IgakuError(
        f"{package} is not installed; install it with: pip install 'igaku[{extra}]' (in a checkout: '.[{extra}]')"
    )
