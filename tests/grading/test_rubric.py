import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from igaku.grading import METHODS, grade_one
from igaku.grading.rubric import read_votes, votes_of
from igaku.question import Answer, Point, Question, Reply, Rubric, Verdict

from ..conftest import ASSETS

ROWS = [json.loads(line) for line in (ASSETS / "replies_votes.jsonl").read_text(encoding="utf-8").splitlines()]
KEY = Rubric((Point("診断", 3.0), Point("検査", 1.0), Point("危険な治療", -2.0)), "模範")
Q = Question(id="1", lang="ja", stem="s", key=KEY)


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_what_judges_say(row: dict) -> None:
    read = read_votes(row["reply"], row["n"])
    assert (None if read is None else list(read)) == row["expect"], row["why"]


@given(st.text(max_size=200), st.integers(1, 8))
def test_any_text_is_read_without_harm(text: str, n: int) -> None:
    read = read_votes(text, n)
    assert read is None or len(read) == n


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_what_was_asked_for_is_read(met: list[bool]) -> None:
    assert read_votes("\n".join(f"{i}: {'はい' if m else 'いいえ'}" for i, m in enumerate(met, 1)), len(met)) == tuple(
        met
    )


def test_a_very_long_line_is_read_in_no_time() -> None:
    assert read_votes("1: " + " " * 50_000 + "1" * 50_000, 3) is None


def verdict(*votes: str | Answer, text: str = "答案", orders: tuple[tuple[int, ...], ...] = ()) -> Verdict:
    votes = tuple(
        Reply(
            key="",
            model="j",
            bench="b",
            lang="ja",
            id="1",
            answer=v if isinstance(v, Answer) else Answer(text=v),
            permutation=orders[i] if orders else (),
        )
        for i, v in enumerate(votes)
    )
    reply = Reply(key="", model="m", bench="b", lang="ja", id="1", answer=Answer(text=text), votes=votes)
    return grade_one(METHODS["rubric"], Q, reply)


def test_weights() -> None:
    assert verdict("1: はい\n2: はい\n3: いいえ").outcome == "right"
    assert verdict("1: はい\n2: いいえ\n3: いいえ").score == 0.75
    harmful = verdict("1: はい\n2: いいえ\n3: はい")
    assert (harmful.score, harmful.read) == (0.25, ("1", "3"))
    assert verdict("1: いいえ\n2: はい\n3: はい").score == 0  # never below 0


def test_votes_are_averaged_and_reversed_ones_put_in_order() -> None:
    got = verdict("1: はい\n2: いいえ\n3: いいえ", "1: いいえ\n2: いいえ\n3: はい", orders=((), (2, 1, 0)))
    assert (got.score, got.read) == (0.75, ("1",))
    split = verdict("1: はい\n2: いいえ\n3: いいえ", "1: いいえ\n2: いいえ\n3: いいえ")
    assert (split.score, split.read) == (0.375, ())


@pytest.mark.parametrize("rubbish", ["", "よい答案です。8点。", "1: はい", "<think>1は", "はい"])
def test_a_judge_that_answers_rubbish_leaves_the_answer_unrated_never_zero(rubbish: str) -> None:
    unrated = verdict(rubbish)
    assert unrated == Verdict(outcome="unrated", parts={"votes": 1.0, "unread": 1.0}) and not unrated.scored
    most = verdict(rubbish, rubbish, "1: はい\n2: はい\n3: いいえ")
    assert (most.outcome, most.scored) == ("unrated", False)
    half = verdict(rubbish, "1: はい\n2: はい\n3: いいえ")
    assert (half.outcome, half.parts["unread"]) == ("right", 1.0)


def test_failures_of_judge_and_of_model() -> None:
    assert verdict(Answer(finish="error", error="x")).outcome == "unrated"
    assert verdict(text="").outcome == "unparsed"
    assert verdict(text="<think>まだ").outcome == "truncated"


@pytest.mark.parametrize(
    "line",
    [
        "1: はい/いいえ",
        "1: はい または いいえ",
        "1: yes or no",
        "1: yes/no",
        "1: はい、とは言えない",
        "1: no evidence against it; yes",
    ],
)
def test_the_form_itself_is_no_decision(line: str) -> None:
    assert read_votes(line, 1) is None


@pytest.mark.parametrize("order", [(0, 5), (0, 0), (1,), (-1, 0)])
def test_a_vote_on_points_in_no_order_of_theirs_is_not_read(order: tuple[int, ...]) -> None:
    vote = Reply(
        key="v", model="j", bench="b", lang="ja", id="1", answer=Answer(text="1: はい\n2: いいえ"), kind="text"
    )
    judged = replace(vote, votes=(replace(vote, permutation=order), replace(vote, permutation=(1, 0))))
    assert votes_of(judged, 2) == [None, (False, True)]
