import random
from statistics import fmean

import pytest

from igaku.statistics.bias import Pair, position_bias

np = pytest.importorskip("numpy")


def impartial(n: int, accuracy: float, seed: int) -> list[Pair]:
    """Answers that are right or wrong whatever the position."""
    rng = random.Random(seed)
    keys = [rng.randrange(5) for _ in range(n)]
    return [(k, k if rng.random() < accuracy else (k + rng.randrange(1, 5)) % 5) for k in keys]


def test_recall_is_by_position_of_the_key() -> None:
    assert position_bias([(0, 0), (1, 0), (2, 0), (0, 0)], 3).recall == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("accuracy", [0.15, 0.45, 0.9])
def test_the_spread_of_an_impartial_model_is_what_chance_gives(accuracy: float) -> None:
    found = [position_bias(impartial(34, accuracy, s), 5, range(34), seed=s) for s in range(30)]
    chance = [b.by_chance for b in found if b.by_chance]
    assert fmean(b.rstd for b in found) == pytest.approx(fmean(c.expected for c in chance), rel=0.15)
    assert fmean(b.rstd for b in found) > 0.05  # far from the 0 of a model without chance errors
    assert sum(c.p <= 0.05 for c in chance) <= 5  # 1.5 expected, and 3 standard errors
    assert sum(c.ci95[0] == 0.0 for c in chance) >= 26


def test_a_model_that_always_says_a_is_far_beyond_chance() -> None:
    pairs: list[Pair] = [(position, 0) for _ in range(50) for position in range(5)]
    bias = position_bias(pairs, 5, [q for q in range(50) for _ in range(5)])
    assert bias.rstd == pytest.approx(0.4)
    assert bias.by_chance is not None
    assert bias.by_chance.p <= 0.002
    assert bias.by_chance.expected < 0.08
    assert 0.38 < bias.by_chance.ci95[0] <= bias.by_chance.ci95[1] <= 0.4


def test_answers_to_one_question_in_many_templates_do_not_count_as_many_questions() -> None:
    """Each question is right in some orders by its content, the same in every template; no position is preferred."""
    rejected = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        right = rng.random((30, 5)) < 0.5
        pairs = [(k, k if right[q, k] else (k + 1) % 5) for q in range(30) for _ in range(8) for k in range(5)]
        bias = position_bias(pairs, 5, [q for q in range(30) for _ in range(40)], seed=seed)
        assert bias.by_chance is not None
        rejected += bias.by_chance.p <= 0.05
    assert rejected <= 6  # 2 expected, and 3 standard errors


def test_questions_shown_in_some_positions_only_keep_theirs() -> None:
    """Three of five rotations, and a few questions in one order: nothing is moved to a position it was not shown in."""
    pairs: list[Pair] = [((q + k) % 5, 0) for q in range(40) for k in range(3)] + [(0, 0), (1, 0), (2, 1)]
    questions = [q for q in range(40) for _ in range(3)] + [100, 101, 102]
    bias = position_bias(pairs, 5, questions, left_out=2)
    assert sum(bias.keys) == 123
    assert bias.left_out == 2
    assert bias.by_chance is not None
    assert bias.by_chance.p < 0.01
