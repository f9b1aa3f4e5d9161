"""A chosen abstention is read as one; a hedge, a mention in the reasoning and an answer are not."""

import json
from pathlib import Path

import pytest

from igaku.grading import METHODS, grade_one
from igaku.grading.abstention import abstains
from igaku.question import Answer, Choices, Number, Question, Reply
from tests.growth import is_linear

ONE = Question(
    id="1",
    lang="ja",
    stem="急性期の治療として適切なのはどれか。",
    choices=("抗菌薬", "輸液", "手術", "酸素投与", "安静"),
    key=Choices(((1,),)),
)
TWO = Question(id="2", lang="ja", stem="みられるのはどれか。2つ選べ。", choices=ONE.choices, key=Choices(((1, 2),)))
NUMBER = Question(id="3", lang="ja", stem="投与量を求めよ。", key=Number(("40",)))
ENGLISH = Question(
    id="4",
    lang="en",
    stem="Which treatment is appropriate?",
    choices=("Antibiotics", "Fluids", "Surgery", "Oxygen", "Rest"),
    key=Choices(((1,),)),
)
JAPANESE_CHOSEN = (
    "わからない",
    "わからない。",
    "答え：わからない",
    "答え：わかりません。",
    "答えは「分からない」です。",
    "判断が難しい。\n最終的な答え：わからない",
    "**答え：わからない**",
    "すみません、この問題はわかりません。",
    "いろいろ考えた。aもcもありうる。よって、わからないと回答します。",
    '{"answer": "わからない"}',
    "答え：c\nいや、訂正します。答え：わからない",
    "「わからない」を選択します。",
    "答え：わからない（おそらく c）",
    "回答：不明",
    "答え：棄権",
    "a は誤り。\n\n## 答え\nわからない",
    "確信が持てないため、「わからない」とします。",
    "分かりません",
    "答え：わからない\n\n解説：a は感染がないので不要。",
    "どれが正解かわかりません。",
    "答えはわからない。aかbだと思うが、確信がない。",
    "<think>c かな</think>\nわからない",
    "答え：わからないです",
    "わからない\n問題：次の",
    "答えはわからないとする。",
    "わからない（情報が足りないため）",
    "結論：わからない",
    "最終回答：\\boxed{わからない}",
    "正解が分かりません。",
)
ENGLISH_CHOSEN = (
    "I don't know",
    "I don't know.",
    "Answer: I don't know",
    "Answer: I do not know.",
    "The answer is: I don't know.",
    "I am torn between A and C.\nAnswer: I don’t know",
    "**Final answer: I don't know**",
    "Sorry, I don't know the answer.",
    "Answer: unsure",
    '{"answer": "I don\'t know"}',
    "Answer: C\nWait, let me correct: Answer: I don't know",
    "I don't know which of these is correct.",
    'Answer: "I don\'t know"',
    'I would choose "I don\'t know".',
    "Final answer: \\boxed{\\text{I don't know}}",
    "My answer is I do not know.",
    "Answer: Don't know",
    "A and B are both possible, so I don't know.",
    "I abstain.",
    "Answer: abstain",
)
JAPANESE_NOT = (
    "答え：c",
    "わからないが、答え：c",
    "どれが正しいかわからないが、bと考える。",
    "発症時期はわからない。",
    "発症時期は分からない。したがって c が適切。",
    "答え：c（確信はない。正直わからない）",
    "わからないので c を選ぶ。答え：c",
    "正直わからない。\n答え：b",
    "「わからない」と答えることもできるが、答え：d",
    "答え：わからない\nいや、訂正。答え：b",
    "わからないではなく、答え：a",
    "原因は不明である。答え：e",
    "a",
    "",
    "選択肢cかどうかはわからない。",
    "患者の体重がわからない。\n\n以上から輸液が適切である。",
    "答えはわからないわけではない。bである。",
    "病歴が不明なので",
    "すべて×：a × b × c × d × e ×",
    "わからない場合は安静とする",
    "予後は誰にもわからない。",
)
ENGLISH_NOT = (
    "Answer: C",
    "I don't know for sure, but the answer is C.",
    "I don't know which is right, but B seems best. Answer: B",
    "Answer: C (I don't know exactly why)",
    "We do not know the cause. Answer: A",
    "The patient does not know when it began.",
    "Answer: I don't know... wait, actually, Answer: B",
    "I could say I don't know, but I choose B.",
    "If you don't know, guess. Answer: D",
    "The cause is unknown.",
)


