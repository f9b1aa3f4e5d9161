import random
from statistics import fmean

import pytest

from igaku.statistics.prediction_powered import corrected_mean


def answers(rng: random.Random, n: int, p: float, noise: float) -> list[tuple[float, float]]:
    """People's and a strict judge's score of n answers."""
    out = []
    for _ in range(n):
        quality = 1.0 if rng.random() < p / 2 else rng.betavariate(4 * p + 0.5, 4 * (1 - p) + 0.5)
        judge = 0.1 + 0.7 * quality + rng.gauss(0, noise)
        out.append((round(5 * quality) / 5, min(1.0, max(0.0, judge))))
    return out


@pytest.mark.parametrize("p", [0.5, 0.9])
@pytest.mark.parametrize("noise", [0.1, 3.0])
def test_the_interval_holds_for_a_biased_judge(p: float, noise: float) -> None:
    rng = random.Random(f"{p}/{noise}")
    truth = fmean(h for h, _ in answers(rng, 20_000, p, noise))
    hits = 0
    for _ in range(400):
        marked, others = answers(rng, 20, p, noise), answers(rng, 120, p, noise)
        got = corrected_mean(*zip(*marked), [j for _, j in others])
        assert got is not None
        hits += got.ci95[0] <= truth <= got.ci95[1]
    assert 0.915 < hits / 400 <= 0.99


def test_a_judge_who_sees_what_people_see_narrows_the_interval_and_a_blind_one_does_not_count() -> None:
    rng = random.Random(4)
    for noise, narrower in ((0.05, True), (50.0, False)):
        marked, others = answers(rng, 25, 0.6, noise), answers(rng, 400, 0.6, noise)
        people, judge = zip(*marked)
        alone, helped = corrected_mean(people, judge, []), corrected_mean(people, judge, [j for _, j in others])
        assert alone is not None and helped is not None
        widths = [c.ci95[1] - c.ci95[0] for c in (alone, helped)]
        assert (widths[1] < 0.7 * widths[0]) == narrower
        assert (helped.weight > 0.5) == narrower


def test_the_plain_form_by_hand() -> None:
    """A judge that gives each answer 0.2 less than people: the others' mean plus 0.2."""
    people, judge = [0.4, 0.6, 0.8, 1.0, 0.6, 0.4], [0.2, 0.4, 0.6, 0.8, 0.4, 0.2]
    others = [0.3, 0.5, 0.7] * 2000
    got = corrected_mean(people, judge, others)
    assert got is not None
    assert got.score == pytest.approx(fmean(people) + got.weight * (0.5 - fmean(judge)))


def test_few_marks_and_full_marks() -> None:
    assert corrected_mean([1.0] * 4, [1.0] * 4, [0.5] * 50) is None
    full = corrected_mean([1.0] * 10, [0.8] * 10, [0.8] * 50)
    assert full is not None and full.score == 1.0 and 0.5 < full.ci95[0] < 0.8 and full.ci95[1] == 1.0
