"""Which sentence of a reply is its answer: asserted, denied, weighed, corrected."""

import pytest

from .conftest import Reader

TWO = "原因となるのはどれか。2つ選べ。"


@pytest.mark.parametrize(
    "reply",
    [
        "正解はaではなくcです。",
        "cが正解。aは誤り、bも誤り。",
        "答え：a → 訂正：c",
        "答えは c 以外に考えられません。",
        "cです。aやbではありません。",
        "The answer is not A; it is C.",
        "It can't be A or B, so C.",
        "C不是A",
        "a、b、d、e は否定的で、残るのは c。",
        "この患者はaやbよりもcが最も疑われます。",
    ],
)
def test_what_is_denied_is_not_the_answer(answer: Reader, reply: str) -> None:
    assert answer(reply) == "c"


@pytest.mark.parametrize(
    "reply",
    [
        "aまたはcが考えられます。",
        "答え：a か c",
        "答えはaかcですが、決められません。",
        "もし発熱があればdが正解です。",
        "答え：b〜d",
        "正解はbでもcでもない。",
        "いずれの選択肢も正しくありません。",
        "Both A and C could be considered; the question cannot be answered.",
        "答えは a と言いたいところです。",
    ],
)
def test_a_reply_that_does_not_choose_is_not_read(answer: Reader, reply: str) -> None:
    assert answer(reply) == ""


@pytest.mark.parametrize(
    "reply",
    [
        "答え：a\n\nすみません、訂正します。正しくは c です。",
        "答え：a。いや、待ってください。背部痛があるので c に改めます。",
        "Answer: A\nWait, on reflection:\nAnswer: C",
        "最初は a と考えましたが、やはり c が正しいです。",
        "答え：c\n\n解説：正解は b と思いがちだが、痛みが移る。",
        "答え：c\n\n解説\na が正解となるのは心電図に変化がある場合である。",
    ],
)
def test_a_later_statement_counts_only_where_it_corrects(answer: Reader, reply: str) -> None:
    assert answer(reply) == "c"


def test_choices_are_read_from_every_form_of_a_list(answer: Reader) -> None:
    for reply in (
        "答え：a、c",
        "答え：ac",
        "答え：「a」「c」",
        "正解は以下の2つです。\n\n1. **a. 急性心筋梗塞**\n2. **c. 大動脈解離**",
        "1つ目：a\n2つ目：c",
        "<answer>a</answer><answer>c</answer>",
        '{"answer": ["a", "c"]}',
        "a○ b× c○ d× e×",
        "急性心筋梗塞と大動脈解離です。",
        "\\boxed{a, c}",
        "該当するのは a と c の2つ。",
        "答え1：a\n答え2：c",
        "Answer: A and C",
    ):
        assert answer(reply, TWO) == "ac", reply


def test_the_stems_own_words_announce_the_answer(answer: Reader) -> None:
    assert answer("夜盲を来すのは気胸である。大動脈解離では来さない。", "欠乏で夜盲を来すのはどれか。") == "e"
    assert answer("誤っているのは c である。", "誤っているのはどれか。") == "c"
    assert answer("誤っているもの：a, b, d, e\n正しいもの：c", "正しいのはどれか。") == "c"


def test_marks_on_each_choice_are_read_by_what_the_stem_asks(answer: Reader) -> None:
    table = "| 選択肢 | 判定 |\n|---|---|\n| a | ○ |\n| b | ○ |\n| c | × |\n| d | ○ |\n| e | ○ |"
    assert answer(table, "誤っているのはどれか。") == "c"
    assert answer(table, "正しいのはどれか。") == ""
    assert answer("aは誤り。bは誤り。cは正しい。dは誤り。eは誤り。", "正しいのはどれか。") == "c"


def test_what_the_other_choices_leave_is_the_answer(answer: Reader) -> None:
    reply = "突然の背部痛と血圧の左右差から大動脈の病変を考える。\n\n他の選択肢について\n" + "\n".join(
        f"- {letter}: この例の所見と合わない" for letter in "abde"
    )
    assert answer(reply) == "c"


def test_an_answer_first_is_not_lost_in_its_explanation(answer: Reader) -> None:
    reply = "c\n\n解説:\n突然の背部痛がある。\n\n他の選択肢について:\na: 心電図に変化がない。\nb: 低酸素がない。"
    assert answer(reply) == "c"


def test_a_cut_reply_has_an_answer_only_where_it_had_given_it(answer: Reader) -> None:
    assert answer("答え：c\n\n突然の背部痛から", finish="length") == "c"
    assert answer("まず a を検討する。答えは a かもしれないが、b も", finish="length") == ""
    assert answer("1. 急性心筋梗塞は", finish="length") == ""


def test_a_list_that_repeats_the_choices_is_no_answer(answer: Reader) -> None:
    listed = "\n".join(
        f"{x}. {w}" for x, w in zip("abcde", ("急性心筋梗塞", "肺塞栓症", "大動脈解離", "急性心膜炎", "気胸"))
    )
    assert answer(f"選択肢：\n{listed}") == ""
    assert answer(f"{listed}\n\n答え：c") == "c"
