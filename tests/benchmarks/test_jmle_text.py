"""Case questions of 2023 and 2024: only these years, and pictures are not passed over."""

from collections import Counter

import pytest

from igaku import load_benchmark
from igaku.benchmarks.jmle_text import PICTURE


@pytest.mark.parametrize("words", ["頭部単純CTを別に示す。", "心電図(別冊No. 3)", "胸部X線写真(A)と", "別 冊 No. 4"])
def test_a_stem_that_shows_a_picture_is_no_text_question(words: str) -> None:
    assert PICTURE.search(f"70歳の男性。{words}診断はどれか。")


@pytest.mark.parametrize(
    "words", ["胸部X線写真で異常を認めない。", "結果を表に示す。", "会話を示す。", "払いのける動作を示す。"]
)
def test_a_finding_in_words_is_a_text_question(words: str) -> None:
    assert not PICTURE.search(f"70歳の男性。{words}診断はどれか。")


@pytest.mark.data
def test_facts_of_the_file() -> None:
    questions = load_benchmark("jmle_text").load()
    assert Counter(q.year for q in questions) == {"2023": 130, "2024": 157}
    assert Counter(q.n_right for q in questions) == {1: 255, 2: 21, 3: 11}
    assert all((q.n_stated or 1) == q.n_right for q in questions)
    assert Counter(len(q.choices) for q in questions) == {5: 286, 6: 1}
    assert sum(not q.text_only for q in questions) == 18
    assert Counter(Counter(q.group for q in questions if q.group).values()) == {2: 24, 3: 8}
    assert {q.points for q in questions if q.section == "required"} <= {1.0, 3.0}


@pytest.mark.data
def test_no_question_of_it_is_one_of_igakuqas() -> None:
    others = {q.id for name in ("igakuqa", "igakuqa119") for q in load_benchmark(name).load("ja")}
    assert not others & {q.id for q in load_benchmark("jmle_text").load()}
