"""A small evolutionary search over the weights and densities of a merge."""

import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.training.adapters import whole_models
from igaku.training.blend import Blend
from igaku.training.merged_model import write_model
from igaku.training.merging import Member, densities

Score = Callable[[Path], float]
"""The folder of a merged model → its score on a development benchmark; higher is better."""


def search(
    base: Path,
    members: Sequence[Member],
    score: Score,
    *,
    method: str = "ties",
    seed: int = 0,
    generations: int = 3,
    on_trial: Callable[[float, list[Member]], None] | None = None,
) -> list[Member]:
    """Members with the weights and densities whose merged model scores best.

    Args:
        score: never of the benchmark that will be reported.
        on_trial: called with the score and the members of each trial.
    """
    start = [replace(m, density=d) for m, d in zip(members, densities(members))]
    with whole_models(base, [m.folder for m in members]) as folders, tempfile.TemporaryDirectory() as scratch:

        def score_of(trial: list[Member]) -> float:
            folder = Path(scratch, "model")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            parts = [(f, m.weight, d) for f, m, d in zip(folders, trial, densities(trial))]
            write_model(Blend(base, parts, method, seed), folder)
            reached = score(folder)
            if on_trial:
                on_trial(reached, trial)
            return reached

        return evolve(score_of, start, generations)[1]


def evolve(
    score: Callable[[list[Member]], float], start: Sequence[Member], generations: int = 4, size: int = 6, seed: int = 0
) -> tuple[float, list[Member]]:
    """(score, members) with the best weights and densities: (1 + size) evolution with steps that shrink.

    Args:
        score: higher is better; never of the benchmark that will be reported.
    """
    rng = random.Random(seed)
    best = list(start)
    top, step = score(best), 0.4
    for _ in range(generations):
        for trial in [[_moved(m, step, rng) for m in best] for _ in range(size)]:
            reached = score(trial)
            if reached > top:
                top, best = reached, trial
        step *= 0.7
    return top, best


def _moved(m: Member, step: float, rng: random.Random) -> Member:
    weight = max(0.05, m.weight + rng.gauss(0, step))
    density = 1.0 if m.density is None else m.density
    return Member(m.folder, weight, min(1.0, max(0.1, density + rng.gauss(0, step / 2))))
