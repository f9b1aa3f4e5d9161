"""Which letters, marks and words name a choice, and which only look like it."""

import pytest

from .conftest import Reader

VITAMINS = ("ビタミンA", "ビタミンB1", "ビタミンC", "ビタミンD", "ビタミンE")
HEPATITIS = ("A型肝炎", "B型肝炎", "C型肝炎", "D型肝炎", "E型肝炎")


@pytest.mark.parametrize(
    "reply",
    [
        "答え：c",
        "答え：Ｃ",
        "答え：③",
        "答え：❸",
        "答え：ウ",
        "答え：3",
        "答え：🅒",
        "答え：(c)",
        "答え：「C」",
        "答え：\u200bc",
        "答え：**c**",
        "答え：$\\mathbf{C}$",
        "選択肢3が正解です。",
        "3番です。",
        "正解は三番です。",
        "The third option.",
        "答え：c. 大動脈解離",
        "答え：大動脈解離（c）",
    ],
)
def test_one_choice_is_named_in_many_ways(answer: Reader, reply: str) -> None:
    assert answer(reply) == "c"


@pytest.mark.parametrize(
    "reply",
    [
        "B 細胞の異常である。",
        "IgA が増える。",
        "Grade C に当たる。",
        "A patient with chest pain needs imaging.",
        "25°C で保存する。",
        "ビタミンBを測る。",
        "Vitamin C は低い。",
        "A/G 比が下がる。",
        "D-ダイマーを測る。",
        "N/A",
    ],
)
def test_letters_of_other_words_name_none(answer: Reader, reply: str) -> None:
    assert answer(reply) == ""


def test_a_letter_inside_the_words_of_a_choice_is_not_its_label(answer: Reader) -> None:
    assert answer("正しいのは B 型肝炎である。", "空気感染しないのはどれか。", HEPATITIS) == "b"
    assert answer("答え：ビタミンD", "不足でくる病となるのはどれか。", VITAMINS) == "d"
    assert answer("\\boxed{c, d}　ビタミンCとD", "2つ選べ。", VITAMINS) == "cd"


def test_a_choice_inside_a_longer_one_is_not_named(answer: Reader) -> None:
    choices = ("高血圧", "肺高血圧症", "心不全", "左心不全", "低血圧")
    assert answer("肺高血圧症です。", choices=choices) == "b"
    assert answer("高血圧や左心不全ではなく肺高血圧症。", choices=choices) == "b"


def test_glossed_choices_are_named_by_either_half(answer: Reader) -> None:
    choices = ("認知症", "統合失調症", "解離性障害〈解離症〉", "うつ病")
    for reply in ("解離性障害が最も適切である。", "解離症が最も適切である。", "解離性障害（解離症）が最も適切である。"):
        assert answer(reply, choices=choices) == "c"


def test_circled_numbers_of_a_list_are_not_labels(answer: Reader) -> None:
    assert answer("該当するもの：\n① 急性心筋梗塞\n② 大動脈解離", "痛みが激しいのはどれか。2つ選べ。") == "ac"


def test_a_number_that_is_the_value_of_a_choice_is_not_its_position(answer: Reader) -> None:
    days = ("1日", "3日", "5日", "7日", "14日")
    assert answer("答え：7日", "期間はどれか。", days) == "d"
    assert answer("答え：5", "期間はどれか。", days) == "c"
    assert answer("答え：4", "期間はどれか。", days) == "d"
