"""Lines of progress, by a clock of the test."""

from pathlib import Path

import pytest

from igaku.corpus import progress
from igaku.corpus.clean import Clean
from igaku.corpus.dedup import Dedup
from igaku.corpus.progress import Progress, number_of
from igaku.corpus.steps import run_step


def test_the_rest_is_estimated_from_the_speed_since_the_start() -> None:
    now, lines = [0.0], []
    bar = Progress("clean: documents", 1000, lines.append, done=400, clock=lambda: now[0])
    for seconds in (1, 60, 61):
        now[0] = seconds
        bar.add(50)
    assert lines == ["clean: documents: 500 of 1,000, about 5 min to go"]
    now[0] = 7200
    bar.add(50)
    assert lines[-1] == "clean: documents: 600 of 1,000, about 4 h 00 min to go"


def test_documents_are_counted_before_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n' * 7)
    (tmp_path / "b.txt").write_text("b\nb\n")
    assert number_of([tmp_path / "a.jsonl", tmp_path / "b.txt"]) == 8


@pytest.mark.parametrize("step", [Clean(shortest=1, languages=[]), Dedup()], ids=["clean", "dedup"])
def test_every_step_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Clean | Dedup) -> None:
    monkeypatch.setattr(progress, "FIRST", 0.0)
    lines: list[str] = []
    (tmp_path / "in.jsonl").write_text('{"text": "心不全では呼吸困難が生じる。"}\n' * 3)
    run_step(step, [tmp_path / "in.jsonl"], tmp_path / "out", say=lines.append)
    assert any("3 of 3, about less than a minute to go" in line for line in lines)
