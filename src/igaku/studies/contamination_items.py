"""The requests of each probe of ``igaku.studies.contamination``, drawn from a benchmark's questions."""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec.structs import replace

from igaku.prompts import load_prompt
from igaku.prompts.orders import expand, permutation
from igaku.question import Question, Request, Sampling

COPIES = 9
"""Other versions of each unit: with nine, the canonical one is best in a tenth of the units by chance."""
IN_A_RUN = 5
"""Questions in one run of the order probe."""
WORDS = 40
"""Tokens of a completion; and characters from which it counts as word for word."""
SHARED = {"ja": 20, "zh": 20}
"""Characters in a row that two neighbours share where they hang together: a vignette that is repeated."""
SHARED_ELSE = 60
"""The same of languages written with letters, in which "A 60-year-old man comes to" is no repeated vignette."""
_BACK = re.compile(
    r"^\s*(?:この|その|同じ|前問|上記|前記|this |that |the (?:same|above) )"
    r"|次の文(?:章)?を読み|(?:この|前記の|上記の)(?:患者|症例)",
    re.IGNORECASE,
)
"""A stem that refers to another one."""
_NUMBER = re.compile(r"(?<![\d.,/:A-Za-z])\d{2,3}(?![\d.,:]|/\d)")


class ProbeItem(NamedTuple):
    """One request of a probe, and where its answer belongs."""

    probe: str
    unit: str
    version: int
    request: Request
    order: tuple[int, ...] = ()
    bench: str = ""
    """The control's name; empty: the benchmark that is probed."""


def probe_items(pool: Sequence[Question], limit: int, seed: int) -> list[ProbeItem]:
    """Every request of the four probes, on ``limit`` questions each (and half as many runs of five)."""
    return [
        *numbers(pool, limit, seed),
        *_orders(pool, limit, seed),
        *_choices(pool, limit, seed),
        *_completions(pool, limit, seed),
    ]


def numbers(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    """Each stem, and copies of it with other numbers."""
    fitting = [(q, copies) for q in pool if len(copies := other_numbers(q.stem, COPIES, f"{seed}/{q.id}")) == COPIES]
    for q, copies in _sampled(fitting, n, seed):
        for version, text in enumerate([q.stem, *copies]):
            yield ProbeItem("numbers", q.id, version, Request(kind="tokens", prompt=text))


def _sampled(items: Sequence[Any], n: int, seed: int) -> list[Any]:
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), min(n, len(items))))]


def other_numbers(stem: str, copies: int, seed: str) -> list[str]:
    """Copies of a stem in which up to three of its two- or three-digit numbers are others of the same roundness.

    Fewer than asked for (or none) where the stem has too few such numbers.
    """
    found = list(_NUMBER.finditer(stem))[:3]
    if not found:
        return []
    rng = random.Random(seed)
    out: dict[str, None] = {}
    for _ in range(20 * copies):
        text, at = [], 0
        for m in found:
            text += [stem[at : m.start()], str(_near(int(unicodedata.normalize("NFKC", m[0])), rng))]
            at = m.end()
        copy = "".join([*text, stem[at:]])
        if copy != stem:
            out[copy] = None
        if len(out) == copies:
            break
    return list(out)


def _near(n: int, rng: random.Random) -> int:
    """Another number nearby with as many digits that is as round: people and exams prefer 60 to 61."""
    step = next(s for s in (100, 50, 10, 5, 2, 1) if n % s == 0)
    others = [
        m
        for m in range(max(10, n - 6 * step), n + 6 * step + 1)
        if next(s for s in (100, 50, 10, 5, 2, 1) if m % s == 0) == step and len(str(m)) == len(str(n))
    ]
    return rng.choice(others) if others else n


def _orders(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    """Runs of five forwards and backwards."""
    for run in _sampled(runs_of_five(pool), max(1, n // 2), seed):
        for version, shown in enumerate((run, run[::-1])):
            text = "\n\n".join(q.stem for q in shown)
            yield ProbeItem("order", run[0].id, version, Request(kind="tokens", prompt=text))


def runs_of_five(pool: Sequence[Question]) -> list[list[Question]]:
    """Questions in a row, of one section of one year, whose stems all differ and do not hang together."""
    strata: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for q in pool:
        if not q.group:
            strata[q.year, q.section].append(q)
    runs = [qs[i : i + IN_A_RUN] for qs in strata.values() for i in range(0, len(qs) - IN_A_RUN + 1, IN_A_RUN)]
    return [run for run in runs if len({q.stem for q in run}) == IN_A_RUN and not _linked(run)]


def _linked(run: Sequence[Question]) -> bool:
    """Whether one of the stems refers to another, or repeats a part of the one before."""
    n = SHARED.get(run[0].lang, SHARED_ELSE)
    return any(_BACK.search(q.stem) for q in run) or any(_share_text(a.stem, b.stem, n) for a, b in pairwise(run))


def _share_text(a: str, b: str, n: int) -> bool:
    parts = {a[i : i + n] for i in range(len(a) - n + 1)}
    return any(b[i : i + n] in parts for i in range(len(b) - n + 1))


def _choices(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    single = [q for q in pool if q.single is not None]
    for q in _sampled([q for q in single if len(q.choices) >= 3], n, seed):
        prompt = load_prompt(f"standard_{q.lang}")
        hidden = replace(q, stem="？" if q.lang != "en" else "?", context="")
        for version, order in enumerate(expand(["rotations"], len(q.choices))):
            shown = permutation(q, order)
            request = Request(
                kind="letters", prompt=prompt.render(hidden, order=shown).text, continuations=prompt.letters(q)
            )
            yield ProbeItem("choices only", q.id, version, request, shown)


def _completions(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    for q in _sampled([q for q in pool if len(q.stem) >= 80], n, seed):
        request = Request(kind="text", prompt=first_part(q.stem), sampling=Sampling(max_tokens=WORDS))
        yield ProbeItem("completion", q.id, 0, request)


def first_part(stem: str) -> str:
    """What a completion is asked to go on from."""
    return stem[: round(0.6 * len(stem))]
