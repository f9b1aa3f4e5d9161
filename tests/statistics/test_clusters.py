import math

import numpy as np
import pytest

from igaku.statistics.clusters import Design, design, intraclass, satterthwaite
from igaku.statistics.interval import clustered, wilson

HUGE = [100] + [1] * 50
THREE = [50] * 3 + [2] * 20


def groups_of(sizes: list[int]) -> list[int]:
    return [g for g, m in enumerate(sizes) for _ in range(m)]


def outcomes(sizes: list[int], p: float, rho: float, rng: np.random.Generator) -> list[float]:
    """Each group draws its own share of right answers, with the given correlation within groups."""
    share = rng.beta(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho, len(sizes))
    return (rng.random(sum(sizes)) < np.repeat(share, sizes)).astype(float).tolist()


def test_unlinked_questions_are_plain_wilson() -> None:
    assert clustered([1.0, 0.0, 1.0, 1.0], "abcd") == wilson(3, 4)


def test_equal_groups_have_one_degree_of_freedom_less_than_groups() -> None:
    assert satterthwaite([3] * 20) == pytest.approx(19)


@pytest.mark.parametrize("sizes", [HUGE, THREE, [5, 3, 1, 1, 8]])
def test_degrees_of_freedom_are_those_of_the_definition(sizes: list[int]) -> None:
    """(trace P)² / trace P², with P from the residual-making matrix and CR2's factors, built whole."""
    n, c = sum(sizes), len(sizes)
    members = np.zeros((n, c))
    members[np.arange(n), groups_of(sizes)] = 1
    residuals = np.eye(n) - 1 / n
    weighted = residuals @ members / np.sqrt(1 - np.array(sizes) / n)
    p = weighted.T @ weighted
    assert satterthwaite(sizes) == pytest.approx(np.trace(p) ** 2 / np.trace(p @ p))


def test_one_group_alone_tells_nothing() -> None:
    assert design([1.0, 0.0, 1.0], "aaa") == Design(3.0, 0.0)
    assert clustered([1.0, 0.0, 1.0], "aaa") == (0.0, 1.0)


def test_questions_that_always_agree_within_a_group_count_once() -> None:
    values = [float(g % 2) for g in groups_of([4] * 30)]
    found = design(values, groups_of([4] * 30))
    assert found.effect == pytest.approx(4, rel=0.05)
    sums = [4 * (g % 2 - 0.5) for g in range(30)]
    assert intraclass([4] * 30, sums, 30.0) == pytest.approx(1)


@pytest.mark.parametrize("sizes", [HUGE, THREE], ids=["one of 100", "three of 50"])
@pytest.mark.parametrize("p", [0.5, 0.9])
def test_few_and_unequal_groups_are_covered(sizes: list[int], p: float) -> None:
    rng, groups = np.random.default_rng(8), groups_of(sizes)
    found = [clustered(outcomes(sizes, p, 0.3, rng), groups) for _ in range(200)]
    assert sum(low <= p <= high for low, high in found) / 200 >= 0.93 - 2 * math.sqrt(0.07 * 0.93 / 200)
