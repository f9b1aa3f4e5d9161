from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError


def two_runs(tmp_path: Path) -> tuple[Path, Path]:
    """One model answers by letter alone; the other wraps it in prose, which the exact grader does not take."""
    igaku.evaluate(Replay(lambda _: "a", name="plain"), "mini", lang="ja", limit=20, out=tmp_path / "a")
    igaku.evaluate(Replay(lambda _: "答えは c です。", name="prose"), "mini", lang="ja", limit=20, out=tmp_path / "b")
    return tmp_path / "a", tmp_path / "b"


def test_the_same_replies_by_several_methods(tmp_path: Path) -> None:
    report = igaku.graders(*two_runs(tmp_path), method=["letter-lenient", "exact"])
    (where,) = report.accuracy
    assert where == "mini ja"
    assert set(report.accuracy[where]) == {"letter-lenient", "exact"}
    unparsed = report.unparsed[where]["exact"]
    assert next(v for k, v in unparsed.items() if k.startswith("prose")) == 1.0
    assert [t.name for t in report.tables()] == ["graders", "switches"]
    assert "over the questions that all" in str(report.notes())


def test_a_method_that_the_replies_do_not_allow_is_left_out(tmp_path: Path) -> None:
    one, _ = two_runs(tmp_path)
    assert list(igaku.graders(one).accuracy["mini ja"]) == ["letter", "gestalt", "exact"]
    with pytest.raises(IgakuError, match="can be graded"):
        igaku.graders(one, method=["likelihood"])
