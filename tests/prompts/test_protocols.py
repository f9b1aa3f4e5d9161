"""Frames that resemble a paper's are its layout, character by character; only igaku's own sentences may be reworded."""

from igaku import load_prompt
from igaku.prompts import load_examples
from igaku.question import Choices, Question

Q = Question(id="q", lang="ja", stem="設問", choices=("甲", "乙", "丙", "丁", "戊"), key=Choices.letters("bd"))
SHOT = Question(id="s", lang="ja", stem="例", choices=("子", "丑", "寅", "卯", "辰"), key=Choices.letters("c"))


def frame(name: str, first_line_of_its_own: bool = True) -> str:
    text = load_prompt(name).render(Q, [SHOT]).text
    return text.split("\n", 1)[1] if first_line_of_its_own else text


def test_alpaca() -> None:
    assert frame("alpaca_ja") == (
        "\n### 指示：\n例\n\n### 入力：\n子\n丑\n寅\n卯\n辰\n\n### 応答：\n寅\n\n"
        "### 指示：\n設問\n\n### 入力：\n甲\n乙\n丙\n丁\n戊\n\n### 応答：\n"
    )
    assert "### Instruction:\n設問\n\n### Input:\n甲\n" in frame("alpaca_en")


def test_minimal() -> None:
    for name in ("minimal_ja", "minimal_en", "minimal_zh"):
        assert frame(name, first_line_of_its_own=False) == "例\n寅\n\n設問\n"


def test_meditron() -> None:
    text = load_prompt("meditron5_en").render(Q, [SHOT]).text
    assert text.startswith("<|system|>\nYou work as a doctor")
    assert text.split("\n", 2)[2] == (
        "<|question|>\n例\n(A) 子\n(B) 丑\n(C) 寅\n(D) 卯\n(E) 辰\n<|answer|> C\n"
        "<|question|>\n設問\n(A) 甲\n(B) 乙\n(C) 丙\n(D) 丁\n(E) 戊\n<|answer|>"
    )


def test_the_english_frame() -> None:
    assert frame("english_frame") == (
        "\nQuestion: 例\n(A) 子\n(B) 丑\n(C) 寅\n(D) 卯\n(E) 辰\nAnswer: C\n\n"
        "Question: 設問\n(A) 甲\n(B) 乙\n(C) 丙\n(D) 丁\n(E) 戊\nAnswer:"
    )


def test_few_shots_in_a_chat_tell_the_count() -> None:
    prompt = load_prompt("fewshot_ja")
    turns = prompt.render(Q, load_examples("igaku")[:1]).messages
    assert [m.role for m in turns] == ["system", "user", "assistant", "user"]
    assert turns[2].content == "c"
    assert turns[3].content == (
        "設問\na: 甲\nb: 乙\nc: 丙\nd: 丁\ne: 戊\na・b・c・d・e から 2 つだけ選び、記号だけを答えてください。"
    )
    assert (prompt.card.shots, prompt.card.default_shots, prompt.card.tells_count) == ("igaku", 3, True)
