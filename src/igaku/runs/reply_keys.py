"""A reply's key holds everything that can change the reply, so that nothing is answered from another model's cache."""

import hashlib

import msgspec

from igaku.engines.base import Identity
from igaku.engines.pictures import read_bytes
from igaku.io.hashing import digest
from igaku.question import Request


def key_of(
    identity: Identity,
    request: Request,
    *,
    bench: str,
    lang: str,
    question: str,
    prompt: str,
    order: str,
    sample: int = 0,
) -> str:
    """32 hex digits over the engine's identity, the whole request (prompt, continuations, sampling, image contents),
    the sample's index and the reply's position in the run (two equal questions have one reply each)."""
    whole = {
        "identity": msgspec.to_builtins(identity),
        "request": msgspec.to_builtins(request) | {"images": [_image(i) for i in request.images]},
        "place": [bench, lang, question, prompt, order, sample],
    }
    return digest(msgspec.json.encode(whole, order="sorted"))


def _image(path: str) -> str:
    return hashlib.sha256(read_bytes(path)).hexdigest()
