"""The commonest answer of several: against every draw written out, and as a confidence with known truth."""

import random
from collections import Counter
from itertools import combinations
from statistics import fmean

import pytest

from igaku.statistics.calibration import calibration_error, overconfidence
from igaku.statistics.majority import agreement, majority_at
from igaku.statistics.reliability import Stated, in_bins
from igaku.statistics.samples import SampledQuestion


@pytest.mark.parametrize("votes", ["aaabbc", "aabbcc", "a..b.b", "......", "aaaaaa", "abcd.."])
@pytest.mark.parametrize("k", [1, 2, 3, 5, 6])
def test_a_majority_is_the_mean_over_all_draws_and_ties_are_shared(votes: str, k: int) -> None:
    read = [v.replace(".", "") for v in votes]
    question = SampledQuestion(tuple(float(v in ("b", "c")) for v in read), tuple(read))
    scores, ties = [], []
    for drawn in combinations(read, k):
        counts = Counter(v for v in drawn if v)
        first = [v for v, n in counts.items() if n == max(counts.values())]
        scores.append(fmean(v in ("b", "c") for v in first) if first else 0.0)
        ties.append(len(first) > 1)
    assert majority_at(question.votes, question.scores, k) == pytest.approx((fmean(scores), fmean(ties)))


def test_many_samples_are_counted_exactly_and_at_once() -> None:
    drawn = SampledQuestion((1.0,) * 40 + (0.0,) * 88, ("a",) * 40 + ("b",) * 39 + ("c",) * 38 + ("",) * 11)
    value, tied = majority_at(drawn.votes, drawn.scores, 128)
    assert (value, tied) == (1.0, 0.0)
    assert majority_at(drawn.votes, drawn.scores, 1)[0] == pytest.approx(40 / 128)


@pytest.mark.parametrize(
    ("votes", "share", "first", "tied", "silent"),
    [
        (["b", "a", "a", "c"], 0.5, 1, False, 0),
        (["b", "a", "a", "b"], 0.5, 0, True, 0),
        (["", "a", "", "a"], 0.5, 1, False, 2),
        (["", "c", "b", "a"], 0.25, 1, True, 1),
        (["a"] * 8, 1.0, 0, False, 0),
    ],
)
def test_agreement_is_the_share_of_all_samples(
    votes: list[str], share: float, first: int, tied: bool, silent: int
) -> None:
    found = agreement(votes)
    assert found is not None
    assert (found.share, found.first, found.tied, found.silent) == (share, first, tied, silent)


def test_samples_without_any_answer_have_no_agreement() -> None:
    assert agreement(["", "", ""]) is None


def drawn(rng: random.Random, questions: int, samples: int) -> list[Stated]:
    """A model that draws each answer with just the probability that it is right: with many samples the share that
    agrees is the chance that the commonest is right."""
    out = []
    for i in range(questions):
        weights = [rng.gammavariate(0.7, 1) for _ in range(4)]
        votes = rng.choices("abcd", weights, k=samples)
        found = agreement(votes)
        assert found is not None
        out.append(Stated(found.share, votes[found.first] == rng.choices("abcd", weights)[0], i))
    return out


def test_agreement_of_many_samples_is_calibrated_and_that_of_few_is_too_high() -> None:
    rng = random.Random(5)
    over = {n: fmean(overconfidence(drawn(rng, 400, n))[0] for _ in range(20)) for n in (2, 4, 8, 256)}
    assert over[2] > over[4] > over[8] > over[256]
    assert over[2] > 0.1 and abs(over[256]) < 0.02
    many = calibration_error(drawn(rng, 400, 256), "equal width")
    assert many.value <= many.if_calibrated_most and many.ci95[0] == 0


def test_each_level_has_a_bin_of_its_own_and_no_bin_a_mean_that_no_answer_has() -> None:
    answers = drawn(random.Random(6), 300, 12)
    levels, width = in_bins(answers, "levels"), in_bins(answers, "equal width")
    assert len(levels) == len({a.confidence for a in answers}) > len(width)
    assert all(len({a.confidence for a in mine}) == 1 for mine in levels)
    assert any(len({a.confidence for a in mine}) > 1 for mine in width)
    assert sum(map(len, levels)) == 300


def test_the_error_of_levels_is_what_it_is_by_hand() -> None:
    answers = [Stated(0.25, True, 0), *(Stated(0.5, i < 1, i + 1) for i in range(4)), Stated(1.0, True, 9)]
    found = calibration_error(answers, "levels")
    assert (found.bins, found.value) == (3, pytest.approx((0.75 + 4 * 0.25 + 0) / 6))
