"""Lists of questions come together in the exam's own order."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.report.site.collect import collect
from igaku.report.site.viewer import Shown, write_viewer
from igaku.runs.importers import import_run
from igaku.runs.order import merged_order

from ..conftest import always


@pytest.mark.parametrize(
    ("orders", "merged"),
    [
        ([["1", "2", "10"], ["2", "9", "10"]], "1 2 9 10"),
        ([["2", "10"], ["1", "2"]], "1 2 10"),
        ([["a"], ["c", "b"], []], "a c b"),
        ([], ""),
        ([["q2", "q10"], ["q1", "q2", "q3", "q10", "q11"]], "q1 q2 q3 q10 q11"),
    ],
)
def test_the_longest_list_leads_and_others_stand_behind_what_they_follow(orders: list[list[str]], merged: str) -> None:
    assert " ".join(merged_order(orders)) == merged


def test_a_board_shows_the_exams_order_whatever_the_order_of_the_replies(tmp_path: Path) -> None:
    ids = [f"9A-{i}" for i in range(1, 13)]
    rows = [{"id": i, "stem": f"問{i}", "choices": ["甲の薬", "乙の薬"], "answer": "b"} for i in ids]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    replies = [{"id": i, "model": "whole", "reply": "b"} for i in sorted(ids)]
    replies += [{"id": i, "model": "part", "reply": "b"} for i in ("9A-11", "9A-2")]
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps(r) for r in replies[::-1]))
    run = import_run("jsonl", tmp_path / "r.jsonl", bench=str(tmp_path / "own.jsonl"), out=tmp_path / "r").run
    data = collect([run])
    variants, names = data.items["own", "ja"], [("m", "")] * 2
    (tmp_path / "site").mkdir()
    write_viewer(tmp_path / "site", "own", variants, data.runs, names, [], Shown(prompts=False))
    text = (tmp_path / "site" / "own.js").read_text()
    shown = json.loads(text[text.index(",") + 1 : text.rindex(")")])["questions"]
    assert [q[0] for q in shown] == ids


def test_a_run_that_goes_on_stands_in_the_exams_order(tmp_path: Path) -> None:
    igaku.evaluate(always("b"), "mini", lang="ja", only=["mini-005"], out=tmp_path / "r")
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=7, out=tmp_path / "r")
    (task,) = run.manifest.tasks
    assert list(task.replies) == [f"mini-00{i}" for i in range(1, 8)]
