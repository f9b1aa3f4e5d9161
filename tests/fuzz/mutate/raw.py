"""Damage that any file can take: bytes changed, cut, doubled, other encodings; and lines moved, doubled, lost."""

from collections.abc import Callable
from random import Random

Mutator = Callable[[bytes, Random], bytes]
JUNK = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b'"',
    b"\\",
    b"{",
    b"[",
    b"}",
    b"\n",
    b"\r",
    b"\t",
    b"1e999",
    b"[[[[",
    b"\xe2\x80\xae",
)
WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xff" * 8, b"\xff" * 7 + b"\x7f")


def _at(raw: bytes, rng: Random) -> int:
    """A position, more often near the beginning, where headers are."""
    return rng.randrange(min(len(raw), 4000) if rng.random() < 0.5 else len(raw)) if raw else 0


def _flip(raw: bytes, rng: Random) -> bytes:
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 3, 20)) if raw else 0):
        out[_at(raw, rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _set(raw: bytes, rng: Random) -> bytes:
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 3, 20, 100)) if raw else 0):
        out[_at(raw, rng)] = rng.randrange(256)
    return bytes(out)


def _delete(raw: bytes, rng: Random) -> bytes:
    at = _at(raw, rng)
    return raw[:at] + raw[at + rng.randrange(1, 40) :]


def _insert(raw: bytes, rng: Random) -> bytes:
    at = _at(raw, rng)
    return raw[:at] + rng.choice(JUNK) * rng.randrange(1, 4) + raw[at:]


def _word(raw: bytes, rng: Random) -> bytes:
    """A length or a count becomes huge, zero or negative."""
    at, word = _at(raw, rng), rng.choice(WORDS)
    return raw[:at] + word + raw[at + len(word) :]


def _cut(raw: bytes, rng: Random) -> bytes:
    return raw[: rng.randrange(len(raw))] if raw else b""


def _double(raw: bytes, rng: Random) -> bytes:
    at = _at(raw, rng)
    return rng.choice((raw + raw, raw[:at] + raw[at:] * 2, raw[:at] * 2 + raw[at:]))


def _encoding(raw: bytes, rng: Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    name = rng.choice(("utf-16", "utf-16-le", "utf-32", "cp932", "euc_jp", "utf-8-sig", "latin-1", "utf-7"))
    return text.encode(name, "replace")


def _nothing(raw: bytes, rng: Random) -> bytes:
    return rng.choice((b"", b"\0" * len(raw), b"\n\n \n", b" ", b"null", b"[]", b"{}", b"5", bytes(range(256)) * 9))


def _random(raw: bytes, rng: Random) -> bytes:
    return rng.randbytes(rng.randrange(1, 2000))


def _filled(raw: bytes, rng: Random) -> bytes:
    at = _at(raw, rng)
    return raw[:at] + rng.choice((b" ", b"x", b"\0", b"\n", b"(", b"[", b"9", "あ".encode())) * 300_000 + raw[at:]


ANY: tuple[Mutator, ...] = (_flip, _set, _delete, _insert, _word, _cut, _double, _encoding, _nothing, _random, _filled)


def BYTES(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """One way of damage that knows nothing of the file."""
    way = rng.choices(ANY, (3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1))[0]
    return "bytes" + way.__name__, way(raw, rng)


def LINES(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """A line lost, doubled, moved, joined with the next; other ends of lines."""
    lines = raw.split(b"\n")
    at = rng.randrange(len(lines))
    way = rng.choice(("lost", "doubled", "moved", "joined", "ends", "last", "copies"))
    if way == "lost":
        del lines[at]
    elif way in ("doubled", "copies"):
        lines[at:at] = [lines[at]] * (1 if way == "doubled" else 200)
    elif way == "moved":
        rng.shuffle(lines)
    elif way == "ends":
        return "lines-ends", rng.choice((b"\r\n", b"\r", b"\x0b", "\u2028".encode(), b"\x85", b"\0")).join(lines)
    elif way == "last":
        lines = lines[: at + 1]
    else:
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    return f"lines-{way}", b"\n".join(lines)
