"""A run with pictures says which are not here."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.benchmarks.base import Benchmark
from igaku.engines.replay import Replay
from igaku.question import Choices, Question
from igaku.report.card import card
from igaku.runs.counted import by_main_method
from igaku.studies.boards import boards

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


def test_questions_that_were_asked_blind_are_in_no_number_of_shown_pictures(exam: Exam, tmp_path: Path) -> None:
    run = igaku.evaluate(seeing(always("a")), exam, out=tmp_path / "run")
    assert run.shown(run.manifest.tasks[0]) == {"1"}
    assert "1 of 2 shown" in run.show() and "1 of 2 shown" in card(run)
    for images, n, without in ((True, 2, 1), (False, 1, 2)):
        board = boards(by_main_method({"": run}), {"": run}, images=images)[0]
        assert [s.n for s in board.standings] == [n]
        assert board.left_out.image == without


def test_imported_replies_to_every_pictured_question_are_shown_whatever_is_here(exam: Exam, tmp_path: Path) -> None:
    rows = [{"id": q.id, "model": "m", "reply": "a", "saw_images": True} for q in exam.questions("ja")]
    (tmp_path / "replies.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "own.jsonl").write_text(
        "\n".join(
            json.dumps({"id": q.id, "stem": q.stem, "choices": q.choices, "answer": "a", "image": not q.text_only})
            for q in exam.questions("ja")
        )
    )
    bench = str(tmp_path / "own.jsonl")
    run = igaku.import_run("jsonl", tmp_path / "replies.jsonl", bench=bench, out=tmp_path / "run").run
    assert run.shown(run.manifest.tasks[0]) == {"1", "2"}
    assert boards(by_main_method({"": run}), {"": run}, images=True)[0].standings[0].n == 3


def test_a_question_with_only_a_part_of_its_pictures_is_named(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam, "picture_names", lambda lang: {"1": ["1.png", "2.png"], "3": []})
    notes = igaku.plan(seeing(always("a")), exam).notes
    assert any(n.endswith("1 are asked with only a part of their pictures (1)") for n in notes)


def test_a_model_that_is_sent_no_pictures_is_told_nothing_of_them(exam: Exam, tmp_path: Path) -> None:
    run = igaku.evaluate(always("a"), exam, out=tmp_path / "run")
    assert not any("picture" in n for n in run.notes())
