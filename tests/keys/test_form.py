"""Numeric answers in the form that the stem prints: what the boxes, the point and the rounding say of the digits."""

import json
import os
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.grading import METHODS, grade_one
from igaku.keys import Number
from igaku.keys.form import boxes_of, decimals_of, form_of
from igaku.question import Answer, Question, Reply

FORMS = {
    "距離を求めよ。解答：①②km": "##",
    "割合を求めよ。解答：①②.③％": "##.#",
    "量を求めよ。\n解答 ①．② ③ mg": "#.##",
    "費用を求めよ。解答：2, ①②③ 円": "2###",
    "確率を求めよ。解答：0.①②": "0.##",
    "差を求めよ。解答：－①.② mm": "-#.#",
    "数を求めよ。Answer: ①②": "##",
    "数を求めよ。解答：①．②③ g\n\n①　②　③\n0　0　0\n1　1　1": "#.##",
    "空気量を求めよ。［①②.③ L］": "##.#",
    "解答：①②\nただし①は十の位、②は一の位とする。": "##",
    "下線部②③のうち": "",
    "下線部①②③のうち誤りの数を求めよ。": "",
    "①体重と②身長から体格指数を求めよ。": "",
    "Answer: ①. 4.1 ②. 4.3": "",
    "Answer: 4.1-4.3.": "",
    "数を求めよ。": "",
}


@pytest.mark.parametrize("stem", FORMS)
def test_a_form_is_read_from_the_stem(stem: str) -> None:
    assert form_of(stem) == FORMS[stem]


@pytest.mark.parametrize(
    ("line", "text", "digits", "decimals"),
    [
        ("解答：①②", "①②", 2, 0),
        ("解答：①．②③ g/日\n\n①　②　③\n0　0　0", "①.②③", 1, 2),
        ("解答：1, ①②③ kcal", "1①②③", 4, 0),
        ("Answer: ①. ② ③ %", "①.②③", 1, 2),
        ("解答：－①.② mm", "-①.②", 1, 1),
    ],
)
def test_boxes_are_shown_as_they_are_printed(line: str, text: str, digits: int, decimals: int) -> None:
    assert boxes_of(f"投与量を求めよ。{line}") == {"text": text, "digits": digits, "decimals": decimals}


def test_a_stem_without_boxes_has_none_to_show() -> None:
    assert boxes_of("投与量を求めよ。解答：約30") is None


@pytest.mark.parametrize(
    ("digits", "stem", "right", "wrong"),
    [
        ("250", "解答：①②.③％", ["25.0", "25", "250", "2 5 0", "2,5,0", "②⑤⓪", "２５０"], ["2.5", "2500", "2.50"]),
        ("07", "解答：①.②", ["0.7", "07", "0.70", "0 7", "⓪⑦", "①0.7②"], ["7", "70", "1"]),
        ("400", "解答：3, ①②③ kcal", ["3400", "3,400", "400", "4 0 0"], ["340", "3", "1400"]),
        ("3.10", "解答：①.②③", ["3.1", "3.10", "310"], ["31", "3"]),
        ("12", "整数で求めよ。", ["12", "12.0", "1 2"], ["1", "2", "1.2"]),
    ],
)
def test_the_value_and_the_digits_are_right_and_neighbours_are_not(
    digits: str, stem: str, right: list[str], wrong: list[str]
) -> None:
    key = Number.parsed([digits], stem)
    assert key is not None
    assert [r for r in right if not key.matches(r)] == []
    assert [w for w in wrong if key.matches(w)] == []
    assert key.matches(key.wrong(()).accepted[0]) is False


def test_a_key_shows_its_value_and_stays_what_the_source_says() -> None:
    key = Number.parsed(["07"], "解答：①.②")
    assert key == Number(("07",), "#.#") and (key.text(), key.accepted) == ("0.7", ("07",))


