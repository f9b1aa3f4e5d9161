"""Is a record another one under a new name, in another format, unit or rate? By 256 bits of its prepared signal.

Each bit is the sign of a random projection, so that the share of bits in which two records differ is the angle of
their signals over pi (Charikar 2002). Of 342 real records, rounding, 20 µV of noise, another unit, level or rate turn
up to 26 bits, most under 10; two different records differ in 58 or more. Codes near each other agree wholly in one band
(always with fewer bits than bands, in 97 of 100 pairs at 24 bits), which finds them without comparing all pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from igaku.errors import optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

BITS, BANDS = 256, 16
CLOSE = 32
"""Most bits in which codes of one record differ; a correlation of 0.92."""
PER_SECOND = 25
"""Means a second that are projected, so that a sample's shift turns few bits."""


def signal_hash(signal: "Floats", seconds: float) -> str:
    """64 hex digits of a prepared signal [leads, samples]; empty of one that is flat throughout.

    Offsets and each lead's scale do not count, nor the outer tenths, where filters ring. A missing lead (NaN) is left
    out, so that a record without its chest leads has another code than with them.
    """
    np = optional("numpy", "ecg")
    end = signal.shape[1] // 10
    inner = np.nan_to_num(np.asarray(signal[:, end : signal.shape[1] - end], np.float64))
    bins = max(1, min(round(0.8 * PER_SECOND * seconds), inner.shape[1]))
    edges = np.linspace(0, inner.shape[1], bins + 1).round().astype(int)[:-1]
    means = np.add.reduceat(inner, edges, axis=1) / np.diff([*edges, inner.shape[1]])
    means -= means.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(means).mean(axis=1, keepdims=True))
    if not size.max() > 1e-9:
        return ""
    scaled = (means / np.maximum(size, 1e-9)).astype(np.float32).ravel()
    return bytes(np.packbits(_projections(len(scaled)) @ scaled > 0)).hex()


@lru_cache(4)
def _projections(n: int) -> "Floats":
    """float32 [``BITS``, n], the same on every machine."""
    np = optional("numpy", "ecg")
    out: Floats = np.random.Generator(np.random.PCG64(n)).standard_normal((BITS, n), np.float32)
    return out


class Recordings:
    """Codes in which others are looked up; an empty code is like no other."""

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self._codes: list[int] = []
        self._bands: dict[tuple[int, int], list[int]] = {}
        for code in codes:
            self.add(code)

    def add(self, code: str) -> None:
        """Take one more code; its index is the number of those before it."""
        for key in _bands(code):
            self._bands.setdefault(key, []).append(len(self._codes))
        self._codes.append(int(code or "0", 16))

    def near(self, code: str) -> Iterator[int]:
        """Indices of the codes of the same record."""
        wanted = int(code or "0", 16)
        found = {i for key in _bands(code) for i in self._bands.get(key, ())}
        return (i for i in sorted(found) if (self._codes[i] ^ wanted).bit_count() <= CLOSE)


def _bands(code: str) -> list[tuple[int, int]]:
    width = BITS // BANDS // 4
    return [(k, int(code[at : at + width], 16)) for k, at in enumerate(range(0, len(code), width))]


def one_name(patients: Sequence[str], codes: Sequence[str]) -> list[str]:
    """The patient of each record, where patients that share a record are one: the first of their names."""
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while (up := first.get(name, name)) != name:
            name = up
        return name

    known = Recordings()
    for patient, code in zip(patients, codes, strict=True):
        for k in known.near(code):
            one, other = root(patients[k]), root(patient)
            if one != other:
                first[other] = one
        known.add(code)
    return [root(p) for p in patients]
