from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError


def test_two_benchmarks_over_the_models_that_have_both(tmp_path: Path) -> None:
    for letter in "abcd":
        script = Replay(lambda _, letter=letter: letter, name=f"always-{letter}")
        igaku.evaluate(script, "mini", lang=["ja", "en"], out=tmp_path / letter)
    report = igaku.rank_benchmarks(*(tmp_path / letter for letter in "abcd"))
    assert set(report.scores) == {"mini ja", "mini en"}
    (row,) = report.agreement
    assert (row.models, row.ci95) == (4, None), "four models are too few for an interval"
    assert row.tau == pytest.approx(1.0), "keys are the same in both languages"
    assert report.tables()[0].rows[0][2] == 4


def test_one_benchmark_is_no_comparison(tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: "a", name="m"), "mini", lang="ja", limit=10, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="two benchmarks or more; these runs hold mini ja"):
        igaku.rank_benchmarks(tmp_path / "r")
