"""Position bias: recall by position of the key, its spread, and what spread chance alone would give.

A model that answers "A" too often is right more often where A is. ``RStd`` (Zheng et al. 2024, arXiv 2309.03882) is the
standard deviation of the recalls of the positions. Chance alone gives more than 0: an impartial model has 11 to 17
points on 34 questions. So it stands beside its expectation where positions do not matter, found by
exchanging positions: among the renderings of one question, or, for questions whose key was shown in one position only,
among questions.
"""

from collections.abc import Hashable, Sequence
from statistics import pstdev
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from igaku.errors import optional

if TYPE_CHECKING:
    from numpy import float64
    from numpy.random import Generator
    from numpy.typing import NDArray

    Counts: TypeAlias = "NDArray[float64]"

DRAWS = 499
Pair: TypeAlias = tuple[int, int | None]
"""The position of the key, and the position chosen, or None where none could be read."""


class Chance(Struct, frozen=True, kw_only=True):
    """RStd against positions that do not matter."""

    expected: float
    """Mean of RStd where positions do not matter."""
    upper: float
    """95 % of impartial models stay below."""
    p: float
    """Share of exchanges of positions with at least this RStd (Monte Carlo, the observed one counted)."""
    ci95: tuple[float, float]
    """Bootstrap by question of the spread beyond chance, ``sqrt(RStd^2 - its expectation)``; 0 where it is less."""


class PositionBias(Struct, frozen=True, kw_only=True):
    """How often a model chooses each answer position, and how often it is right there."""

    keys: list[int]
    """Number of answers to questions whose key was shown in each position."""
    recall: list[float | None]
    """Share of these that were right; None where there are none."""
    chosen: list[float]
    """Share of all answers that chose each position."""
    rstd: float
    by_chance: Chance | None = None
    """None where the questions of the answers are not given."""
    left_out: int = 0
    """Answers to questions with another number of choices."""


def position_bias(
    pairs: Sequence[Pair], n: int, questions: Sequence[Hashable] = (), *, left_out: int = 0, seed: int = 0
) -> PositionBias:
    """Position bias from answers to single-answer questions with n choices.

    Args:
        questions: the question of each pair, for RStd by chance.
        left_out: answers that are not among the pairs, to be shown.
    """
    keys = [sum(k == i for k, _ in pairs) for i in range(n)]
    recall = [sum(k == c == i for k, c in pairs) / keys[i] if keys[i] else None for i in range(n)]
    chosen = [sum(c == i for _, c in pairs) / len(pairs) for i in range(n)]
    known = [r for r in recall if r is not None]
    rstd = pstdev(known) if known else 0.0
    chance = by_chance(pairs, questions, n, rstd, seed) if questions else None
    return PositionBias(keys=keys, recall=recall, chosen=chosen, rstd=rstd, by_chance=chance, left_out=left_out)


def by_chance(pairs: Sequence[Pair], questions: Sequence[Hashable], n: int, rstd: float, seed: int = 0) -> Chance:
    """RStd where positions do not matter, and how far this model is beyond.

    Answers to one question in several templates stay together: their positions are exchanged alike.
    """
    np = optional("numpy", "stats")

    rng: Generator = np.random.default_rng(seed)
    right, answers = _tables(pairs, questions, n)
    drawn = np.array([_rstd(_exchanged(right, answers, rng), answers.sum(axis=0)) for _ in range(DRAWS)])
    noise = float((drawn**2).mean())
    weights = rng.multinomial(len(right), np.full(len(right), 1 / len(right)), DRAWS)
    again = np.array([_rstd(r, a) for r, a in zip(weights @ right, weights @ answers)])
    beyond = again**2 - 2 * noise  # a bootstrap draw has its own noise, and that of the sample
    low, high = np.sqrt(np.maximum(0.0, np.quantile(beyond, [0.025, 0.975])))
    return Chance(
        expected=float(drawn.mean()),
        upper=float(np.quantile(drawn, 0.95)),
        p=float((1 + (drawn >= rstd - 1e-12).sum()) / (1 + DRAWS)),
        ci95=(float(low), float(high)),
    )


def _tables(pairs: Sequence[Pair], questions: Sequence[Hashable], n: int) -> tuple["Counts", "Counts"]:
    """Right answers, and answers, of each question by the position of its key."""
    np = optional("numpy", "stats")

    rows = {q: i for i, q in enumerate(dict.fromkeys(questions))}
    index = np.array([rows[q] for q in questions])
    keys = np.array([k for k, _ in pairs])
    right, answers = np.zeros((len(rows), n)), np.zeros((len(rows), n))
    np.add.at(answers, (index, keys), 1)
    np.add.at(right, (index, keys), np.array([float(k == c) for k, c in pairs]))
    return right, answers


def _exchanged(right: "Counts", answers: "Counts", rng: "Generator") -> "Counts":
    """Right answers by position after positions were exchanged within each question, and answers among the questions
    shown in one position only.

    Within a question only positions with as many answers are exchanged, since 2 of 4 are none of 2.
    """
    np = optional("numpy", "stats")

    one = (answers > 0).sum(axis=1) == 1
    shares = right[one].sum(axis=1) / np.maximum(1, answers[one].sum(axis=1))
    alone: Counts = rng.permutation(shares) @ answers[one]
    several, counts = right[~one], answers[~one]
    if (counts == counts[:, :1]).all():
        moved = rng.permuted(several, axis=1)
    else:
        ranks = np.argsort(counts + rng.random(counts.shape) / 2, axis=1)
        steady = np.argsort(counts, axis=1, kind="stable")
        moved = np.empty_like(several)
        np.put_along_axis(moved, steady, np.take_along_axis(several, ranks, axis=1), axis=1)
    together: Counts = alone + moved.sum(axis=0)
    return together


def _rstd(right: "Counts", answers: "Counts") -> float:
    shown = answers > 0
    return float((right[shown] / answers[shown]).std())
