import random

import pytest

from igaku.statistics.items import classical, differential, mantel_haenszel

IDS = [f"q{i}" for i in range(60)]


def answers(n: int, seed: int, harder: str = "") -> list[dict[str, float]]:
    """Respondents of spread ability; one question may be harder for all of them than ability says."""
    rng = random.Random(seed)
    out = []
    for _ in range(n):
        ability = rng.uniform(0.4, 0.95)
        out.append({i: float(rng.random() < (0.15 if i == harder else ability)) for i in IDS})
    return out


def test_point_biserial() -> None:
    answers = [{"a": 1.0, "b": 1.0, "c": 1.0}, {"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 0.0, "b": 0.0, "c": 1.0}]
    a, b, c = classical(answers, ["a", "b", "c"])
    assert a.point_biserial is not None
    assert a.point_biserial > 0.4
    assert c.point_biserial is not None
    assert c.point_biserial < 0
    assert b.share_right == pytest.approx(2 / 3)


def test_a_wrong_key_correlates_backwards() -> None:
    found = answers(20, 1)
    for r in found:
        r["q0"] = float(sum(r.values()) < 40)
    (first, *others) = classical(found, IDS)
    assert first.point_biserial is not None
    assert first.p is not None
    assert first.point_biserial < -0.5
    assert first.p < 0.01
    assert sum((i.p or 0) < 0.01 for i in others) <= 2


def test_the_odds_ratio_and_p_are_those_of_statsmodels() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    numpy = pytest.importorskip("numpy")
    given = [(9, 3, 5, 8), (4, 2, 3, 6), (7, 7, 2, 5)]
    expected = tables.StratifiedTable([numpy.array([[a, b], [c, d]]) for a, b, c, d in given])
    ratio, p = mantel_haenszel(given)
    assert ratio == pytest.approx(expected.oddsratio_pooled)
    assert p == pytest.approx(expected.test_null_odds(correction=True).pvalue)
    assert mantel_haenszel([(5, 0, 5, 0)]) == (None, 1.0)
    assert mantel_haenszel([]) == (None, 1.0)


def test_a_question_that_is_harder_for_one_group_alone_differs_and_a_weaker_group_alone_does_not() -> None:
    found = differential(answers(60, 2, harder="q3"), answers(60, 3), IDS)
    assert min(found, key=lambda d: d.p).id == "q3"
    assert found[3].p < 1e-4
    weak = [
        {i: s * (random.Random(f"{k}{i}").random() < 0.7) for i, s in r.items()} for k, r in enumerate(answers(60, 4))
    ]
    assert sum(d.p < 0.05 for d in differential(weak, answers(60, 5), IDS)) <= 0.05 * 60 + 2 * (0.05 * 0.95 * 60) ** 0.5


def test_few_respondents_do_not_make_false_positives() -> None:
    hits = sum(d.p < 0.05 for k in range(20) for d in differential(answers(8, 2 * k), answers(8, 2 * k + 1), IDS))
    assert hits / (20 * 60) <= 0.05
