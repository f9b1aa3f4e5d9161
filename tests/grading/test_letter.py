import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.grading.letter import read_letters, read_letters_only
from igaku.grading.number import same_number
from igaku.grading.reply_text import clean
from igaku.question import LETTERS, Choices, Number, Question

from ..conftest import ASSETS
from .hostile import LIMIT, hostile, seconds

ROWS = [json.loads(line) for line in (ASSETS / "replies_letter.jsonl").read_text(encoding="utf-8").splitlines()]
FIVE = ("急性心筋梗塞", "大動脈解離", "肺塞栓症", "気胸", "ビタミンD欠乏症")


def ask(choices: tuple[str, ...] = FIVE, key: object = None) -> Question:
    return Question(id="1", lang="ja", stem="s", choices=choices, key=key or Choices.letters("a"))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_replies_of_models(row: dict) -> None:
    """What a careful reader would take each of these replies to answer (``why`` names the kind)."""
    key = Number(("1",)) if row.get("numeric") else Choices.letters("a")
    read = read_letters(row["reply"], ask(tuple(row["choices"]), key), row.get("finish", "stop"))
    if row["expect"] is None:
        assert read.outcome == row["outcome"], row["why"]
    elif row.get("numeric"):
        assert same_number(read.number, row["expect"]), row["why"]
    else:
        assert sorted(LETTERS[i] for i in read.positions) == row["expect"], row["why"]


@given(st.text(max_size=300))
def test_any_text_gives_positions_in_range_or_a_reason(text: str) -> None:
    for reader in (read_letters, read_letters_only):
        read = reader(text, ask())
        assert bool(read.positions) != bool(read.outcome)
        assert all(0 <= i < 5 for i in read.positions)
        assert len(set(read.positions)) == len(read.positions)


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True),
    st.sampled_from([", ", ",", "、", "・", " ", "と", " and "]),
)
def test_any_list_of_letters_is_read_whole(letters: list[str], joint: str) -> None:
    for wrap in (
        "{}",
        "答え：{}",
        "正解は{}です。",
        "The answer is {}.",
        "**{}**",
        "（{}）",
        "考えると…\n\n答え: {}\n",
    ):
        for case in (str.lower, str.upper):
            reply = wrap.format(joint.join(map(case, letters)))
            assert [LETTERS[i] for i in read_letters(reply, ask()).positions] == letters, reply


@given(st.text(alphabet="あいうえおラリル漢字。、 \n", max_size=80))
def test_japanese_without_letters_or_choices_is_never_an_answer(text: str) -> None:
    assert read_letters(text, ask()).positions == ()


def test_letters_of_the_range_only() -> None:
    assert read_letters("答え：e", ask(("甲の薬", "乙の薬", "丙の薬", "丁の薬"))).outcome == "unparsed"
    assert read_letters("答え：h", ask(tuple(f"選択{i}番" for i in range(8)))).positions == (7,)


def test_the_strict_protocol_takes_letters_and_nothing_else() -> None:
    for good in ("a,c", "a, c", "Ａ、Ｃ", "a c", "ac"):
        assert read_letters_only(good, ask()).positions == (0, 2)
    for bad in ("a (because)", "答え: a", "51. a", "a and c", "", "f"):
        assert read_letters_only(bad, ask()).outcome == "unparsed"
    assert read_letters_only("26", ask((), Number(("26",)))).number == "26"
    assert read_letters_only("26%", ask((), Number(("26",)))).outcome == "unparsed"


def test_thinking_is_taken_out_and_a_cut_one_is_truncated() -> None:
    assert clean("<think>答え：a</think>答え：b").text == "答え：b".replace("：", ":")
    assert clean("はじめの考え</think>b").text == "b"
    for cut in ("<think>答え：a", "<|channel|>analysis<|message|>答え：a", "◁think▷ a"):
        assert read_letters(cut, ask(), "length").outcome == "truncated"
    assert read_letters("<|channel|>analysis<|message|>a?<|channel|>final<|message|>d", ask()).positions == (3,)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("= 7.20", "7.20"),
        ("１，２００ mL", "1200"),
        ("−3.5", "-3.5"),
        ("20から30", ""),
        ("答え:-8", "-8"),
        ("答え:26 または 27", ""),
        ("not 26", ""),
        ("26ではない", ""),
        ("答え:50 mL/時×24時間で1200 mL", "1200"),
        ("", ""),
        ("9/2", "4.5"),
    ],
)
def test_numbers(text: str, n: str) -> None:
    assert read_letters(text, ask((), Number(("1",)))).number == n


@pytest.mark.parametrize(
    "question", [ask(), ask(tuple("012345")), ask((), Number(("1",)))], ids=["choices", "scale", "number"]
)
def test_hostile_replies_end_quickly(question: Question) -> None:
    for text in hostile():
        assert seconds(lambda t: read_letters(t, question), text) < LIMIT, text[:40]


@pytest.mark.parametrize("unit", ["答え：", "a, ", "e ", "therefore\t", "/5", "a\n", "("])
def test_time_grows_with_the_length_of_a_reply_not_with_its_square(unit: str) -> None:
    short, long = (seconds(lambda t: read_letters(t, ask()), unit * (n // len(unit))) for n in (9_000, 36_000))
    assert long < 8 * max(short, 0.01)


def test_any_long_text_is_read_in_bounded_time() -> None:
    for bomb in ("a" * 200_000, "答え：" * 30_000, "a, " * 60_000, "<think>" * 20_000, "1" * 100_000):
        assert seconds(lambda t: read_letters(t, ask()), bomb) < LIMIT
