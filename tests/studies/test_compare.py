import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.statistics.interval import clustered, wilson
from igaku.statistics.paired import Outcomes, adjusted, compare, mcnemar
from igaku.statistics.power import questions_needed
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


def answering(tmp_path: Path, **right: int) -> list[Path]:
    """Runs whose model is right on the first of forty questions, as many as given."""
    rows = [f'{{"id": "{i}", "stem": "第{i}問。", "choices": ["甲", "乙"], "answer": "a"}}' for i in range(40)]
    (tmp_path / "own.jsonl").write_text("\n".join(rows), encoding="utf-8")
    for name, n in right.items():
        script = lambda r, n=n: "a" if int(r.prompt.split("第")[1].split("問")[0]) < n else "b"  # noqa: E731
        igaku.evaluate(Replay(script, name=name), str(tmp_path / "own.jsonl"), out=tmp_path / name)
    return [tmp_path / name for name in right]


def test_runs_are_given_one_by_one_or_as_a_list(tmp_path: Path) -> None:
    one, two = answering(tmp_path, one=40, two=30)
    assert compare_runs(one, two).comparisons == compare_runs([one, two]).comparisons


def test_the_interval_is_two_numbers_in_csv_and_json(tmp_path: Path) -> None:
    report = compare_runs(answering(tmp_path, one=40, two=30))
    head, row = (
        line.split(",") for line in igaku.render(report, "csv").replace('"A - B, points"', "gap").splitlines()[:2]
    )
    (found,) = report.comparisons
    cells = dict(zip(head, row))
    assert (float(cells["95 % low"]), float(cells["95 % high"])) == found.ci95
    assert json.loads(igaku.render(report, "json"))["comparisons"][0]["ci95"] == list(found.ci95)


def test_words_say_shown_or_not_shown(tmp_path: Path) -> None:
    runs = answering(tmp_path, one=40, two=30, three=35)
    report = compare_runs(runs)
    verdicts = {(c.a, c.b): row[11] for c, row in zip(report.comparisons, report.tables()[0].rows)}
    assert verdicts["one", "two"] == "shown: A better"
    assert verdicts["one", "three"] == "not shown (only before correction)"
    needed = {(c.a, c.b): row[12] for c, row in zip(report.comparisons, report.tables()[0].rows)}
    assert needed["one", "two"] is None
    assert isinstance(needed["one", "three"], int)
    assert "certain" not in str(report)


def test_a_margin_adds_its_own_table(tmp_path: Path) -> None:
    report = compare_runs(answering(tmp_path, one=40, two=40), margin=20)
    (row,) = report.tables()[1].rows
    assert "shown: equivalent" in row
    assert "worse" in str(report)
    for wrong in (0.0, -2.0, 100.0):
        with pytest.raises(IgakuError, match="--margin"):
            compare_runs(tmp_path / "one", tmp_path / "two", margin=wrong)
    with pytest.raises(IgakuError, match="--power"):
        compare_runs(tmp_path / "one", tmp_path / "two", power=1.0)


def test_an_unfinished_run_says_so_and_looks_are_wider(tmp_path: Path) -> None:
    runs = answering(tmp_path, one=40, two=20)
    journal = runs[0] / "replies.jsonl"
    journal.write_text("".join(journal.read_text(encoding="utf-8").splitlines(keepends=True)[:30]), encoding="utf-8")
    once, always = compare_runs(runs), compare_runs(runs, looks=True)
    assert once.waiting == 10
    assert "10 questions have no reply yet" in str(once)
    (a,), (b,) = once.comparisons, always.comparisons
    assert b.test == "sequential"
    assert b.ci95[1] - b.ci95[0] > a.ci95[1] - a.ci95[0]
    assert "no reply yet" not in str(always)
