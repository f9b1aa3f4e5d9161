import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.statistics.paired import Outcomes, adjusted_margins, compare, corrected, mcnemar
from igaku.statistics.power import least_discordant, questions_for_margin, questions_needed
from igaku.statistics.score_interval import score_interval, score_statistic
from igaku.statistics.sequential import bets
from igaku.statistics.sign_flip import sign_flip


def pair(only_a: int, only_b: int, n: int, groups: dict[str, str] | None = None) -> tuple[Outcomes, Outcomes]:
    """Only A right on the first questions, only B on the next, both on the rest."""
    a = {f"{i}": float(not only_a <= i < only_a + only_b) for i in range(n)}
    b = {f"{i}": float(i >= only_a) for i in range(n)}
    return Outcomes("a", a, groups or {}), Outcomes("b", b)


def constrained(only_a: int, only_b: int, n: int, gap: float) -> float:
    """Tango's statistic with the likelihood maximised by search."""
    optimize = pytest.importorskip("scipy.optimize")

    def loss(share: float) -> float:
        cells = ((only_a, share + gap), (only_b, share), (n - only_a - only_b, 1 - gap - 2 * share))
        return -sum(k * math.log(max(p, 1e-300)) for k, p in cells if k)

    bounds = (max(0.0, -gap), (1 - gap) / 2)
    share = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    return (only_a - only_b - n * gap) / math.sqrt(n * (2 * share + gap - gap * gap))


@pytest.mark.parametrize(("only_a", "only_b", "n", "gap"), [(14, 3, 60, 0.1), (5, 9, 50, -0.2), (2, 7, 90, 0.03)])
def test_the_score_statistic_maximises_the_likelihood(only_a: int, only_b: int, n: int, gap: float) -> None:
    assert score_statistic(only_a, only_b, n, gap) == pytest.approx(constrained(only_a, only_b, n, gap), rel=1e-4)


def test_the_score_interval_ends_where_the_statistic_is_196() -> None:
    low, high = score_interval(14, 3, 60)
    assert score_statistic(14, 3, 60, low) == pytest.approx(1.959964, abs=1e-5)
    assert score_statistic(14, 3, 60, high) == pytest.approx(-1.959964, abs=1e-5)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 2000))
def test_zero_is_outside_the_interval_only_where_p_is_below_005(only_a: int, only_b: int, rest: int) -> None:
    n = only_a + only_b + rest
    if n:
        found = compare(*pair(only_a, only_b, n))
        assert (found.ci95[0] > 0 or found.ci95[1] < 0) == (found.p < 0.05)
        assert -1 <= found.ci95[0] <= found.difference <= found.ci95[1] <= 1


@pytest.mark.parametrize(("only_a", "n"), [(3, 3), (3, 4), (4, 400)])
def test_three_or_four_questions_show_nothing(only_a: int, n: int) -> None:
    found = compare(*pair(only_a, 0, n))
    assert found.p == pytest.approx(0.5**only_a)
    assert found.ci95[0] <= 0 < found.ci95[1]


def test_a_linked_pair_elsewhere_does_not_replace_the_exact_test() -> None:
    found = compare(*pair(4, 0, 400, {"300": "case", "301": "case"}))
    assert (found.test, found.p) == ("mid-p", pytest.approx(0.0625))


def test_a_case_that_is_discordant_as_a_whole_counts_once() -> None:
    case = {f"{i}": "case" for i in range(6)}
    found = compare(*pair(6, 0, 60, case))
    assert found.test == "groups"
    assert found.p >= 0.5
    assert found.ci95[0] <= 0 <= found.ci95[1]


def test_sign_flips_are_all_counted() -> None:
    sums = [3, 1, 1, -1, 2, 0, 1]
    flips = [abs(sum(f * s for f, s in zip(signs, sums))) for signs in product((1, -1), repeat=len(sums))]
    expected = (sum(f > 7 for f in flips) + sum(f == 7 for f in flips) / 2) / len(flips)
    assert sign_flip(sums) == pytest.approx(expected)
    assert sign_flip([1] * 9 + [-1] * 2) == pytest.approx(mcnemar(9, 2)[1])


