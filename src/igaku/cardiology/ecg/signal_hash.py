"""Is a record another one under a new name, in another format, unit or rate? By 256 bits and 6 values a lead.

Each bit is the sign of a random projection of the prepared signal, so that the share of bits in which two records
differ is the angle of their signals over pi (Charikar 2002). Of 342 real records, rounding, 20 µV of noise, another
unit, level or rate turn up to 26 bits, most under 10; two different records differ in 58 or more. Codes near each other
agree wholly in one band (always with fewer bits than bands, in 97 of 100 pairs at 24 bits), which finds them without
comparing all pairs.

Among very many records two hearts of one rate beat in step, and few bits differ. What does not depend on when a heart
beats tells them apart: how high and how low each lead goes for its size. In 262 records such changes, or a start 4 ms
later, move these values by up to 0.25 steps in the mean (one by 0.39); of pairs of different real records 3 in 1,000
are as near as 0.40.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from igaku.errors import optional

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Floats

BITS, BANDS = 256, 16
CLOSE, CLOSE_LEVELS = 32, 0.40
"""Most bits in which codes of one record differ (a correlation of 0.92), and most steps between its values."""
PER_SECOND, LEVELS_PER_SECOND = 25, 100
"""Means a second: few are projected, so that a sample's shift turns few bits."""
LEVELS = (0.5, 2, 10, 90, 98, 99.5)
"""Percentiles of a lead, of which each is a hex digit: eight steps on either side of its mean."""
_STEP = 0.25
"""Of the logarithm of 1 + the distance from the mean in standard deviations."""
_SIGNS = BITS // 4
"""Hex digits of the first part. A code of an edition that knew no other has only these."""


def signal_hash(signal: "Floats", seconds: float) -> str:
    """Hex digits of a prepared signal [leads, samples], 64 and 6 a lead; empty of one that is flat throughout.

    Offsets and each lead's scale do not count, nor the outer tenths, where filters ring. A missing lead (NaN) is left
    out, so that a record without its chest leads has another code than with them.
    """
    np = optional("numpy", "ecg")
    end = signal.shape[1] // 10
    inner = np.nan_to_num(np.asarray(signal[:, end : signal.shape[1] - end], np.float64))
    means = _means(inner, PER_SECOND * seconds)
    if not np.abs(means).max() > 0:
        return ""
    scaled = means.astype(np.float32).ravel()
    signs = bytes(np.packbits(_projections(len(scaled)) @ scaled > 0)).hex()
    return signs + _levels(_means(inner, LEVELS_PER_SECOND * seconds))


def _means(inner: "Floats", wanted: float) -> "Floats":
    """[leads, bins] of mean 0 and standard deviation 1, a flat lead all 0: ``wanted`` bins for a whole record.

    Of which ``inner`` is the middle four fifths.
    """
    np = optional("numpy", "ecg")
    bins = max(1, min(round(0.8 * wanted), inner.shape[1]))
    edges = np.linspace(0, inner.shape[1], bins + 1).round().astype(int)[:-1]
    out: Floats = np.add.reduceat(inner, edges, axis=1) / np.diff([*edges, inner.shape[1]])
    out -= out.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(out).mean(axis=1, keepdims=True))
    out /= np.maximum(size, 1e-9) if size.max() > 1e-9 else np.inf
    return out


def _levels(means: "Floats") -> str:
    np = optional("numpy", "ecg")
    found = np.percentile(means, LEVELS, axis=1).T.ravel()
    steps = np.sign(found) * np.log1p(np.abs(found)) / _STEP
    return "".join(f"{x:x}" for x in np.clip(steps.round() + 8, 0, 15).astype(int))


@lru_cache(4)
def _projections(n: int) -> "Floats":
    """float32 [``BITS``, n], the same on every machine."""
    np = optional("numpy", "ecg")
    out: Floats = np.random.Generator(np.random.PCG64(n)).standard_normal((BITS, n), np.float32)
    return out


class Recordings:
    """Codes in which others are looked up; an empty code is like no other."""

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self._codes: list[tuple[int, bytes]] = []
        self._bands: dict[tuple[int, int], list[int]] = {}
        for code in codes:
            self.add(code)

    def add(self, code: str) -> None:
        """Take one more code; its index is the number of those before it."""
        for key in _bands(code):
            self._bands.setdefault(key, []).append(len(self._codes))
        self._codes.append(_parts(code))

    def near(self, code: str) -> Iterator[int]:
        """Indices of the codes of the same record."""
        wanted = _parts(code)
        found = {i for key in _bands(code) for i in self._bands.get(key, ())}
        return (i for i in sorted(found) if _is_one(self._codes[i], wanted))


def _parts(code: str) -> tuple[int, bytes]:
    return int(code[:_SIGNS] or "0", 16), bytes(int(digit, 16) for digit in code[_SIGNS:])


def _is_one(a: tuple[int, bytes], b: tuple[int, bytes]) -> bool:
    if (a[0] ^ b[0]).bit_count() > CLOSE:
        return False
    levels = [abs(x - y) for x, y in zip(a[1], b[1])]
    return sum(levels) <= CLOSE_LEVELS * len(levels)


def _bands(code: str) -> list[tuple[int, int]]:
    width = BITS // BANDS // 4
    return [(k, int(code[at : at + width], 16)) for k, at in enumerate(range(0, min(len(code), _SIGNS), width))]


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
