"""Points of an exam beside its board: pictures count for everybody, and only those that saw them are ranked on all."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.studies.leaderboard import leaderboard

RULES = """
title = "Harbour exam"
title_ja = "港の試験"
questions = 20
[[part]]
name = "required"
name_ja = "必修"
sections = ["required"]
needed = 12
[[part]]
name = "rest"
without = ["required"]
needed = 9
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty questions, four with a picture, the first five worth 3; two models saw the pictures, one did not."""
    root = tmp_path_factory.mktemp("exam")
    rows, replies = [], []
    for i in range(20):
        row: dict[str, object] = {
            "id": f"q{i}",
            "stem": f"港{i}はどれか。",
            "choices": ["東", "西", "南"],
            "answer": "a",
        }
        row |= {"section": "required", "points": 3} if i < 5 else {"section": "rest"}
        row |= {"image": True} if i % 5 == 4 else {}
        rows.append(json.dumps(row, ensure_ascii=False))
        for model, saw, wrong in (("gull", True, (19,)), ("heron", True, (0, 9)), ("mole", False, (4, 9, 14, 19, 6))):
            reply = {"id": f"q{i}", "model": model, "reply": "答え: b" if i in wrong else "答え: a", "saw_images": saw}
            replies.append(json.dumps(reply, ensure_ascii=False))
    (root / "harbour.jsonl").write_text("\n".join(rows))
    (root / "exam.toml").write_text(RULES)
    (root / "replies.jsonl").write_text("\n".join(replies))
    bench = str(root / "harbour.jsonl")
    return igaku.import_run("jsonl", root / "replies.jsonl", bench=bench, out=root / "run").run.path


def test_all_stand_on_the_questions_without_pictures_and_points_are_of_all(run: Path) -> None:
    board = leaderboard(run)
    assert {s.model: (s.n, s.pictures) for s in board.standings} == {
        "gull": (16, True),
        "heron": (16, True),
        "mole": (16, False),
    }
    assert board.points
    found = {p.key.model: p for p in board.points}
    assert {name: (p.got, p.of, p.pictures) for name, p in found.items()} == {
        "gull": (29, 30, True),
        "heron": (26, 30, True),
        "mole": (23, 30, False),
    }
    assert [p.key.model for p in board.points] == ["gull", "heron", "mole"]
    assert sum(part.got for part in found["mole"].result.parts) == 23
    shown = str(board)
    assert "points: Harbour exam (ja)" in shown and "29/30" in shown and "not shown" in shown


def test_with_images_only_those_that_saw_them_are_ranked_and_on_all_questions(run: Path) -> None:
    board = leaderboard(run, images=True)
    assert {s.model: (s.n, s.ranks is not None) for s in board.standings} == {"gull": (20, True), "heron": (20, True)}
    assert board.pairs == 1
    assert {s.model: s.accuracy for s in board.standings} == {"gull": 0.95, "heron": 0.9}


def test_without_anybody_who_saw_pictures_there_is_no_such_board(tmp_path: Path) -> None:
    from igaku.engines.replay import Replay

    done = igaku.evaluate(Replay(lambda _: "a", name="m"), "mini", lang="ja", method="letter", out=tmp_path / "r")
    assert "points" not in json.dumps([t.name for t in leaderboard(done).tables()])
    with pytest.raises(IgakuError, match="no model was shown pictures"):
        leaderboard(done, images=True)
