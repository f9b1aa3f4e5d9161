"""What a rule took out of a text, so that a reviewer sees it and the clinical guard can count it."""

import re
from collections.abc import Callable
from typing import NamedTuple


class Removed(NamedTuple):
    """One piece."""

    rule: str
    text: str


def remover(rule: str, removed: list[Removed]) -> Callable[[re.Match[str]], str]:
    """For ``re.sub``: nothing stands where the match was, and ``removed`` holds it."""

    def one(m: re.Match[str]) -> str:
        removed.append(Removed(rule, m[0]))
        return ""

    return one
