"""One question of a run as a person reads it: the thought apart from the reply, and shortened."""

from pathlib import Path

import igaku
from igaku.engines.replay import Replay
from igaku.runs.one_question import find_question, question_data, question_table, question_text, shortened

THOUGHT = "まず年齢を見る。" + "迷う。" * 9_000 + "eではなさそうだ。"


def test_a_long_thought_stands_above_the_reply_and_whole_in_the_data(tmp_path: Path) -> None:
    engine = Replay(lambda _: f"<think>{THOUGHT}</think>\n答え: a", name="m")
    run = igaku.evaluate(engine, "mini", lang="ja", method="letter", limit=1, out=tmp_path / "r")
    (id,) = run.manifest.tasks[0].replies
    (items,) = find_question(run, id)
    text, (row,) = question_text(run, items), question_table(items).rows
    assert "--- thinking of m, standard_ja original ---\nまず年齢を見る。" in text and "eではなさそうだ。" in text
    assert len(text) < 4_000
    assert row[-1] == "答え: a" and items[0][1].verdict.read == ("a",)
    assert question_data(items)["verdicts"][0]["reply"]["thinking"] == THOUGHT


def test_what_is_left_out_of_a_long_text_is_counted() -> None:
    assert shortened("abc") == "abc"
    assert shortened("a" * 30 + "z" * 70, head=10, tail=20).split("\n") == [
        "a" * 10,
        "[… 70 characters; --json has them …]",
        "z" * 20,
    ]
