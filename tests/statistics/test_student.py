import pytest

from igaku.statistics.student import student, two_sided

t = pytest.importorskip("scipy.stats").t


@pytest.mark.parametrize("df", [0.7, 1.0, 1.5, 2.2, 3, 5, 30, 2000])
def test_quantile_and_tail_are_those_of_scipy(df: float) -> None:
    assert student(df) == pytest.approx(t.ppf(0.975, df), rel=1e-8)
    assert student(df, 0.005) == pytest.approx(t.ppf(0.995, df), rel=1e-8)
    for statistic in (0.1, 2.5, 12.0):
        assert two_sided(statistic, df) == pytest.approx(2 * t.sf(statistic, df), rel=1e-8)


def test_without_end_it_is_the_normal_distribution() -> None:
    assert student(float("inf")) == pytest.approx(1.959964, abs=1e-6)
    assert two_sided(1.959964, float("inf")) == pytest.approx(0.05, abs=1e-6)


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        two_sided(1.0, 0.0)
