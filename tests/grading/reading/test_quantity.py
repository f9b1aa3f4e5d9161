"""Which number a reply ends with."""

import pytest

from .conftest import Reader


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("答え：72（60÷0.83）", "72"),
        ("心拍数は 1分間に72回 です。", "72"),
        ("60 / 0.83 = 72.3 → 小数点以下を四捨五入して 72", "72"),
        ("1,200 mL とします。", "1200"),
        ("合計は1,800 kcalです。", "1800"),
        ("The dose is $\\boxed{1{,}200}$ mL.", "1200"),
        ("\\boxed{\\frac{1}{2}}", "0.5"),
        ("answer: 2½", "2.5"),
        ("答え：三", "3"),
        ("答え：マイナス3", "-3"),
        ("1.2×10^3", "1200"),
        ("Forty-two drops a minute.", "42"),
        ("20 + 5 = 25\n体重で割ると 25 ÷ 10 = 2.5", "2.5"),
        ("答え：24 mEq/L。基準値 12±2 より 12 ほど高い。", "24"),
        ("60 mL/時。内訳は40＋20。", "60"),
        ("answer: 12\nconfidence: 0.9", "12"),
    ],
)
def test_the_number_that_is_the_answer(answer: Reader, reply: str, number: str) -> None:
    assert answer(reply, "値を求めよ。", ()) == number


@pytest.mark.parametrize(
    "reply", ["20から30", "答え：26 または 27", "26ではない", "between 20 and 30", "計算できません。", ""]
)
def test_no_single_number_is_no_answer(answer: Reader, reply: str) -> None:
    assert answer(reply, "値を求めよ。", ()) == ""


def test_circled_numbers_are_boxes_and_not_digits(answer: Reader) -> None:
    stem = "BMIを求めよ。解答：①②.③"
    assert answer("①2 ②8 ③1", stem, ()) == "28.1"
    assert answer("①に2、②に8、③に1が入る。", stem, ()) == "28.1"
    assert answer("2 8 1", stem, ()) == "281"
    assert answer("①0.36②", "値を求めよ。", ()) == "0.36"


def test_a_cut_calculation_has_no_answer(answer: Reader) -> None:
    assert answer("25 ÷ 10 =", "値を求めよ。", (), "length") == ""
    assert answer("答え：2.5\n検算すると", "値を求めよ。", (), "length") == "2.5"
