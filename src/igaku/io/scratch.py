"""Temporary folders that last as long as the process: replies are read where they lie, also when nobody expects it."""

from tempfile import TemporaryDirectory

_LASTING: list[TemporaryDirectory[str]] = []


def lasting_folder() -> str:
    """A new empty folder, removed when the process ends.

    Verdicts read a reply's text when somebody looks at it, and files are closed and opened again where many are in use:
    the folder of a run whose verdicts are handed on must not go before them.
    """
    _LASTING.append(TemporaryDirectory(prefix="igaku-"))
    return _LASTING[-1].name
