"""JSON anywhere in a reply, read in linear time and never evaluated."""

import json
import re
from collections.abc import Iterator

from igaku.io.patterns import lazy

_OPENS = lazy(r"[{\[]")
_EFFORT = 20
"""Characters that JSON may cost per character of a reply: unclosed brackets, each tried to the end, are given up."""


def json_values(text: str) -> Iterator[object]:
    """Every complete object or list, outermost ones only, in order; an unfinished one is left out."""
    decoder = json.JSONDecoder()
    effort, found = _EFFORT * len(text), _OPENS.search(text)
    while found and effort > 0:
        start = found.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            effort -= 100 + getattr(error, "pos", start + 1000) - start
            end = start + 1
        else:
            yield value
        found = _OPENS.search(text, end)


def objects(value: object, depth: int = 20) -> Iterator[dict[str, object]]:
    """Every object in a value, outer ones first, keys in lower case without blanks and marks."""
    if isinstance(value, dict):
        yield {re.sub(r"[\s_\-]+", "_", str(k).strip().lower()): v for k, v in value.items()}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside if depth else ():
        yield from objects(one, depth - 1)
