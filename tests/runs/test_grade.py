"""Grading again from Python: a run, its folder, or pairs of one's own."""

from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from tests.conftest import always


def test_a_run_and_its_folder_are_graded_as_the_run_grades_itself(tmp_path: Path) -> None:
    run = igaku.evaluate(always("答え: b"), "mini", lang="ja", method="letter", limit=5, out=tmp_path / "r")
    own = [graded for _, graded in run.grade()]
    assert igaku.grade(run) == igaku.grade(tmp_path / "r") == igaku.grade(str(tmp_path / "r"), "letter") == own
    assert {g.method for g in igaku.grade(run, ["letter", "gestalt"])} == {"letter", "gestalt"}
    assert {g.method for g in igaku.grade(run, "letter", as_published=True)} == {"letter-as-published"}


def test_pairs_need_a_method(tmp_path: Path) -> None:
    run = igaku.evaluate(always("答え: b"), "mini", lang="ja", method="letter", limit=5, out=tmp_path / "r")
    pairs = [(g.question, g.reply) for g in igaku.grade(run)]
    assert igaku.grade(pairs, "letter") == igaku.grade(run)
    with pytest.raises(IgakuError, match="methods='letter'"):
        igaku.grade(pairs)
    with pytest.raises(IgakuError, match="no run"):
        igaku.grade(tmp_path / "gone")
