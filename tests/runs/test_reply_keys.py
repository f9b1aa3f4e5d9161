from pathlib import Path

from msgspec.structs import replace

from igaku.engines.base import Identity
from igaku.question import Request, Sampling
from igaku.runs.reply_keys import key_of

IDENTITY = Identity(model="m", weights="w", engine="e", version="1")
REQUEST = Request(kind="text", prompt="p", sampling=Sampling(max_tokens=8))
PLACE = {"bench": "b", "lang": "ja", "question": "1", "prompt": "t", "order": "original"}


def test_the_key_changes_with_everything_that_can_change_the_reply(tmp_path: Path) -> None:
    image = tmp_path / "i.png"
    image.write_bytes(b"one")
    keys = [key_of(IDENTITY, REQUEST, **PLACE)]
    for name in (
        "model",
        "weights",
        "revision",
        "adapter",
        "quantization",
        "dtype",
        "engine",
        "version",
        "chat_template",
        "settings",
    ):
        keys.append(key_of(replace(IDENTITY, **{name: "other"}), REQUEST, **PLACE))
    for change in (
        {"kind": "letters"},
        {"prompt": "q"},
        {"continuations": ("a",)},
        {"continuations": ("b",)},
        {"sampling": Sampling(max_tokens=9)},
        {"sampling": Sampling(max_tokens=8, temperature=0.5)},
        {"sampling": Sampling(max_tokens=8, stop=("x",))},
        {"sampling": Sampling(max_tokens=8, seed=1)},
        {"images": (str(image),)},
    ):
        keys.append(key_of(IDENTITY, replace(REQUEST, **change), **PLACE))
    image.write_bytes(b"two")
    keys.append(key_of(IDENTITY, replace(REQUEST, images=(str(image),)), **PLACE))
    for name in PLACE:
        keys.append(key_of(IDENTITY, REQUEST, **{**PLACE, name: "other"}))
    keys.append(key_of(IDENTITY, REQUEST, **PLACE, sample=1))
    assert len(set(keys)) == len(keys)


def test_the_key_of_equal_things_is_equal() -> None:
    assert key_of(IDENTITY, REQUEST, **PLACE) == key_of(replace(IDENTITY), replace(REQUEST), **PLACE)
