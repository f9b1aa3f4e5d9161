"""Another sampling rate, or another length, for signals and for what is known of them."""

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from igaku.cardiology.arrays import Bools, Floats

    Array = TypeVar("Array", Floats, Bools)


def resampled(signal: "Floats", old: float, new: int) -> "Floats":
    """[leads, n] at the new rate, by a polyphase filter, which does not ring at the ends as Fourier resampling does."""
    from scipy.signal import resample_poly

    ratio = _ratio(old, new)
    out: Floats = resample_poly(signal, ratio.numerator, ratio.denominator, axis=1, padtype="line").astype("float32")
    return out


@lru_cache(16)
def _ratio(old: float, new: int) -> Fraction:
    """New samples for each old one; of rates that are no whole numbers within 0.1 ms in 100 s."""
    exact = Fraction(new) / Fraction(old)
    most = 10
    while abs((ratio := exact.limit_denominator(most)) - exact) > exact / 10**6:
        most *= 2
    return ratio


def known_at_rate(known: "Bools", old: float, new: int, n: int) -> "Bools":
    """Where ``n`` samples at the new rate have a known one near them."""
    import numpy as np

    nearest = np.minimum((np.arange(n) * old / new).round().astype(int), known.shape[1] - 1)
    out: Bools = known[:, nearest]
    return out


def middle(signal: "Array", n: int) -> "Array":
    """The middle ``n`` samples of [leads, samples]; padded with 0, or with False."""
    import numpy as np

    have = signal.shape[1]
    if have >= n:
        at = (have - n) // 2
        return signal[:, at : at + n]
    left = (n - have) // 2
    return np.pad(signal, ((0, 0), (left, n - have - left)))
