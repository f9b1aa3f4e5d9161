"""A run with pictures says which are not here."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.benchmarks.base import Benchmark
from igaku.engines.replay import Replay
from igaku.question import Choices, Question

from ..conftest import always


class Exam(Benchmark):
    """Three questions: one with its picture, one without the one it needs, one of text."""

    name = "seen"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def files(self, lang: str) -> list[str]:
        return ["seen/images/1.png", "seen/images/2.png", "seen/questions.jsonl"]

    def questions(self, lang: str) -> list[Question]:
        q = {"lang": "ja", "choices": ("甲", "乙"), "key": Choices.letters("a")}
        picture = str(self._folder / "seen" / "images" / "1.png")
        return [
            Question(id="1", stem="図の所見はどれか。", text_only=False, images=(picture,), **q),
            Question(id="2", stem="写真の所見はどれか。", text_only=False, **q),
            Question(id="3", stem="正しいのはどれか。", **q),
        ]


@pytest.fixture
def exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exam:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "seen" / "images").mkdir(parents=True)
    (tmp_path / "seen" / "images" / "1.png").write_bytes(b"\x89PNG")
    return Exam(tmp_path)


def seeing(engine: Replay) -> Replay:
    engine.supports_images = True
    return engine


def test_pictures_that_are_not_here_are_told_before_and_kept_in_the_run(exam: Exam, tmp_path: Path) -> None:
    said = igaku.plan(seeing(always("a")), exam).notes
    note = "seen ja: 1 of 2 pictures are not on this machine (igaku data get seen); of 3 questions 1 need a picture"
    assert any(n.startswith(note) and n.endswith("(2)") for n in said)
    run = igaku.evaluate(seeing(always("a")), exam, out=tmp_path / "run")
    assert [n for n in run.notes() if "picture" in n] == [n for n in said if "picture" in n]
    assert [t["images"] for t in json.loads((tmp_path / "run" / "run.json").read_text())["asked"]] == [True]


def test_a_model_that_is_sent_no_pictures_is_told_nothing_of_them(exam: Exam, tmp_path: Path) -> None:
    run = igaku.evaluate(always("a"), exam, out=tmp_path / "run")
    assert not any("picture" in n for n in run.notes())
