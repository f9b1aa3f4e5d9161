import random
from collections.abc import Sequence

import pytest

from igaku.statistics.pride import debiased, pride, prior

np = pytest.importorskip("numpy")

Shown = dict[str, list[tuple[Sequence[float], int]]]


def shown(n: int, preference: Sequence[float], noise: float, seed: int, choices: int = 5) -> Shown:
    """Log-probabilities of n questions in all rotations, of a model that knows the key but for noise."""
    rng = random.Random(seed)
    out: Shown = {}
    for q in range(n):
        key = rng.randrange(choices)
        content = [(i == key) * 1.0 + rng.gauss(0, noise) for i in range(choices)]
        out[f"{choices}-{q}"] = [
            ([content[(i + k) % choices] + float(np.log(preference[i])) for i in range(choices)], (key - k) % choices)
            for k in range(choices)
        ]
    return out


def test_a_preference_is_found_and_divided_out() -> None:
    mine = [0.6, 0.1, 0.1, 0.1, 0.1]
    found = pride(shown(200, mine, 0.3, 1))
    assert found is not None
    assert found.prior == pytest.approx(mine, abs=0.04)
    assert found.after > 0.9 > found.before
    assert found.change.difference == pytest.approx(found.after - found.before)
    assert found.change.ci95[0] > 0.0
    assert found.change.p < 0.001
    assert found.rstd_p[0] <= 0.002 < found.rstd_p[1]
    assert found.rstd_before > 3 * found.rstd_by_chance[0]


def test_one_question_more_is_no_improvement_shown() -> None:
    """34 questions and no preference: what the correction turns right or wrong is chance, and p says so."""
    found = [pride(shown(44, [0.2] * 5, 1.5, seed)) for seed in range(20)]
    assert sum(f is not None and f.change.p < 0.05 for f in found) <= 4  # 1 expected, and 3 standard errors


def test_the_commonest_number_of_choices_counts() -> None:
    found = pride(shown(60, [0.2] * 5, 0.5, 1) | shown(2, [1 / 7] * 7, 0.5, 2, choices=7))
    assert found is not None
    assert len(found.prior) == 5
    assert found.estimated_from + found.questions == 60


def test_a_prior_is_divided_out_and_needs_all_rotations() -> None:
    assert debiased([-1.0, -1.0], [0.5, 0.5]) == pytest.approx([-0.6931, -0.6931], abs=1e-3)
    with pytest.raises(ValueError, match="all rotations"):
        prior([[[0.0, 0.0]]])
