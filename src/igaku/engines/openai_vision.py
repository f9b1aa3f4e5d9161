"""Whether a served model takes pictures: tried at load with a small one, so that no run is blind without a word."""

import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from igaku.engines.fleet_calls import Failed
from igaku.engines.openai_bodies import Body, Dialect, bodies
from igaku.engines.openai_replies import Replies
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request, Sampling

SIDE = 112
"""Pixels a side: some servers refuse pictures of a few."""
WORDS = "Which colour is this? One word."
NO_TEXTS = "pictures are sent in chats, and a chat does not score a choice's text"
NOT_COUNTED = (
    "the server counts no tokens for a picture, so it may leave pictures out: hold this run against one without them "
    "(igaku images)"
)


def check_vision(ask: Callable[[Body], object], dialect: Dialect, replies: Replies, length: int) -> list[str]:
    """Ask about one picture, and the same without it; what was noticed, a line each.

    Args:
        ask: sends one call, and gives what was read of the answer, or ``Failed``.
        length: tokens of a reply that the server takes.

    Raises:
        IgakuError: the server has no chats, or refuses the picture.
    """
    if not (dialect.has_chat or dialect.has_responses):
        raise IgakuError(f"{dialect.model}: pictures are sent in chats, which this server does not answer")
    sampling = Sampling(max_tokens=length)
    plain = Request(kind="text", prompt=WORDS, messages=(Message("user", WORDS),), sampling=sampling)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "red.png"
        file.write_bytes(_red())
        seen = ask(bodies(replace(plain, images=(str(file),)), dialect, replies)[0])
    if not isinstance(seen, Answer):
        why = seen.message[:200] if isinstance(seen, Failed) else "no answer"
        raise IgakuError(f"{dialect.model} takes no pictures ({why}); leave out --vision, or serve a model that sees")
    blind = ask(bodies(plain, dialect, replies)[0])
    counted = isinstance(blind, Answer) and 0 < blind.prompt_tokens < seen.prompt_tokens
    return [] if counted or not seen.prompt_tokens else [NOT_COUNTED]


def _red() -> bytes:
    """A small PNG of one colour."""
    row = b"\0" + b"\xd0\x20\x20" * SIDE
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * SIDE)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + name + d + struct.pack(">I", zlib.crc32(name + d)) for name, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
