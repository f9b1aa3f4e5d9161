from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request


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


def by_style(name: str, bare: set[int], prose: set[int]) -> Replay:
    """Right on some questions with the choice's bare words, as the exact grader wants it, on some with a letter."""
    stems = [q for q in igaku.load_benchmark("mini").load("ja") if q.n_right == 1]

    def say(request: Request) -> str:
        i, q = next((i, q) for i, q in enumerate(stems) if q.stem in request.prompt)
        right = q.right[0]
        return q.choices[right] if i in bare else f"答えは {q.letters[right]} です。" if i in prose else "分かりません"

    return Replay(say, name=name)


@pytest.mark.parametrize(("n", "shown"), [(2, False), (35, True)])
def test_a_switch_is_shown_only_where_both_orders_are(tmp_path: Path, n: int, shown: bool) -> None:
    ids = [q.id for q in igaku.load_benchmark("mini").load("ja") if q.n_right == 1]
    bare = by_style("bare", set(range(n)), set())
    prose = by_style("prose", set(), set(range(2 * n)))
    assert len(ids) > 2 * n
    for engine, name in ((bare, "a"), (prose, "b")):
        igaku.evaluate(engine, "mini", lang="ja", only=ids, out=tmp_path / name, method="letter-lenient")
    report = igaku.graders(tmp_path / "a", tmp_path / "b", method=["letter-lenient", "exact"])
    (switch,) = report.switches["mini ja"]
    assert switch.shown is shown
    assert {row[-1] for row in report.tables()[1].rows} == {"shown" if shown else "not shown"}
