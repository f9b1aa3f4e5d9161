"""In which order choices are shown: as they are, rotated, or shuffled by a seed.

``original``; ``rotate-2`` (each choice moved two positions up, the first two to the end); ``shuffle-7`` (random, by the
seed and the question's id only). ``rotations`` stands for the original and all its rotations: each choice is once in
each position, which is what a measurement of position bias needs, and what random orders only approach.
"""

import random
import re
from collections.abc import Sequence

from igaku.errors import IgakuError
from igaku.question import Question

_ORDER = re.compile(r"original|(?:rotate|shuffle)-\d{1,9}")


def expand(wanted: Sequence[str], n_choices: int, seed: int = 0) -> list[str]:
    """Names of single orders, each once.

    Raises:
        IgakuError: a name is none of original, rotations, rotate-K, shuffle, shuffle-SEED.
    """
    out: list[str] = []
    for name in wanted:
        if name == "rotations":
            out += ["original", *(f"rotate-{k}" for k in range(1, n_choices))]
        elif name == "shuffle":
            out.append(f"shuffle-{seed}")
        elif _ORDER.fullmatch(name):
            out.append("original" if re.fullmatch(r"rotate-0+", name) else name)
        else:
            raise IgakuError(
                f"order {name!r} is not known; there are original, rotations, rotate-K, shuffle, shuffle-SEED"
            )
    return list(dict.fromkeys(out))


def permutation(q: Question, order: str) -> tuple[int, ...]:
    """``permutation[i]`` is the position, in the question, of the choice shown as number i; empty: as it is."""
    kind, _, number = order.partition("-")
    positions = list(range(len(q.choices)))
    if kind == "shuffle":
        random.Random(f"{number}/{q.id}").shuffle(positions)
        return tuple(positions)
    k = int(number) % len(positions) if kind == "rotate" and positions else 0
    return tuple(positions[k:] + positions[:k]) if k else ()
