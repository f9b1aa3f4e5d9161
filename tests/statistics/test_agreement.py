import random

import pytest

from igaku.statistics.agreement import alpha, rates


def test_alpha_equals_the_krippendorff_package() -> None:
    np, krippendorff = pytest.importorskip("numpy"), pytest.importorskip("krippendorff")
    rng = random.Random(2)
    table = [[rng.choice([True, True, False, None]) for _ in range(3)] for _ in range(60)]
    values = np.array([[np.nan if m is None else float(m) for m in row] for row in table]).T
    found, ci = alpha([(f"d{i // 4}", row) for i, row in enumerate(table)])
    assert found == pytest.approx(krippendorff.alpha(reliability_data=values, level_of_measurement="nominal"))
    assert ci is not None and ci[0] < found < ci[1]


def test_alpha_of_marks_that_are_all_alike_is_undefined() -> None:
    assert alpha([("a", [True, True]), ("b", [True, True])]) == (None, None)
    assert alpha([("a", [True, None]), ("b", [None, False])]) == (None, None)
    assert alpha([]) == (None, None)


def test_rates_count_by_document() -> None:
    cases = [(f"d{i // 5}", i % 2 == 0, i % 2 == 0 and i != 2) for i in range(20)]
    got = rates(cases)
    assert got["sensitivity"][0] == 0.9 and got["specificity"][0] == 1.0
    low, high = got["sensitivity"][1] or (0, 0)
    assert low < 0.9 < high
    assert "specificity" not in rates([("a", True, True), ("b", True, False)])
