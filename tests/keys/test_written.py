"""Answers as people write them: read as one set of choices, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.keys import LETTERS
from igaku.keys.written import Unreadable, named_choices

FIVE = ("甲", "乙", "丙", "丁", "戊")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("b", (1,)),
        ("Ｂ", (1,)),
        (" ｂ　", (1,)),
        ("2", (1,)),
        ("２", (1,)),
        ("②", (1,)),
        ("ⓑ", (1,)),
        ("(2)", (1,)),
        ("（ｂ）", (1,)),
        ("2.", (1,)),
        ("2.0", (1,)),
        ("2番", (1,)),
        ("選択肢２", (1,)),
        ("ac", (0, 2)),
        ("a, c", (0, 2)),
        ("a・c", (0, 2)),
        ("ａ、ｃ", (0, 2)),
        ("aとc", (0, 2)),
        ("1,3", (0, 2)),
        ("１，３", (0, 2)),
        ("13", (0, 2)),
        ("①③", (0, 2)),
        ("1と3", (0, 2)),
        ("1 and 3", (0, 2)),
        ("[1; 3]", (0, 2)),
        ("", ()),
    ],
)
def test_one_answer_is_read_however_it_is_written(text: str, found: tuple[int, ...]) -> None:
    assert named_choices(text, 5, FIVE) == found


@pytest.mark.parametrize(
    ("text", "n", "why"),
    [
        ("0", 5, "counted from 1"),
        ("02", 5, "counted from 1"),
        ("103", 5, "counted from 1"),
        ("6", 5, "names '6', outside the 5 choices"),
        ("16", 5, "names '6', outside the 5 choices"),
        ("f", 5, "names 'f', outside the 5 choices"),
        ("1/3", 5, "both or either"),
        ("a or c", 5, "both or either"),
        ("aまたはc", 5, "both or either"),
        ("1-3", 5, "no letter and no number"),
        ("a〜c", 5, "no letter and no number"),
        ("1.3", 5, "no letter and no number"),
        ("1月3日", 5, "a date"),
        ("3-Jan", 5, "a date"),
        ("2026/1/3", 5, "both or either"),
        ("乙", 5, "the text of choice b"),
        ("11", 5, "twice"),
        ("12", 12, "may be choice 12, or 1 and 2"),
        ("27", 26, "outside the 26 choices"),
        ("イ", 5, "no letter and no number"),
        ("9" * 5_000, 26, "outside"),
        ("٣", 5, "no letter and no number"),
    ],
)
def test_what_is_none_or_may_be_two_is_refused_with_the_reason(text: str, n: int, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as error:
        named_choices(text, n, FIVE if n == 5 else ())
    assert "\n" not in str(error.value)


def test_a_number_or_letter_that_is_another_choices_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="choice c and also the text of choice b; write '選択肢 c' or '選択肢 b'"):
        named_choices("3", 3, ("2", "3", "4"))
    with pytest.raises(Unreadable, match="also the text of choice b"):
        named_choices("A", 2, ("B", "A"))
    assert named_choices("選択肢 c", 3, ("2", "3", "4")) == (2,)
    assert named_choices("2", 3, ("1", "2", "3")) == (1,)
    with pytest.raises(Unreadable, match="is the text of choice a"):
        named_choices("10", 2, ("10", "20"))


@given(st.integers(2, 26), st.data())
def test_letters_of_any_choices_are_read_whatever_stands_between(n: int, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True))
    between = data.draw(st.sampled_from(["", ",", " ", "、", "・", ", ", "と", "+", "；"]))
    as_is = data.draw(st.sampled_from([str, str.upper, lambda s: "".join(chr(ord(c) + 0xFEE0) for c in s)]))
    assert named_choices(between.join(as_is(LETTERS[i]) for i in chosen), n) == tuple(chosen)


@given(st.text(max_size=30), st.integers(1, 26))
def test_any_text_is_read_within_the_choices_or_refused(text: str, n: int) -> None:
    try:
        assert all(0 <= i < n for i in named_choices(text, n, tuple(f"選択{i}" for i in range(n))))
    except Unreadable as error:
        assert str(error)
