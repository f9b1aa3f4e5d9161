"""The Jinja text of a template: igaku's own, and what is simple, is rendered here, the rest in a bounded worker."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.errors import IgakuError
from igaku.io.jinja.bounded import Fault, bounded
from igaku.io.jinja.simple import is_simple

if TYPE_CHECKING:
    from jinja2 import Template

HALF = re.compile("[\ud800-\udfff]")
"""Half a character of UTF-16, which no file and no server takes."""
OWN = Path(__file__).parent / "templates"


def caught(do: Callable[[], str]) -> str | Fault:
    """A text, or what is wrong with the template that should give it."""
    from igaku.io.jinja.sandbox import FAULTS, fault_of

    try:
        return do()
    except FAULTS as error:
        return Fault(**fault_of(error))  # type: ignore[arg-type]


class Body:
    """One template's text; checked at once.

    Args:
        where: its file, for errors. Below igaku's own folder it is trusted.
    """

    def __init__(self, source: str, where: str) -> None:
        self._source, self._where = source, where
        self._is_safe = (Path(where).is_absolute() and Path(where).is_relative_to(OWN)) or is_simple(source)
        if self._is_safe:
            self._checked(caught(lambda: self._compiled.name or ""))
        else:
            self._checked(bounded.run(source, where))

    def text(self, slots: Mapping[str, object], nonce: str) -> str:
        """The text for one question, in which chat turns begin with the nonce.

        Raises:
            IgakuError: the template asks for what does not exist, breaks out of the sandbox, or takes too long.
        """
        if not self._is_safe:
            return self._checked(bounded.run(self._source, self._where, slots, nonce))
        from igaku.io.jinja.sandbox import render

        return self._checked(caught(lambda: render(self._compiled, slots, nonce)))

    @cached_property
    def _compiled(self) -> "Template":
        from igaku.io.jinja.sandbox import compile_template

        return compile_template(self._source)

    def _checked(self, found: str | Fault) -> str:
        """Its text, or the line for what is wrong."""
        if isinstance(found, str):
            if HALF.search(found):
                raise IgakuError(f"{self._where}: it writes half a character (a lone surrogate); correct the template")
            return found
        where, what = self._where, found.message
        if found.kind == "syntax":
            raise IgakuError(f"{where}, line {found.line} after the card: {what}")
        if found.kind == "undefined":
            raise IgakuError(f"{where}: {what}; `igaku prompts show` lists the slots")
        if found.kind == "sandbox":
            raise IgakuError(f"{where}: refused by the sandbox: {what}")
        raise IgakuError(f"{where}: cannot be rendered: {what}")
