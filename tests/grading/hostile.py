"""Replies that a looping or hostile model writes: one unit again and again, between two short ends."""

import random
import time
from collections.abc import Callable, Iterator

UNITS = [
    "変更前: ",
    "変更前: a 変更後: ",
    "元:後:",
    "'before': '",
    "'before': 'a', 'after': '",
    "[",
    "[1,",
    '{"before": ',
    "「",
    "「「a」",
    "『",
    "- a → ( 変更",
    "a →  ",
    "→",
    "|",
    "・ ",
    "- 「",
    "\n、",
    " ",
    "\t",
    "\n",
    "\u3000",
    "e ",
    "a, ",
    "a\n",
    "答え：",
    "The answer is ",
    "\\boxed{",
    "therefore\t",
    "option ",
    "よって",
    "/5",
    "5点",
    "1. ",
    "1",
    "12,",
    "水和物",
    "塩酸塩",
    "二水和物",
    "(",
    "（",
    "<think>",
    "</think>",
    "1: ",
    '"\t',
    '1 "',
    "はい/",
    "項目1",
    "\\'",
    "'",
    '"',
    "## ",
    "\n問題",
    "a b c d e ",
    "not a ",
    "- ",
    "**",
    "\x00",
    "か a",
    "=1",
    "-1",
    "から",
    "\n1: はい",
    "* ",
]
ENDS = ("", "x", "変更後: b", "答え: a", "したがって", "<いいえ", "水和", "\n- a → b", "）", "もっとも")
LIMIT = 0.5
"""Seconds of processor time for 30 KB."""


def hostile(seed: int = 0, n: int = 20, size: int = 30_000) -> Iterator[str]:
    """Each unit alone, then n random pairs of them, with random ends."""
    rng = random.Random(seed)
    units = [*UNITS, *("".join(rng.sample(UNITS, 2)) for _ in range(n))]
    for unit in units:
        begin, end = rng.choice(ENDS), rng.choice(ENDS)
        yield begin + unit * (size // len(unit)) + end


def seconds(read: Callable[[str], object], text: str) -> float:
    """Processor time of one reading; of a slow one the better of two, since a garbage collection may fall into it."""
    found = []
    for _ in range(2):
        start = time.process_time()
        read(text)
        found.append(time.process_time() - start)
        if found[0] < LIMIT / 2:
            break
    return min(found)