def test_models_that_differ_by_one_huge_case_are_not_told_apart() -> None:
    rng, rejected = np.random.default_rng(3), 0
    groups = {f"{i}": "case" if i < 60 else f"{i}" for i in range(100)}
    for _ in range(150):
        a, b = ((rng.random(100) < np.where(np.arange(100) < 60, rng.choice([0.3, 0.9]), 0.6)) for _ in "ab")
        scores = [{q: float(v) for q, v in zip(groups, x)} for x in (a, b)]
        rejected += compare(Outcomes("a", scores[0], groups), Outcomes("b", scores[1])).p < 0.05
    assert rejected / 150 <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 150)


def test_a_constant_gap_of_partial_scores_has_an_interval_and_a_p_that_agree() -> None:
    a, b = (Outcomes(name, {f"{i}": score for i in range(50)}) for name, score in (("a", 0.9), ("b", 0.8)))
    found = compare(a, b)
    assert found.ci95[0] > 0
    assert found.p < 1e-6


def test_questions_needed_are_never_fewer_than_can_show_anything() -> None:
    assert least_discordant() == 5
    assert mcnemar(5, 0)[1] < 0.05 <= mcnemar(4, 0)[1]
    assert questions_needed(1.0, 0.0) == 5
    assert questions_needed(0.01, 0.0) >= 500


def test_links_and_correction_ask_for_more_questions() -> None:
    alone = questions_needed(0.15, 0.10)
    assert alone == 783
    assert questions_needed(0.15, 0.10, design_effect=1.5) == pytest.approx(1.5 * alone, abs=2)
    assert (questions_needed(0.15, 0.10, alpha=0.005) or 0) > 1.5 * alone
    one, two = compare(*pair(13, 4, 100)), compare(*pair(5, 5, 100))
    assert one.p < 0.05
    both = corrected([one, two, two])
    assert both[0].p_adjusted > 0.05
    assert (both[0].needed or 0) > (one.needed or 0)


def test_not_worse_by_a_margin_is_read_off_the_interval() -> None:
    for only_a, only_b in ((5, 5), (12, 2), (3, 9), (0, 0)):
        found = compare(*pair(only_a, only_b, 400), margin=0.02)
        assert found.margin
        low, high = score_interval(only_a, only_b, 400)
        assert (found.margin.p_b < 0.025) == (high < 0.02)
        assert (found.margin.p_a < 0.025) == (low > -0.02)
    assert found.margin.verdict("a", "b") == "shown: equivalent"


def test_the_questions_for_a_margin_have_the_power_that_is_stated() -> None:
    n = questions_for_margin(0.1, 0.03)
    rng = np.random.default_rng(1)
    draws = rng.multinomial(n, [0.05, 0.05, 0.9], 400)
    shown = [score_statistic(a, b, n, 0.03) < -1.959964 for a, b, _ in draws.tolist()]
    assert sum(shown) / 400 == pytest.approx(0.8, abs=0.06)


def test_one_of_the_two_directions_of_a_margin_is_false_anyway() -> None:
    assert adjusted_margins([(0.01, 0.9)]) == [(0.01, 0.9)]
    assert adjusted_margins([(0.01, 0.02), (0.011, 0.9)]) == [(0.02, 0.04), (0.022, 0.9)]
    with pytest.raises(ValueError, match="holm or bh"):
        adjusted_margins([(0.1, 0.2)], "none")


def test_looking_again_and_again_shows_no_more_than_5_percent() -> None:
    rng, false = np.random.default_rng(4), 0
    for _ in range(100):
        gaps = rng.choice([1.0, -1.0, 0.0], 400, p=[0.1, 0.1, 0.8]).tolist()
        false += any(bets(gaps[:n], [1] * n, 400).p() < 0.05 for n in range(25, 401, 25))
    assert false <= 5 + 2 * math.sqrt(100 * 0.05 * 0.95)


def test_a_real_difference_is_shown_while_the_run_goes_on() -> None:
    rng = np.random.default_rng(5)
    gaps = rng.choice([1.0, -1.0, 0.0], 400, p=[0.25, 0.05, 0.7]).tolist()
    found = bets(gaps, [1] * 400, 400)
    low, high = found.interval()
    assert 0 < low < 0.2 < high
    assert found.p() < 0.05
    one_look = score_interval(gaps.count(1.0), gaps.count(-1.0), 400)
    assert high - low > one_look[1] - one_look[0]