@pytest.mark.parametrize(
    ("answer", "stem", "values"),
    [
        ("09", "ただし、小数点以下第2位を四捨五入すること。", ("0.9",)),
        ("83", "小数点以下第２位を四捨五入すること。", ("83", "8.3")),
        ("64", "小数点以下第3位の数字が得られた場合は四捨五入すること。", ("64", "0.64")),
        ("83", "小数第1位を四捨五入すること。", ("83",)),
        ("8.3", "小数第2位を四捨五入すること。", ("8.3",)),
        ("9", "小数点以下第2位を四捨五入すること。", ("9",)),
        ("-3", "小数点第2位を四捨五入すること。", ("-3",)),
    ],
)
def test_where_boxes_are_lost_the_rounding_says_where_the_point_was(
    answer: str, stem: str, values: tuple[str, ...]
) -> None:
    key = Number.from_digits([answer], stem)
    assert key is not None and key.values == values


def test_rounding_in_words() -> None:
    assert decimals_of("小数以下は四捨五入すること。") == 0
    assert decimals_of("求めよ。") is None


VALUES = {
    "igakuqa": {
        "112C66": "26",
        "112F84": "1.2",
        "113A75": "146",
        "113F84": "7.20",
        "114C75": "10.0",
        "114D75": "97",
        "114F75": "1130",
        "115C75": "27",
        "115F75": "8.5",
        "116B50": "2.1",
        "116C75": "325",
        "116F74": "0.4",
    },
    "igakuqa119": {"119A75": "600", "119C74": "36", "119C75": "27", "119F75": "40"},
    "jmle2026": {"120A-74": "0.40", "120A-75": "315", "120D-75": "28"},
    "yakugakuqa": {},
}
DENTAL = {
    "105A130": "67 / 6.7",
    "105B53": "40",
    "105D52": "15",
    "106B52": "0.8",
    "106C130": "48",
    "106D53": "0.5",
    "107D53": "0.6",
    "108D53": "43",
    "109A130": "27",
    "109D53": "74 / 7.4",
    "110C110": "0.6",
    "111A89": "80.0",
    "111C90": "3.0",
    "111D89": "2.4",
    "112B90": "69",
    "112C90": "5.0",
    "112D90": "34",
    "113A89": "60 / 6.0",
    "113B89": "-8.5",
    "113C89": "0.22",
    "113D89": "15",
    "114A89": "50",
    "114B88": "90 / 9.0",
    "114C90": "50",
    "114D90": "2.5",
    "115B90": "-3",
    "115C90": "0.3",
    "115D90": "4.5",
    "116A90": "2.5",
    "116C90": "17",
    "116D90": "1",
    "117A90": "-8",
    "117C90": "75 / 0.75",
    "117D90": "80",
    "118A90": "9",
    "118D90": "6",
}
"""Dentists' keys mix digits and values, and the file has lost the boxes: a slash where both are possible."""


@pytest.mark.data
@pytest.mark.parametrize("name", VALUES)
def test_every_numeric_question_of_the_exams_has_its_value(name: str) -> None:
    bench = load_benchmark(name)
    for lang in bench.languages:
        found = {q.id: q.key.text() for q in bench.load(lang) if isinstance(q.key, Number)}
        assert found == VALUES[name]


@pytest.mark.data
def test_every_numeric_question_of_the_dentists_exams_has_its_values() -> None:
    folder = Path(os.environ.get("IGAKU_DATA", "../shared/data"))
    rows = map(json.loads, (folder / "dental_exam" / "questions_102-118.jsonl").read_text().splitlines())
    numeric = [r for r in rows if r["choiceCount"] == 1 and not r["isExcluded"]]
    found = {r["id"]: Number.from_digits([r["answer"]], r["questionText"]) for r in numeric}
    assert {name: key.text() for name, key in found.items() if key} == DENTAL


def test_a_reply_with_the_digits_or_the_value_is_graded_right() -> None:
    key = Number.parsed(["250"], "解答：①②.③％")
    assert key is not None
    q = Question(id="1", lang="ja", stem="割合を求めよ。解答：①②.③％", key=key)
    for text, outcome in {"答え：25.0": "right", "答え：250": "right", "答え：2.5": "wrong"}.items():
        reply = Reply(key="k", model="m", bench="b", lang="ja", id="1", answer=Answer(text=text))
        assert grade_one(METHODS["letter"], q, reply).outcome == outcome
