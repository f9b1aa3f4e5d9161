"""What a model thought is stored and shown, and never graded, whichever engine it came from."""

from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.grading.grader import Graded
from igaku.question import Answer
from igaku.report.site.viewer_rows import reply_row
from igaku.runs.store import Run

WHOLE = "<|channel|>analysis<|message|>答えは a か。<|end|><|start|>assistant<|channel|>final<|message|>{}<|return|>"
CUT = "[THINK]答えは a か"


def run_of(folder: Path, text: str, **answer: object) -> Run:
    engine = Replay(lambda _: Answer(text=text, **answer))  # type: ignore[arg-type]
    return igaku.evaluate(engine, "mini", lang="ja", limit=1, out=folder)


def one(run: Run) -> Graded:
    """The verdict on its one question."""
    ((_, graded),) = run.graded()[0]
    return graded


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (WHOLE.format("申し訳ありませんが、回答できません。"), "refused"),
        (WHOLE.format("ふむ"), "unparsed"),
        (CUT, "truncated"),
        ("<think>答えは a か</think>", "unparsed"),
    ],
)
def test_a_letter_of_the_thought_is_not_the_answer(tmp_path: Path, text: str, outcome: str) -> None:
    run = run_of(tmp_path / "run", text)
    graded = one(run)
    assert graded.verdict.outcome == outcome
    assert graded.reply is not None
    assert "答えは a か" in graded.reply.answer.thinking
    assert "答えは a か" not in graded.reply.answer.text


def test_it_is_read_behind_the_thought_and_shown_with_it(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", WHOLE.format("答え：e"))
    graded = one(run)
    assert graded.verdict.read == ("e",)
    row = reply_row(graded, run, None)
    assert row is not None
    assert "答えは a か" in row.thinking
    assert row.text == "答え：e"


def test_a_thought_that_was_cut_says_so_even_if_the_engine_did_not(tmp_path: Path) -> None:
    graded = one(run_of(tmp_path / "run", CUT, finish="stop"))
    assert graded.reply is not None
    assert graded.reply.answer.finish == "length"


def test_an_engine_that_separates_them_itself_is_left_alone(tmp_path: Path) -> None:
    engine = Replay(lambda _: Answer(text="答え：b", thinking="a か"))
    engine.splits_thinking = True
    graded = one(igaku.evaluate(engine, "mini", lang="ja", limit=1, out=tmp_path / "run"))
    assert graded.reply is not None
    assert (graded.reply.answer.text, graded.reply.answer.thinking) == ("答え：b", "a か")


def test_a_note_that_came_up_while_asking_is_in_the_run(tmp_path: Path) -> None:
    engine = Replay(lambda _: engine.notes.append("found on the way") or "答え：b")  # type: ignore[func-returns-value]
    run = igaku.evaluate(engine, "mini", lang="ja", limit=3, out=tmp_path / "run")
    assert "found on the way" in run.manifest.notes
    again = igaku.evaluate(Replay(lambda _: "答え：b"), "mini", lang="ja", limit=3, out=tmp_path / "run")
    assert "found on the way" in again.manifest.notes
