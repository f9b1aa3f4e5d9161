"""The error of a short form comes from its draw alone: it must hold for respondents that no model fits."""

from collections.abc import Callable

import pytest

from igaku.statistics.survey import Sample, SampleEstimate, Stratum, draw, estimate, until

np = pytest.importorskip("numpy")
IDS = [f"q{i}" for i in range(300)]


def population(seed: int, right: "Callable[[float], float]") -> tuple[dict[str, float], dict[str, float]]:
    """Questions of spread difficulty, and one respondent whose chance to be right depends on it as given."""
    rng = np.random.default_rng(seed)
    easy = dict(zip(IDS, rng.beta(4, 1.2, len(IDS)).tolist()))
    return easy, {i: float(rng.random() < right(p)) for i, p in easy.items()}


def trials(right: "Callable[[float], float]", n: int = 100, error: float | None = None) -> tuple[float, float, float]:
    """Coverage of the interval, root mean square error and mean of the number of questions over 200 draws."""
    inside, square, used = 0, 0.0, 0
    for k in range(200):
        easy, scores = population(k // 10, right)
        sample, full = draw(easy, n, k), sum(scores.values()) / len(IDS)
        found = estimate(sample, scores) if error is None else until(sample, scores, error)
        inside += found.ci95[0] - 1e-9 <= full <= found.ci95[1] + 1e-9
        square += (found.score - full) ** 2
        used += found.n
    return inside / 200, (square / 200) ** 0.5, used / 200


@pytest.mark.parametrize(
    "right",
    [lambda p: p, lambda p: 0.2, lambda p: 1 - p, lambda p: 0.9 + p / 10],
    ids=["alike", "chance", "opposite", "best"],
)
def test_the_interval_holds_for_respondents_of_any_kind(right: "Callable[[float], float]") -> None:
    covered, _, _ = trials(right)
    assert covered >= 0.93 - 2 * (0.93 * 0.07 / 200) ** 0.5


def test_difficulty_of_others_makes_the_estimate_better_than_a_plain_sample() -> None:
    _, error, _ = trials(lambda p: float(p > 0.6))
    _, scores = population(0, lambda p: float(p > 0.6))
    full = sum(scores.values()) / len(IDS)
    assert error < 0.5 * (full * (1 - full) / 100 * (1 - 100 / len(IDS))) ** 0.5


def test_the_printed_error_is_the_error_over_draws() -> None:
    easy, scores = population(3, lambda p: 0.2)
    found = [estimate(draw(easy, 100, seed), scores) for seed in range(200)]
    spread = np.std([f.score for f in found])
    assert np.mean([f.error for f in found]) == pytest.approx(spread, rel=0.15)
    assert np.mean([f.score for f in found]) == pytest.approx(sum(scores.values()) / len(IDS), abs=0.006)


def test_every_question_gives_the_full_score_without_error() -> None:
    easy, scores = population(4, lambda p: p)
    found = estimate(draw(easy, 1000), scores)
    assert (found.n, found.error) == (300, 0.0)
    assert found.score == pytest.approx(sum(scores.values()) / 300)


def test_all_right_on_a_part_is_not_all_right() -> None:
    easy, _ = population(5, lambda p: p)
    found = estimate(draw(easy, 100), dict.fromkeys(easy, 1.0))
    assert found.score == 1.0
    assert found.ci95[0] < 0.99
    assert found.error > 0


def test_a_form_is_asked_by_turns_and_stops_when_the_error_is_small() -> None:
    easy, scores = population(6, lambda p: 0.9 + p / 10)
    sample = draw(easy, 100)
    assert len(set(sample.ids)) == 100
    assert sample.ids[:25] == sample.first(1).ids
    assert until(sample, scores, 0.2).n == 50
    assert until(sample, scores, 1e-9).n == 100
    covered, _, used = trials(lambda p: 0.8, 200, 0.03)
    assert covered >= 0.92
    assert used < 200


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(ValueError, match="two questions or more"):
        draw({"a": 0.5}, 10)
    with pytest.raises(ValueError, match="two scored questions"):
        estimate(Sample(strata=[Stratum(size=9, drawn=["a", "b"])]), {"a": 1.0})


@pytest.mark.parametrize("n", [2, 3, 10, 17, 98, 99, 299, 300])
def test_any_number_of_questions_can_be_drawn(n: int) -> None:
    easy, scores = population(7, lambda p: p)
    sample = draw(easy, n)
    assert len(set(sample.ids)) == n
    assert sample.size == 300
    assert isinstance(estimate(sample, scores), SampleEstimate)
