import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.statistics.interval import clustered, student, wilson
from igaku.statistics.paired import Outcomes, adjusted, bootstrap, compare, mcnemar, questions_needed, two_sided
from igaku.studies.compare import compare as compare_runs

stats = pytest.importorskip("scipy.stats")


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_binomial_test(b: int, c: int) -> None:
    exact, mid = mcnemar(b, c)
    if b + c:
        assert exact == pytest.approx(stats.binomtest(b, b + c).pvalue, abs=1e-9)
        point = stats.binom.pmf(min(b, c), b + c, 0.5)
        assert mid == pytest.approx(exact - point if b != c else 1 - point / 2, abs=1e-9)
    else:
        assert (exact, mid) == (1.0, 1.0)


@pytest.mark.parametrize("how", ["holm", "bh"])
def test_adjustment_is_that_of_statsmodels(how: str) -> None:
    multi = pytest.importorskip("statsmodels.stats.multitest")
    ps = [0.001, 0.04, 0.03, 0.2, 0.9, 0.01]
    method = "holm" if how == "holm" else "fdr_bh"
    assert adjusted(ps, how) == pytest.approx(list(multi.multipletests(ps, method=method)[1]))


@pytest.mark.parametrize("df", [3, 5, 10, 30, 200, 2000])
def test_students_t_without_scipy(df: int) -> None:
    t = pytest.importorskip("scipy.stats").t
    assert student(df) == pytest.approx(t.ppf(0.975, df), rel=2e-3)
    assert two_sided(2.5, df) == pytest.approx(2 * t.sf(2.5, df), rel=0.02)


def test_bootstrap_from_cells_is_that_of_questions() -> None:
    low, high = bootstrap(300, 60, 40, 100)
    error = math.sqrt(60 + 40 - (60 - 40) ** 2 / 500) / 500
    assert low == pytest.approx(0.04 - 1.96 * error, abs=0.004)
    assert high == pytest.approx(0.04 + 1.96 * error, abs=0.004)


def test_linked_questions_widen_the_interval() -> None:
    a = Outcomes("a", {f"{i}": float(i // 3 % 3 > 0) for i in range(300)}, {f"{i}": f"g{i // 3}" for i in range(300)})
    b = Outcomes("b", {f"{i}": float(i // 3 % 2) for i in range(300)})
    alone = compare(Outcomes("a", a.scores), b)
    linked = compare(a, b)
    assert linked.clustered
    assert not alone.clustered
    assert linked.ci95[1] - linked.ci95[0] > 1.5 * (alone.ci95[1] - alone.ci95[0])
    assert linked.p > alone.p


def test_no_difference_and_nothing_in_common() -> None:
    same = compare(Outcomes("a", {"1": 1.0, "2": 0.0}), Outcomes("b", {"1": 1.0, "2": 0.0}))
    assert (same.difference, same.p, same.needed) == (0.0, 1.0, None)
    assert same.ci95[1] == -same.ci95[0] > 0.5  # two questions say next to nothing
    with pytest.raises(ValueError, match="no question in common"):
        compare(Outcomes("a", {"1": 1.0}), Outcomes("b", {"2": 1.0}))


def test_power() -> None:
    """Of 300 questions, 15 % against 10 % discordant: Connor's formula by hand."""
    assert questions_needed(0.15, 0.10) == math.ceil(
        ((1.959964 * math.sqrt(0.25) + 0.8416212 * math.sqrt(0.25 - 0.0025)) / 0.05) ** 2
    )


def test_cluster_interval() -> None:
    values = [1.0, 1.0, 0.0, 0.0] * 25
    alone = clustered(values, range(100))
    assert alone == pytest.approx(wilson(50, 100), abs=0.004)
    pairs = clustered(values, [i // 2 for i in range(100)])
    assert pairs[1] - pairs[0] > 1.3 * (alone[1] - alone[0])
    assert clustered([1.0] * 10, [i // 2 for i in range(10)])[0] < wilson(10, 10)[0]  # five clusters, not ten questions
    assert clustered([], []) == (0.0, 1.0)


def test_runs_are_compared_pair_by_pair(tmp_path: Path) -> None:
    def script(letter: str) -> object:
        return lambda r: letter if isinstance(r, Request) else ""

    for name, letter in (("one", "a"), ("two", "b"), ("three", "b")):
        igaku.evaluate(Replay(script(letter), name=name), "mini", lang="ja", out=tmp_path / name)  # type: ignore[arg-type]
    rows = compare_runs([tmp_path / n for n in ("one", "two", "three")]).comparisons
    assert [(c.a, c.b) for c in rows] == [("one", "two"), ("one", "three"), ("two", "three")]
    assert rows[2].difference == 0
    assert all(c.p_adjusted >= c.p for c in rows)
    by = compare_runs([tmp_path / "one", tmp_path / "two"], by="section").comparisons
    assert {c.part for c in by} == {"mini ja required", "mini ja general", "mini ja clinical"}
    with pytest.raises(IgakuError, match="nothing to compare"):
        compare_runs([tmp_path / "one"])
    with pytest.raises(IgakuError, match="did you mean section"):
        compare_runs([tmp_path / "one"], by="sections")


def test_little_evidence_is_never_certainty() -> None:
    a = Outcomes("a", {"1": 1.0, "2": 1.0, "3": 1.0}, {"1": "g", "2": "g"})
    found = compare(a, Outcomes("b", {"1": 0.0, "2": 0.0, "3": 0.0}))
    assert found.p > 0.05
    assert -1 <= found.ci95[0] < 0.5 < found.ci95[1] == 1.0


def test_partial_scores_are_compared_by_their_means() -> None:
    a = Outcomes("a", {str(i): 0.9 - (i % 3) * 0.1 for i in range(30)})
    b = Outcomes("b", {str(i): 0.2 + (i % 2) * 0.1 for i in range(30)})
    found = compare(a, b)
    assert found.difference == pytest.approx(0.55, abs=0.01)
    assert found.p < 0.001


@pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 2.5])
def test_students_t_below_three_degrees(df: float) -> None:
    assert student(df) == pytest.approx(stats.t.ppf(0.975, df), rel=0.05)


def test_only_what_is_graded_alike_is_compared(tmp_path: Path) -> None:
    for name in ("one", "two"):
        igaku.evaluate(
            Replay(lambda _: "a", name=name),
            "mini",
            lang="ja",
            method=["letter", "gestalt", "exact"],
            out=tmp_path / name,
        )
    runs = tmp_path / "one", tmp_path / "two"
    assert len(compare_runs(*runs).comparisons) == 1  # by the main method
    assert len(compare_runs(*runs, method=["letter", "gestalt", "exact"]).comparisons) == 3


def test_files_of_ones_own_are_no_parts_of_one_benchmark(tmp_path: Path) -> None:
    for name in ("hosp-a", "hosp-b"):
        (tmp_path / f"{name}.jsonl").write_text(
            '{"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "a"}'
        )
        igaku.evaluate(Replay(lambda _: "a", name=name), str(tmp_path / f"{name}.jsonl"), out=tmp_path / name)
    with pytest.raises(IgakuError, match="nothing to compare"):
        compare_runs([tmp_path / "hosp-a", tmp_path / "hosp-b"])
