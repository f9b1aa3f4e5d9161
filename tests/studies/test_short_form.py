from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.runs.respondents import Respondent, shares_right
from igaku.statistics.rank_correlation import rank_agreement, switches
from igaku.studies.short_form import short_form

pytest.importorskip("numpy")


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Five models, each of which always gives the same letter."""
    for name, letter in (("one", "a"), ("two", "b"), ("three", "c"), ("four", "d"), ("five", "e")):
        igaku.evaluate(Replay(lambda _, x=letter: x, name=name), "mini", lang="ja", out=tmp_path / name)
    return [tmp_path / n for n in ("one", "two", "three", "four", "five")]


def test_a_form_from_runs_says_how_far_it_is_from_each_full_score(runs: list[Path]) -> None:
    short = short_form("mini", runs, limit=30, lang="ja")
    assert (len(short.ids), len(short.tried), short.left_out) == (30, 5, [])
    assert short.source == "share right of 5 respondents"
    assert short.rmse == pytest.approx(100 * (sum((t.estimated - t.full) ** 2 for t in short.tried) / 5) ** 0.5)
    assert short.ids == short_form("mini", runs, limit=30, lang="ja").ids
    assert short.ids != short_form("mini", runs, limit=30, lang="ja", seed=1).ids


def test_a_model_that_answered_the_form_alone_gets_its_full_score_estimated(runs: list[Path], tmp_path: Path) -> None:
    short = short_form("mini", runs, limit=30, lang="ja")
    new = igaku.evaluate(Replay(lambda _: "a", name="new"), "mini", lang="ja", only=short.ids, out=tmp_path / "new")
    assert new.cells[0].n_asked == 30
    again = short_form("mini", [*runs, tmp_path / "new"], limit=30, lang="ja")
    assert again.ids == short.ids
    (row,) = [t for t in again.tried if t.name.startswith("new")]
    (known,) = [t for t in again.tried if t.name.startswith("one")]
    assert row.full is None
    assert known.full is not None
    assert row.ci95[0] <= known.full <= row.ci95[1]
    part = igaku.evaluate(Replay(lambda _: "a", name="part"), "mini", lang="ja", limit=3, out=tmp_path / "part")
    assert short_form("mini", [*runs, part], limit=30, lang="ja").left_out


def test_asking_stops_where_the_error_is_small_enough(runs: list[Path]) -> None:
    assert {t.n for t in short_form("mini", runs, limit=40, lang="ja", error=30.0).tried} == {20}


def test_what_a_form_cannot_be_drawn_from_is_refused(runs: list[Path]) -> None:
    with pytest.raises(IgakuError, match="at least three"):
        short_form("mini", runs[:2], limit=30, lang="ja")
    with pytest.raises(IgakuError, match="has no human accuracy"):
        short_form("mini", runs, limit=30, lang="ja", by="people")
    with pytest.raises(IgakuError, match="not above zero"):
        short_form("mini", runs, lang="ja", error=0.0)


def test_the_share_right_is_never_quite_nobody_or_everybody() -> None:
    found = [Respondent("m", "m", {"a": 1.0, "b": 0.0}), Respondent("n", "n", {"a": 1.0})]
    assert shares_right(found, ["a", "b", "c"]) == {"a": pytest.approx(2.5 / 3), "b": 0.25, "c": 0.5}


def test_ranks_of_models() -> None:
    scores = {"exam": {f"m{i}": i / 10 for i in range(9)}, "text": {f"m{i}": i / 10 + (i % 2) * 0.01 for i in range(9)}}
    (row,) = rank_agreement(scores)
    assert (row.tau, row.remark) == (pytest.approx(1.0), "")
    few = rank_agreement({"exam": {"a": 0.1, "b": 0.2, "c": 0.3}, "text": {"a": 0.3, "b": 0.2, "c": 0.1}})[0]
    assert (few.tau, few.ci95) == (pytest.approx(-1.0), None)
    assert few.remark == "little: 3 models, 3 pairs"
    assert rank_agreement({"exam": {"a": 0.1}, "text": {"a": 0.3}})[0].tau is None


def test_when_the_grader_changes_the_ranking() -> None:
    (s,) = switches({"letter": {"a": 0.5, "b": 0.4, "c": 0.1}, "gestalt": {"a": 0.4, "b": 0.5, "c": 0.1}})
    assert (s.a, s.b, s.grader, s.other_grader) == ("a", "b", "letter", "gestalt")
