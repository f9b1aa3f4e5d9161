import random
from statistics import fmean

import pytest

from igaku.grading import Graded
from igaku.question import LETTERS, Choices, Question, Verdict
from igaku.statistics.aggregate import AGGREGATORS
from igaku.statistics.metric_interval import metric_intervals, paired_metric_interval


def item(i: int, right: int, read: int, k: int = 4, group: str = "", **parts: float) -> Graded:
    key = Choices(((right,),))
    q = Question(id=str(i), lang="ja", stem="s", choices=tuple(LETTERS[:k]), key=key, group=group)
    score = parts.pop("score", float(right == read))
    outcome = "right" if score == 1 else "wrong"
    verdict = Verdict(outcome=outcome, score=score, read=(LETTERS[read],), parts=parts)  # type: ignore[arg-type]
    return Graded(q, None, "letter", verdict)


def classified(rng: random.Random, n: int, p: float, k: int = 4, linked: int = 1) -> list[Graded]:
    """n questions of which a share p is read rightly; ``linked`` in a row stand or fall together."""
    out = []
    for i in range(0, n, linked):
        right = rng.random() < p
        for j in range(linked):
            gold = rng.randrange(k)
            read = gold if right else rng.choice([x for x in range(k) if x != gold])
            out.append(item(i + j, gold, read, k, f"g{i}" if linked > 1 else ""))
    return out


def covered(name: str, truth: float, draw: object, times: int = 250) -> float:
    return fmean(low <= truth <= high for low, high in (metric_intervals(name, draw())[name] for _ in range(times)))  # type: ignore[operator]


@pytest.mark.parametrize(("p", "n"), [(0.5, 50), (0.9, 50), (0.98, 100)])
def test_intervals_of_kappa_cover_it(p: float, n: int) -> None:
    """With four equally frequent choices and errors spread evenly, kappa is (4 p - 1) / 3."""
    rng = random.Random(f"{p}/{n}")
    assert 0.91 < covered("kappa", (4 * p - 1) / 3, lambda: classified(rng, n, p)) <= 0.99


def test_linked_questions_widen_the_interval() -> None:
    rng = random.Random(3)
    linked = classified(rng, 80, 0.8, linked=4)
    single = [item(n, i.question.right[0], LETTERS.index(i.verdict.read[0])) for n, i in enumerate(linked)]
    width = [high - low for low, high in (metric_intervals("kappa", x)["kappa"] for x in (linked, single))]
    assert width[0] > 1.5 * width[1]
    assert AGGREGATORS["kappa"](linked) == AGGREGATORS["kappa"](single)


def test_a_perfect_score_has_a_width_and_stays_on_the_scale() -> None:
    perfect = [item(i, i % 4, i % 4) for i in range(40)]
    for name in ("kappa", "linear_kappa"):
        low, high = metric_intervals(name, perfect)[name]
        assert 0.7 < low < 0.95 and high == 1
    pairs = [item(i, 0, 0, hits=2, said=2, gold=2) for i in range(40)]
    low, high = metric_intervals("pair_f1", pairs)["pair_f1"]
    assert 0.85 < low < 0.95 and high == 1


def test_documents_are_the_units_of_pooled_f1() -> None:
    """Wrong pairs that lie in few documents say less than as many spread over all."""
    spread = [item(i, 0, 0, hits=9, said=10, gold=10) for i in range(20)]
    lumped = [item(i, 0, 0, hits=5 if i < 4 else 10, said=10, gold=10) for i in range(20)]
    one, two = (metric_intervals("pair_f1", x)["pair_f1"] for x in (lumped, spread))
    assert AGGREGATORS["pair_f1"](spread) == AGGREGATORS["pair_f1"](lumped)
    assert one[1] - one[0] > 0.1
    assert two != one


def test_correlations_are_fishers() -> None:
    """With 103 independent pairs the standard error of z is about 0.1 under a bivariate normal."""
    rng, widths = random.Random(5), []
    for _ in range(20):
        both = [(x := rng.gauss(0, 1), 0.8 * x + 0.6 * rng.gauss(0, 1)) for _ in range(103)]
        steps = [tuple(min(9, max(0, round(4.5 + 1.8 * v))) for v in pair) for pair in both]
        low, high = metric_intervals("pearson", [item(i, a, b, 10) for i, (a, b) in enumerate(steps)])["pearson"]
        assert -1 < low < 0.8 < high + 0.15 and high < 1
        widths.append(high - low)
    assert 0.12 < fmean(widths) < 0.20  # tanh(1.1 - 0.196) to tanh(1.1 + 0.196) is 0.14 wide


def test_a_difference_agrees_with_its_p_value_and_needs_common_questions() -> None:
    rng = random.Random(11)
    a, b = classified(rng, 100, 0.9), classified(rng, 100, 0.7)
    for x, y in ((a, b), (a, a[:50] + b[50:]), (a, a)):
        got = paired_metric_interval("kappa", x, y)
        assert got is not None
        low, high = got.ci95
        assert (got.p < 0.05) == (low > 0 or high < 0)
        assert low <= got.difference <= high
    assert paired_metric_interval("kappa", a, a).p == 1.0  # type: ignore[union-attr]
    assert paired_metric_interval("kappa", a[:50], b[50:]) is None
    half = paired_metric_interval("kappa", a[:50], b)
    assert half is not None and (half.n, half.documents) == (50, 50)


@pytest.mark.parametrize("p", [0.8, 0.95])
def test_equal_respondents_differ_no_more_often_than_promised(p: float) -> None:
    """200 pairs of equal models; 5 % with a simulation error of 1.5 points."""
    rng, n, shown = random.Random(int(p * 100)), 60, 0
    for _ in range(200):
        golds = [rng.randrange(4) for _ in range(n)]
        a, b = ([item(i, g, g if rng.random() < p else (g + 1) % 4) for i, g in enumerate(golds)] for _ in "ab")
        got = paired_metric_interval("kappa", a, b)
        assert got is not None
        shown += got.p < 0.05
    assert shown / 200 < 0.09


def test_one_document_has_no_interval() -> None:
    assert metric_intervals("kappa", [item(0, 1, 1)]) == {}
    assert metric_intervals("f1", [item(i, 1, 1, group="one", partial_f1=1.0) for i in range(3)]) == {}
