"""Numbers in replies: what never ends does not take long."""

import time

import pytest

from igaku.grading import METHODS, grade_one
from igaku.question import Answer, Number, Question, Reply

KEY = Number.parsed(["72.5"], "小数で答えよ。")


@pytest.mark.parametrize("unit", ["1", "①", "1.", "-1", "1-", "1,", "3×", "1〜", "10^", "1万", "1/", "1 か "])
def test_long_rubbish_is_read_in_linear_time(unit: str) -> None:
    assert KEY is not None
    question = Question(id="1", lang="ja", stem="小数で答えよ。", key=KEY)

    def seconds(n: int) -> float:
        answer = Answer(text=(unit * n)[:n])
        reply = Reply(key="", model="m", bench="", lang="ja", id="1", kind="text", answer=answer)
        start = time.process_time()
        grade_one(METHODS["letter"], question, reply)
        return time.process_time() - start

    seconds(100)
    assert seconds(24_000) < max(1.0, 12 * seconds(4_000))
