"""Printed lines of an exam paper as questions, and cells of a key sheet as keys; without any PDF."""

import pytest

from igaku.benchmarks.official.keys import SheetKey, read_key
from igaku.benchmarks.official.lines import Char, Line, lines_of, plain
from igaku.benchmarks.official.paper import Printed, picture_numbers, questions


def read(*texts: str, page: int = 2) -> list[Printed]:
    return questions([Line(text, page, 20.0 * i, 20.0 * i + 10) for i, text in enumerate(texts)])


def printed(text: str, size: float = 10.0, top: float = 100.0, x: float = 0.0) -> list[Char]:
    return [
        Char(text=c, x0=x + size * i, x1=x + size * (i + 1), top=top, bottom=top + size, size=size)
        for i, c in enumerate(text)
    ]


def test_choices_in_one_column_go_on_over_lines() -> None:
    (q,) = read("１　正しいのはどれか。", "ａ　甲", "ｂ　とても長い", "選択肢", "ｃ　丙", "ｄ　丁", "ｅ　戊")
    assert (q.number, q.stem) == (1, "正しいのはどれか。")
    assert q.choices == ["甲", "とても長い選択肢", "丙", "丁", "戊"]
    assert q.doubts == []


def test_choices_in_two_columns() -> None:
    (q,) = read("1　2つ選べ。", "a　甲　d　丁", "b　乙　e　戊", "c　丙")
    assert q.choices == ["甲", "乙", "丙", "丁", "戊"]


def test_a_letter_within_a_choice_is_no_label() -> None:
    (q,) = read("1　どれか。", "a　ビタミン a 欠乏", "b　B 型肝炎", "c　c 反応性蛋白", "d　丁", "e　戊")
    assert q.choices == ["ビタミン a 欠乏", "B 型肝炎", "c 反応性蛋白", "丁", "戊"]


def test_numbers_in_a_stem_begin_no_question() -> None:
    (q,) = read("1　65歳の男性。", "2　年前から咳が続く。どれか。", *(f"{c}　選択肢" for c in "abcde"))[:1]
    assert q.stem.startswith("65歳の男性。")


def test_the_covers_instructions_give_way_to_the_first_question() -> None:
    cover = [Line("１　試験時間は２時間である。", 1, 0, 10), Line("２　机の上に出してよいもの", 1, 20, 30)]
    body = [
        Line(t, 2, 0, 10) for t in ("１　どれか。", "a　甲", "b　乙", "c　丙", "d　丁", "e　戊", "２　次はどれか。")
    ]
    found = questions([*cover, *body])
    assert [q.stem for q in found] == ["どれか。", "次はどれか。"]


def test_a_case_stands_before_each_of_its_questions() -> None:
    found = read(
        "次の文を読み、１、２の問いに答えよ。", "60歳の男性。胸痛で来院した。", "身体所見：体温36.5℃。",
        "１　検査はどれか。", *(f"{c}　選択肢" for c in "abcde"),
        "２　治療はどれか。", *(f"{c}　選択肢" for c in "abcde"),
    )  # fmt: skip
    assert [q.group for q in found] == ["1-2", "1-2"]
    assert {q.context for q in found} == {"60歳の男性。胸痛で来院した。\n身体所見：体温36.5℃。"}


def test_a_numeric_question_keeps_its_boxes_without_the_answer_grid() -> None:
    (q,) = read("１　BMIを求めよ。", "解答：①②", "①　②", "0　0", "1　1", "― 12 ―")
    assert q.numeric
    assert q.stem == "BMIを求めよ。\n解答：①②"
    assert q.doubts == []


def test_what_is_missing_is_listed() -> None:
    few, none = read("１　どれか。", "a　甲", "b　乙", "c　丙", "２　どう思うか。")
    assert few.doubts == ["3 choices of 5"]
    assert none.doubts == ["no choices and no answer boxes"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("写真（別冊No. 1）を別に示す", ["1"]),
        ("写真（別冊 No. 12 A）と CT（別冊 No. 12 B）", ["12A", "12B"]),
        ("写真（別冊No. 3A、B）", ["3A", "3B"]),
        ("別に示さない", []),
    ],
)
def test_pictures_are_named_as_in_the_book(text: str, numbers: list[str]) -> None:
    assert picture_numbers(text) == numbers


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("c", SheetKey(answer="c")),
        ("ａ，ｄ", SheetKey(answer="ad")),
        ("a、c", SheetKey(answer="ac")),
        ("a又はc", SheetKey(accepted=("a", "c"))),
        ("a、cのいずれか", SheetKey(accepted=("a", "c"))),
        ("23", SheetKey(answer="23")),
        ("0.4", SheetKey(answer="0.4")),
        ("採点対象外", SheetKey(void="excluded")),
        ("解なし", SheetKey(void="excluded")),
        ("全員正解", SheetKey(void="everybody")),
        ("正解した受験者については採点対象に含める", SheetKey(void="unless-right")),
        ("備考", None),
    ],
)
def test_cells_of_a_key_sheet(cell: str, key: SheetKey | None) -> None:
    assert read_key(cell) == key


def test_raised_and_lowered_digits_stay_what_they_are() -> None:
    row = [
        *printed("血小板10"),
        *printed("5", 6, 98, 50),
        *printed("とCO", x=57),
        *printed("2", 6, 106, 87),
        *printed("値", x=94),
    ]
    (line,) = lines_of(row, 1)
    assert line.text == "血小板10⁵とCO₂値"


def test_ruby_is_left_out_and_named() -> None:
    (line,) = lines_of([*printed("蕁麻疹が出た"), *printed("じん", 5, 93)], 1)
    assert (line.text, line.lost) == ("蕁麻疹が出た", "じん")


def test_radicals_are_kanji() -> None:
    assert plain("⾎圧の所⾒、⻑期、⻘年") == "血圧の所見、長期、青年"
