"""Regular expressions compiled when they are first used: a command that reads no reply waits for none of them.

The readers have a few hundred patterns; compiling them all was a third of what it takes to import ``igaku.runs``.
"""

import re
from typing import Any, cast


class _Lazy:
    """Stands for a compiled pattern, and turns into its methods one by one as they are called."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = self.__dict__.get("_compiled")
        if compiled is None:
            compiled = self.__dict__["_compiled"] = re.compile(self.pattern, self._flags)
        found = getattr(compiled, name)
        self.__dict__[name] = found  # from now on as fast as the pattern's own
        return found


def lazy(pattern: str, flags: int = 0) -> "re.Pattern[str]":
    """As ``re.compile``, at the first use; a pattern that is none raises ``re.error`` there."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
