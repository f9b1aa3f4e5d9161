"""A model's chat template is code of others: it is tried in a bounded worker before the engine's own library runs it.

The worker's text is not used, as each library has its own Jinja; only whether the template ends in time, with a text
that is not endless. What it cannot read is left to the engine.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from igaku.io.jinja.bounded import bounded
from igaku.question import Message

Bound = Callable[[Sequence[Mapping[str, object]], Mapping[str, object]], None]
KEY = b"tokenizer.chat_template"
FIRST = [Message("system", "x"), Message("user", "y")]


def bound_of(template: object, where: str, given: Mapping[str, object]) -> Bound:
    """What tries a template on turns, with further slots.

    Args:
        given: what the template is given always: the names of its special tokens.

    Raises:
        IgakuError: it takes too long, or too much; so does what is returned.
    """

    def run(turns: Sequence[Mapping[str, object]], extras: Mapping[str, object]) -> None:
        if isinstance(template, str) and template:
            slots = {**given, **extras, "messages": list(turns), "add_generation_prompt": True}
            bounded.run(template, where, {"tools": None, "documents": None, **slots}, chat=True)

    return run


def try_gguf(path: Path) -> None:
    """Try a GGUF file's chat template, before llama.cpp does while it loads the file.

    Raises:
        IgakuError: it takes too long, or too much.
    """
    template = gguf_template(path)
    turns = [{"role": m.role, "content": m.content} for m in FIRST]
    for shown in (turns, turns[1:]):
        bound_of(template, f"{path}, its chat template", {"bos_token": "<s>", "eos_token": "</s>"})(shown, {})


def gguf_template(path: Path, head: int = 64 << 20) -> str:
    """The chat template in a GGUF file's metadata; empty where none is found."""
    with path.open("rb") as file:
        found = file.read(head)
    at = found.find(len(KEY).to_bytes(8, "little") + KEY)
    start = at + 8 + len(KEY)
    if at < 0 or found[start : start + 4] != (8).to_bytes(4, "little"):  # 8: a text
        return ""
    length = int.from_bytes(found[start + 4 : start + 12], "little")
    return found[start + 12 : start + 12 + length].decode("utf-8", "replace") if length < head else ""
