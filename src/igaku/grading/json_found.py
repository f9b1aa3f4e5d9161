"""JSON values anywhere in a reply, read and never evaluated."""

import json
import re
from collections.abc import Iterator

_OPENS = re.compile(r"[{\[]")
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
