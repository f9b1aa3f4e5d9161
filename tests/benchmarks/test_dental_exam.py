"""The dentists' exams: what OCR did to them, undone where the file shows how, and void where it does not."""

import json
from collections import Counter
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.dental_text import cleaned
from igaku.errors import IgakuError
from igaku.question import Choices, Number, Ordering, Question

FIVE = dict(zip("abcde", ("甲", "乙", "丙", "丁", "戊")))
ROW = {
    "id": "118A1",
    "year": 118,
    "session": "A",
    "number": 1,
    "questionText": "正しいのはどれか。1つ選べ。",
    "choices": FIVE,
    "answer": "B",
    "hasFigure": False,
    "images": [],
    "isExcluded": False,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    (tmp_path / "dental_exam").mkdir()
    return tmp_path / "dental_exam"


def _load(folder: Path, *rows: dict) -> list[Question]:
    numbered = [ROW | {"id": f"118A{n}", "number": n} | row for n, row in enumerate(rows, 1)]
    (folder / "questions.json").write_text(json.dumps({"meta": {}, "questions": numbered}), encoding="utf-8")
    return load_benchmark("dental_exam").load()


def test_keys_of_every_kind(folder: Path) -> None:
    several, either, every, ordered, number, void = _load(
        folder,
        {"questionText": "正しいのはどれか。2つ選べ。", "answer": "AE"},
        {"questionText": "正しいのはどれか。2つ選べ。", "answer": "AB/AE/BE"},
        {"questionText": "正しいのはどれか。すべて選べ。", "answer": "ABCDE"},
        {"questionText": "実施の順に並べよ。", "answer": "CABED"},
        {
            "questionText": "比を求めよ。ただし、小数点以下第2位を四捨五入すること。",
            "choices": {"a": "【計算問題】数値を入力"},
            "answer": "08",
        },
        {"answer": "", "isExcluded": True},
    )
    assert several.key == Choices.letters("ae")
    assert either.key == Choices.letters("ab", "ae", "be")
    assert every.key == Choices.letters("abcde")
    assert ordered.key == Ordering((2, 0, 1, 4, 3))
    assert isinstance(number.key, Number) and number.key.values == ("0.8",) and not number.choices
    assert void.void == "excluded"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"answer": "BC"}, "two letters where the stem asks for one"),
        ({"answer": "F"}, "a letter beyond the choices"),
        ({"questionText": "実施の順に並べよ。", "answer": "E"}, "no order where one is asked for"),
        ({"questionText": ""}, "the stem is lost"),
        ({"choices": {**FIVE, "c": "選択肢c"}}, "a choice is lost"),
        ({"choices": {k: v for k, v in FIVE.items() if k != "d"}}, "a choice is missing"),
        (
            {"questionText": "甲はどれか。1つ選べ。\n118A2（解答なし）\n乙はどれか。1つ選べ。"},
            "the next question has run in",
        ),
    ],
)
def test_a_question_whose_answer_cannot_be_known_is_void(folder: Path, row: dict, why: str) -> None:
    assert _load(folder, row)[0].void == "no-key", why


def test_choices_that_stand_in_the_stem_go_to_their_place(folder: Path) -> None:
    more, missed, mixed = _load(
        folder,
        {"questionText": "正しいのはどれか。1つ選べ。\nｆ　己\nｇ　庚", "answer": "G"},
        {"questionText": "正しいのはどれか。1つ選べ。\nｂ．乙", "choices": {k: v for k, v in FIVE.items() if k != "b"}},
        {"choices": {k: FIVE[k] for k in "abced"}, "answer": "D"},
    )
    assert (more.choices[5:], more.stem, more.key) == (("己", "庚"), "正しいのはどれか。1つ選べ。", Choices(((6,),)))
    assert (missed.choices, missed.void) == (tuple(FIVE.values()), "")
    assert (mixed.choices, mixed.key) == (tuple(FIVE.values()), Choices(((3,),)))


def test_one_text_with_two_questions_falls_into_them(folder: Path) -> None:
    both = "次の文により1、2の問いに答えよ。\n症例を示す。\n1　診断はどれか。1つ選べ。\n2　治療はどれか。2つ選べ。"
    first, second = _load(folder, {"questionText": both}, {"questionText": "治療はどれか。2つ選べ。", "answer": "AB"})
    assert (first.stem, first.void) == ("症例を示す。\n診断はどれか。1つ選べ。", "no-key")
    assert (second.void, second.group, first.group) == ("", "118A1", "118A1")


def test_a_question_that_shares_anothers_case_is_shown_it(folder: Path) -> None:
    case = "患者は男性である。歯が痛むという。"
    first, second = _load(
        folder,
        {"questionText": f"{case}\n診断はどれか。1つ選べ。"},
        {"questionText": "（118A1と共通）\n治療はどれか。1つ選べ。"},
    )
    assert case.startswith(second.context) and second.context
    assert second.group == "118A1" and first.void == ""


@pytest.mark.parametrize(
    "text", ["2つ選ぺ。", "2 つ選べ。", "2つ選べ。\nA61〜A80", "2つ選べ。\n問31～50", "2つ還べ。", "2つ 選べ。"]
)
def test_misread_words_and_leftovers_of_pages_are_mended(text: str) -> None:
    assert cleaned(f"どれか。{text}", "118A1", FIVE).stem.startswith("どれか。2つ選べ")
    assert cleaned(f"どれか。{text}", "118A1", FIVE).stem.endswith(("選べ", "選べ。"))


def test_pictures_that_are_here_are_attached_and_a_figure_in_the_words_counts(folder: Path) -> None:
    picture = folder / "images/118回_Web画像/118A1.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    here, absent, named, without = _load(
        folder,
        {"hasFigure": True, "images": ["/images/118回_Web画像/118A1.png"]},
        {"hasFigure": True, "images": ["/images/118回_Web画像/118A2.png"]},
        {"questionText": "写真（別冊No.3）を別に示す。正しいのはどれか。1つ選べ。"},
        {},
    )
    assert here.images == (str(picture),) and not here.text_only
    assert (absent.images, absent.text_only, named.text_only, without.text_only) == ((), False, False, True)


def test_without_the_file_it_says_how_a_user_gets_it(folder: Path) -> None:
    with pytest.raises(IgakuError, match=r"no licence is stated.*clone github"):
        load_benchmark("dental_exam").load()


@pytest.mark.data
def test_facts_of_the_file() -> None:
    questions = load_benchmark("dental_exam").load()
    assert len(questions) == 6165 and {q.year for q in questions} == {str(y) for y in range(2009, 2026)}
    assert Counter(q.void for q in questions) == {"": 6000, "excluded": 93, "no-key": 72}
    assert sum(isinstance(q.key, Ordering) for q in questions) == 28
    assert sum(isinstance(q.key, Number) for q in questions) == 36
    assert sum(q.text_only for q in questions) == 3558
    assert "unchecked" in questions[0].source
    assert len(load_benchmark("dental_exam-118").load()) == 360
