"""What training learns from in a row: the strings of its text, instruction, preference or conversation.

A step reads them all, whatever form the row has, and writes the row back in that form.
"""

from collections.abc import Callable, Iterator
from typing import Any

TEXT = ("text", "content", "body")
"""Fields that may hold a document's text, in this order."""
LEARNT = (
    "messages",
    "conversations",
    "system",
    "instruction",
    "input",
    "output",
    "prompt",
    "completion",
    "response",
    "chosen",
    "rejected",
)
"""Other fields that training learns from: whatever is done to a text is done to them too."""
SPOKEN = ("content", "value", "text", "reasoning_content", "thinking")
"""Fields of a message, or of a part of one, that hold what was said."""
Row = dict[str, Any]


def strings(row: Row) -> Iterator[str]:
    """What training learns from in a row's fields beside its text, in their order."""
    for name in LEARNT:
        yield from _strings(row.get(name))


def mapped(row: Row, change: Callable[[str], str]) -> Row:
    """The row with each of these strings changed, all else as it is."""
    return {k: _mapped(v, change) if k in LEARNT else v for k, v in row.items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for name in SPOKEN:
            yield from _strings(value.get(name))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {k: _mapped(v, change) if k in SPOKEN else v for k, v in value.items()}
    return value
