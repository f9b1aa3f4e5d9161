"""Which questions are versions of one text: a case with another error in each, a question that two benchmarks hold."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]
    Numbers = NDArray[np.int64]

SAME = 0.6
"""Share of the longer text's runs that two versions of one text have in common."""
MOST = 30
"""Versions of one text; what more have is the wording of a task, before another text in each."""


def commonness(codes: "Codes", owners: "Numbers", lengths: "Numbers", more_than: int) -> "Numbers":
    """[codes] by how many different texts a code is had; versions of one text count once.

    Only codes with more than ``more_than`` owners, and at most ``MOST``, are looked at more closely: for the others, it
    is the number of their owners.

    Args:
        codes: in order, each once for each owner.
        owners: [codes] who has it, in order within a code.
        lengths: [owners] how many codes each one has.
    """
    import numpy as np

    number = np.unique(codes, return_counts=True)[1]
    many = np.repeat((number > more_than) & (number <= MOST), number)
    text = _text_of(codes[many], owners[many], lengths)
    pairs = np.stack([np.repeat(np.arange(len(number)), number)[many], text[owners[many]]])
    code, texts = np.unique(np.unique(pairs, axis=1)[0], return_counts=True)
    out = number.copy()
    out[code] = texts
    return np.repeat(out, number)


def _text_of(codes: "Codes", owners: "Numbers", lengths: "Numbers") -> "Numbers":
    """[owners] the first of the versions that it is one of: neighbours under a code are compared, so chains count."""
    import numpy as np

    text = np.arange(len(lengths))
    same = codes[1:] == codes[:-1]
    pairs = owners[:-1][same].astype(np.int64) * len(lengths) + owners[1:][same]
    pair, shared = np.unique(pairs, return_counts=True)
    a, b = np.divmod(pair, max(1, len(lengths)))
    alike = shared >= SAME * np.maximum(lengths[a], lengths[b])
    for x, y in zip(a[alike].tolist(), b[alike].tolist()):
        text[y] = text[x]
    return text
