import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.grading import METHODS, grade_one
from igaku.grading.terms import matched, read_terms, scores
from igaku.io.rows import literal_list
from igaku.question import Answer, Pairs, Question, Reply, Terms, Text

from ..conftest import ASSETS

ROWS = [json.loads(line) for line in (ASSETS / "replies_terms.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_replies_of_models(row: dict) -> None:
    read = read_terms(row["reply"])
    assert (None if read is None else sorted(read)) == (None if row["expect"] is None else sorted(row["expect"])), row[
        "why"
    ]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text: str) -> None:
    read = read_terms(text)
    assert read is None or all(isinstance(t, str) and t.strip() for t in read)


def test_nothing_is_evaluated() -> None:
    assert literal_list("__import__('os').system('x')") == set()
    assert literal_list("['a', __import__('os')]") == set()
    assert literal_list("[" * 5000) == set()
    assert literal_list("['発熱', '咳']") == {"発熱", "咳"}


def test_exact_and_partial_scores() -> None:
    got = scores(["５ｍｇ", "高熱", "咳"], ["5mg", "熱", "頭痛"])
    assert got["f1"] == pytest.approx(1 / 3)
    assert got["partial_f1"] == pytest.approx(2 / 3)
    assert scores([], [])["f1"] == 1
    assert scores([], ["熱"])["f1"] == 0


def test_partial_hits_are_matched_one_to_one() -> None:
    """One long expression cannot stand for all of the gold's parts."""
    assert scores(["発熱と咳と頭痛"], ["発熱", "咳", "頭痛"])["partial_recall"] == pytest.approx(1 / 3)
    assert matched([[True, True], [True, False]]) == 2
    assert matched([[True], [True]]) == 1


def graded(method: str, key: object, text: str) -> object:
    q = Question(id="1", lang="ja", stem="s", key=key)  # type: ignore[arg-type]
    return grade_one(METHODS[method], q, Reply(key="", model="", bench="", lang="ja", id="1", answer=Answer(text=text)))


def test_verdicts_on_lists() -> None:
    key = Terms(("発熱", "咳"))
    assert graded("terms", key, "['発熱', '咳']").outcome == "right"  # type: ignore[attr-defined]
    assert graded("terms", key, "発熱").outcome == "partial"  # type: ignore[attr-defined]
    assert graded("terms", key, "該当なし").outcome == "wrong"  # type: ignore[attr-defined]
    assert graded("terms", key, "").outcome == "unparsed"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "key"), [("terms", Terms(("発熱",))), ("text", Text(("発熱",))), ("pairs", Pairs((("甲", "乙"),)))]
)
def test_a_reply_cut_inside_its_thinking_is_truncated(method: str, key: object) -> None:
    assert graded(method, key, "<think>発熱").outcome == "truncated"  # type: ignore[attr-defined]
    assert graded(method, key, "").outcome == "unparsed"  # type: ignore[attr-defined]


def test_the_published_partial_f1_counts_all_for_one_exact_hit() -> None:
    """It divides three hits by one expression said: a precision of 3, and an F1 of 1.5."""
    verdict = graded("terms-as-published", Terms(("発熱", "咳", "頭痛")), "['発熱']")
    assert verdict.parts["f1"] == pytest.approx(0.5)  # type: ignore[attr-defined]
    assert verdict.parts["partial_f1"] == pytest.approx(1.5)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "right"), [("Epinephrine", True), ("エピネフリン", False), ("adrenaline。", True), ("", False)]
)
def test_names_in_words(answer: str, right: bool) -> None:
    assert graded("text", Text(("epinephrine", "adrenaline")), answer).right is right  # type: ignore[attr-defined]


def test_kana_width_and_hyphens_are_unified() -> None:
    assert graded("text", Text(("ロキソプロフェン",)), "ﾛｷｿﾌﾟﾛﾌｪﾝ").right  # type: ignore[attr-defined]
    assert graded("text", Text(("5-FU",)), "５−ＦＵ").right  # type: ignore[attr-defined]
