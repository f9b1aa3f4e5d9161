import pytest

from igaku import load_benchmark
from igaku.prompts.formats import in_format, opens, parent
from igaku.question import Choices, Question


def q(stem: str, lang: str = "ja", choices: tuple[str, ...] = ("心筋梗塞", "肺塞栓症", "大動脈解離")) -> Question:
    return Question(id="1", lang=lang, stem=stem, choices=choices, key=Choices(((1,),)))


@pytest.mark.parametrize(
    ("stem", "lang", "open_"),
    [
        ("突然の胸痛。診断はどれか。", "ja", True),
        ("最も考えられる疾患はどれか。2つ選べ。", "ja", True),
        ("正しいのはどれか。", "ja", False),
        ("心不全について誤っているのはどれか。2つ選べ。", "ja", False),
        ("治療として適切でないのはどれか。", "ja", False),
        ("What is the most likely diagnosis?", "en", True),
        ("Which of the following is the most likely diagnosis?", "en", True),
        ("Which of the following statements is true?", "en", False),
        ("All of these occur EXCEPT:", "en", False),
        ("原因とならないのはどれか。", "ja", False),
        ("この患者で必要性が低いのはどれか。", "ja", False),
        ("考えにくいものはどれか。", "ja", False),
        ("治療に欠かせないのはどれか。", "ja", True),
        ("Which finding is unlikely?", "en", False),
        ("下列哪项正确？", "zh", False),
    ],
)
def test_which_questions_can_be_asked_without_choices(stem: str, lang: str, open_: bool) -> None:
    assert opens(q(stem, lang)) is open_


def test_pictures_and_single_letters_are_no_words() -> None:
    assert not opens(q("診断はどれか。", choices=("ａ", "ｂ", "ｃ")))
    assert not opens(q("音はどれか。", choices=("「ア」", "「サ」", "「パ」")))


def test_statements() -> None:
    parts = in_format(q("診断はどれか。"), "statements")
    assert [p.id for p in parts] == ["1#a3", "1#b3", "1#c3"]
    assert [p.key for p in parts] == [Choices(((1,),)), Choices(((0,),)), Choices(((1,),))]
    assert {parent(p.id) for p in parts} == {"1"} == {p.group for p in parts}
    assert sum(p.points for p in parts) == pytest.approx(1)


def test_what_cannot_be_split_is_void_not_dropped() -> None:
    either = Question(id="1", lang="ja", stem="s", choices=("甲", "乙"), key=Choices(((0,), (1,))))
    assert {p.void for p in in_format(either, "statements")} == {"no-key"}
    numbers = [x for x in load_benchmark("mini").load("ja") if not x.choices]
    assert [p.void for x in numbers for p in in_format(x, "statements")] == ["no-key"] * len(numbers)