def verdict(text: str, question: Question = ONE, penalty: float | None = 1.0, method: str = "letter") -> str:
    reply = Reply(
        key="k", model="m", bench="b", lang=question.lang, id=question.id, answer=Answer(text=text), penalty=penalty
    )
    return grade_one(METHODS[method], question, reply).outcome


@pytest.mark.parametrize("text", JAPANESE_CHOSEN)
def test_a_chosen_abstention_in_japanese(text: str) -> None:
    assert verdict(text) == "abstained"


@pytest.mark.parametrize("text", ENGLISH_CHOSEN)
def test_a_chosen_abstention_in_english(text: str) -> None:
    assert verdict(text, ENGLISH) == "abstained"


@pytest.mark.parametrize("text", JAPANESE_NOT)
def test_no_abstention_in_japanese(text: str) -> None:
    assert verdict(text) != "abstained"


@pytest.mark.parametrize("text", ENGLISH_NOT)
def test_no_abstention_in_english(text: str) -> None:
    assert verdict(text, ENGLISH) != "abstained"


@pytest.mark.parametrize("question", [TWO, NUMBER])
def test_two_answers_and_numbers_can_be_left_open_too(question: Question) -> None:
    for text in ("わからない", "答え：わからない", "考えたが決められない。\n答え：I don't know"):
        assert verdict(text, question) == "abstained"
    for text in ("答え：b, c", "答え：40", "体重がわからないので60とすると、答え：30", "aはわからないが、答え：b, c"):
        assert verdict(text, question) != "abstained"


def test_where_it_was_not_offered_nothing_changes() -> None:
    assert verdict("答え：わからない", penalty=None) == "unparsed"
    assert verdict("答え：わからない", penalty=0.0) == "abstained"
    assert verdict("答え：b", penalty=3.0) == verdict("答え：b", penalty=None) == "right"


def test_a_cut_reply_abstains_only_where_it_had_said_so() -> None:
    assert not abstains("発症の経過を考えると、まだわからない", ONE, "length")
    assert not abstains("<think>答え：わからない", ONE, "length")
    assert abstains("答え：わからない\n\n理由：経過が短く、", ONE, "length")


def test_a_choice_that_says_so_is_a_choice() -> None:
    question = Question(
        id="5", lang="ja", stem="患者の返答はどれか。", choices=("はい", "わからない"), key=Choices(((1,),))
    )
    assert verdict("答え：わからない", question) == "right"


@pytest.mark.parametrize(
    "unit", ["わからない。", "I don't know ", "答え：", "。、", " \n", "わか", "don't know which of "]
)
def test_long_replies_take_no_longer_than_they_should(unit: str) -> None:
    assert is_linear(lambda text: abstains(text, ONE), unit * (40_000 // len(unit)))


def test_replies_of_many_wordings_abstain_where_a_reader_says_so() -> None:
    """280 of them, written by a model that had not seen the rules: few are missed, and no answer is taken for one."""
    file = Path(__file__).parents[1] / "assets" / "replies_abstain.jsonl"
    taken = missed = 0
    for r in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        q = Question(id="1", lang=r["lang"], stem=r["stem"], choices=tuple(r["choices"]), key=Choices.letters("a"))
        said = abstains(r["reply"], q)
        taken, missed = taken + (said and not r["abstains"]), missed + (r["abstains"] and not said)
    assert taken == 0 and missed <= 4
