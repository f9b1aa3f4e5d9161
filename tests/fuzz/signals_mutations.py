"""Damage to sound ECGs and angiograms, and what igaku then says: the same signal, a refusal, a doubt, another signal.

``python -m tests.fuzz.signals_mutations --each 100 --real 30 --seed 1`` prints the table of docs/reliability.md.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from igaku.errors import IgakuError
from tests.fuzz.signals_bases import Base, made

OUTCOMES = ("same", "refused", "said", "one value", "sample", "wrong", "traceback")
"""The same signal; one line; read with a doubt, or with leads missing; a scale, rate or name changed of which the file
has one copy; a sample changed that no checksum covers; another signal without a word; anything but one line."""
FORMATS = {"big": (10**9, 2**31, 10**5), "near": (1, -1, 2, 3, -2, 12, 7)}


class Signal(NamedTuple):
    """What was read."""

    values: NDArray[np.float32]
    """[leads, n], or [frames, pixels]."""
    rate: float
    doubts: bool


class Damage(NamedTuple):
    """One damaged copy."""

    how: str
    files: dict[str, bytes]
    header: bool
    """Whether the header (or a whole file's length) was changed; else only samples."""


def damaged(base: Base, n: int, rng: random.Random) -> Iterator[Damage]:
    """``n`` copies, most with a changed header, and each file cut at its quarters."""
    for name, raw in base.files.items():
        for quarter in (1, 2, 3):
            yield Damage("cut", base.files | {name: raw[: len(raw) * quarter // 4]}, True)
        yield Damage("longer", base.files | {name: raw + raw[-64:]}, True)
    ways: list[Callable[[bytes, list[tuple[int, int]], random.Random], bytes]] = [
        _flip,
        _number,
        _number,
        _swap,
        _lose,
        _word,
    ]
    for _ in range(n):
        name = rng.choice(list(base.files))
        raw, places = base.files[name], base.samples.get(name, [])
        gaps = _header(len(raw), places)
        if (places and rng.random() < 0.12) or not gaps:
            yield Damage("sample", base.files | {name: _flip(raw, places, rng)}, False)
            continue
        way = rng.choice(ways)
        yield Damage(way.__name__.strip("_"), base.files | {name: way(raw, gaps, rng)}, True)


def _header(size: int, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    edges = [0, *(x for p in places for x in p), size]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2]) if b > a]


def _at(places: list[tuple[int, int]], rng: random.Random) -> int:
    a, b = rng.choices(places, [b - a for a, b in places])[0]
    return rng.randrange(a, b)


def _flip(raw: bytes, places: list[tuple[int, int]], rng: random.Random) -> bytes:
    """One to three bytes changed."""
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = _at(places, rng)
        out[at] = rng.choice((out[at] ^ (1 << rng.randrange(8)), rng.randrange(256), rng.randrange(32, 127)))
    return bytes(out)


def _number(raw: bytes, places: list[tuple[int, int]], rng: random.Random) -> bytes:
    """One number of the header changed: as digits, or as 2 or 4 bytes."""
    found = [m for a, b in places for m in re.finditer(rb"\d{1,9}", raw[a:b][:20000])]
    if found and rng.random() < 0.7:
        a, b = rng.choice(places)
        numbers = list(re.finditer(rb"\d{1,9}", raw[a:b]))
        if numbers:
            m = rng.choice(numbers)
            new = str(max(0, _other(int(m[0]), rng))).encode()
            keep = len(m[0]) if rng.random() < 0.6 else 0
            return raw[: a + m.start()] + (new.rjust(keep, b"0")[-keep:] if keep else new) + raw[a + m.end() :]
    at, width = _at(places, rng), rng.choice((2, 4))
    old = int.from_bytes(raw[at : at + width], "little")
    return raw[:at] + (_other(old, rng) % 256**width).to_bytes(width, "little") + raw[at + width :]


def _other(old: int, rng: random.Random) -> int:
    return rng.choice(
        (old + 1, old - 1, old * 2, old // 2, 0, 10 * old, rng.choice(FORMATS["big"]), rng.randrange(100))
    )


def _swap(raw: bytes, places: list[tuple[int, int]], rng: random.Random) -> bytes:
    """Two lines, or two words, in each other's place."""
    a, b = rng.choice(places)
    part = raw[a:b]
    pieces = re.split(rb"(\n)" if part.count(b"\n") > 3 and rng.random() < 0.4 else rb"([\s,<>/=\"]+)", part)
    if len(pieces) < 5:
        return _flip(raw, places, rng)
    i, j = rng.randrange(0, len(pieces), 2), rng.randrange(0, len(pieces), 2)
    pieces[i], pieces[j] = pieces[j], pieces[i]
    return raw[:a] + b"".join(pieces) + raw[b:]


def _lose(raw: bytes, places: list[tuple[int, int]], rng: random.Random) -> bytes:
    """A line, or some bytes, lost or there twice."""
    a, b = rng.choice(places)
    lines = raw[a:b].splitlines(keepends=True)
    if len(lines) > 3 and rng.random() < 0.6:
        i = rng.randrange(len(lines))
        lines[i : i + 1] = rng.choice(([], [lines[i]] * 2))
        return raw[:a] + b"".join(lines) + raw[b:]
    at, n = _at(places, rng), rng.choice((1, 2, 4, 16))
    return raw[:at] + (b"" if rng.random() < 0.5 else raw[at : at + n] * 2) + raw[at + n :]


def _word(raw: bytes, places: list[tuple[int, int]], rng: random.Random) -> bytes:
    """A word replaced by a hostile one."""
    a, b = rng.choice(places)
    words = list(re.finditer(rb"[A-Za-z_]{2,}|\d+", raw[a:b]))
    if not words:
        return _flip(raw, places, rng)
    m = rng.choice(words)
    new = rng.choice(
        (b"nan", b"-1", b"1e999", b"0", b"", b"V1", b"../../x", b"99999999999999999999", b"\xff\xfe", b"mV")
    )
    return raw[: a + m.start()] + new + raw[a + m.end() :]


def signal_of(base: Base, files: dict[str, bytes], folder: Path) -> Signal | str:
    """What igaku reads of files written into a folder, or its one line."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    try:
        return _signal(base, folder / base.entry)
    except IgakuError as error:
        return str(error)


def _signal(base: Base, path: Path) -> Signal:
    if "XA" in base.kind:
        from igaku.cardiology.angiography.cine import read_cine

        cine = read_cine(path, mask=False)
        return Signal(cine.frames.reshape(len(cine.frames), -1), 1.0, bool(cine.doubts))
    from igaku.cardiology.ecg import read

    record = read(path, base.rate)
    return Signal(record.signal, record.rate, bool(record.doubts))


def outcome(truth: Signal, found: Signal | str, header: bool) -> str:
    """One of ``OUTCOMES``."""
    if isinstance(found, str):
        return "refused" if "\n" not in found else "traceback"
    a, b = truth.values, found.values
    if a.shape == b.shape and np.allclose(a, b, atol=1e-5, equal_nan=True):
        return "same" if truth.rate == found.rate else "one value"
    if found.doubts or np.isnan(b).all(axis=1).sum() > np.isnan(a).all(axis=1).sum():
        return "said"
    if not header:
        return "sample"
    return "one value" if a.shape == b.shape and all(_alike(a, row) for row in b) else "wrong"


def _alike(rows: NDArray[np.float32], row: NDArray[np.float32]) -> bool:
    """Whether a lead is one of the true ones but for its scale, level and name (or was derived from two of those)."""
    known = np.isfinite(row)
    if not known.any() or np.std(row[known]) < 1e-6:
        return True
    basis = np.vstack([*np.nan_to_num(rows), np.ones(rows.shape[1])])[:, known].astype(float)
    fit, *_ = np.linalg.lstsq(basis.T, row[known].astype(float), rcond=None)
    rest = row[known] - fit @ basis
    return bool(np.std(rest) < 1e-3 * np.std(row[known]))


class Tried(NamedTuple):
    """What became of one damaged copy."""

    kind: str
    how: str
    outcome: str
    seconds: float
    files: dict[str, bytes]
    said: str


def tried(base: Base, n: int, rng: random.Random) -> Iterator[Tried]:
    """Every damaged copy of a base, read."""
    with TemporaryDirectory() as whole:
        truth = signal_of(base, base.files, Path(whole))
    if isinstance(truth, str):
        raise AssertionError(f"the sound {base.kind} is refused: {truth}")
    for damage in damaged(base, n, rng):
        with TemporaryDirectory() as folder:
            start = time.monotonic()
            try:
                found = signal_of(base, damage.files, Path(folder))
                what = outcome(truth, found, damage.header)
            except Exception as error:
                found, what = f"{type(error).__name__}: {error}", "traceback"
            text = found if isinstance(found, str) else ""
            yield Tried(base.kind, damage.how, what, time.monotonic() - start, damage.files, text)


def main() -> None:
    """Print how often each format came to each outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=100, help="damaged copies of each record made here")
    parser.add_argument("--real", type=int, default=0, help="of each real record of IGAKU_DATA")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for copies that were read wrongly")
    given = parser.parse_args()
    from tests.fuzz.signals_real import real

    table: dict[str, Counter[str]] = {}
    slowest = 0.0
    bases = [(b, given.each) for b in made() if given.each] + [(b, given.real) for b in real() if given.real]
    for base, n in bases:
        for t in tried(base, n, random.Random(f"{given.seed} {base.kind} {base.entry}")):
            table.setdefault(base.kind, Counter())[t.outcome] += 1
            slowest = max(slowest, t.seconds)
            if given.keep and (t.outcome in ("wrong", "traceback", "one value") or t.seconds > 10):
                _keep(given.keep, base, t)
    print("| format | tried | " + " | ".join(OUTCOMES) + " |\n|---|" + "---:|" * (len(OUTCOMES) + 1))
    table["all"] = sum(table.values(), Counter())
    for kind, counts in table.items():
        print(f"| {kind} | {counts.total():,} | " + " | ".join(f"{counts[o]:,}" for o in OUTCOMES) + " |")
    print(f"\nslowest: {slowest:.1f} s")


def _keep(folder: Path, base: Base, t: Tried) -> None:
    print(f"{t.outcome}: {t.kind} {t.how} {t.seconds:.1f} s {t.said[:160]}", file=sys.stderr)
    place = folder / f"{t.outcome} {t.kind} {t.how} {abs(hash(tuple(t.files.values()))) % 10**6}".replace(" ", "-")
    place.mkdir(parents=True, exist_ok=True)
    for name, data in t.files.items():
        (place / name).write_bytes(data)


if __name__ == "__main__":
    main()
