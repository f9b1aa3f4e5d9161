"""In which language tables, notes and hints are shown: ``--ui``, else the locale; JSON and files stay as they are."""

import os
from collections.abc import Sequence

from igaku.errors import UnknownNameError

LANGUAGES = ("en", "ja")
UI = "Language of tables, notes and hints: en or ja; the locale's if left out. JSON, --format and errors stay English."
_chosen = {"ui": ""}


def use(name: str) -> None:
    """Take a language from now on; an empty name leaves it to the locale.

    Raises:
        UnknownNameError: it is neither ``en`` nor ``ja``.
    """
    if name and name not in LANGUAGES:
        raise UnknownNameError("--ui", name, LANGUAGES)
    _chosen["ui"] = name


def language() -> str:
    """``ja`` or ``en``."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return _chosen["ui"] or ("ja" if locale.lower().startswith("ja") else "en")


def ui_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with ``--ui`` before the command, wherever it was written."""
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    taken, rest = list[str](), list[str]()
    own = iter(arguments[:end])
    for argument in own:
        if argument == "--ui":
            taken += [argument, *(value for value in [next(own, None)] if value is not None)]
        else:
            (taken if argument.startswith("--ui=") else rest).append(argument)
    return [*taken, *rest, *arguments[end:]]
