import json
import re
from collections.abc import Iterator

import pytest

from igaku import load_benchmark
from igaku.io.paths import find_data
from igaku.keys.stated import Stated, stated, without_count
from tests.growth import is_linear


@pytest.mark.parametrize(
    ("stem", "wanted"),
    [
        ("この患者にみられるのはどれか。2つ選べ。", 2),
        ("適切なものを３つ選びなさい。", 3),
        ("誤っている記述を二つ選んでください", 2),
        ("まず行うのはどれか。2 つ選べ 。", 2),
        ("当てはまるのはどれか。2項目選択せよ。", 2),
        ("投与すべき薬はどれか。1つ選べ。ただし、腎機能は正常とする。", 1),
        ("正しいのはどれか。2つ選べ。" + "【実験】試料を水に溶かし、よく振り混ぜる。" * 40, 2),
        ("正しい2つはどれか。", 2),
        ("当てはまるのはどれか。すべて選べ。", "all"),
        ("認められる所見を全て選びなさい。", "all"),
        ("処置を行う順に並べよ。", "order"),
        ("過程の順に並べた写真を示す。診断はどれか。", None),
        ("A群とB群から1つずつ選べ。", None),
        ("甲はどれか。1つ選べ。\n乙はどれか。2つ選べ。", None),
        ("「2つ選べ」と言われた。" + "経過は良好である。" * 30 + "診断はどれか。", None),
        ("薬を2つ選んで飲んでいた。" + "経過は良好である。" * 20 + "診断はどれか。", None),
        ("2つの結節がみられる。正しいのはどれか。", None),
        ("Select TWO.", 2),
        ("Which of these apply? Please choose the three best answers.", 3),
        ("Choose two of the following. " + "The patient was then sent home. " * 20, 2),
        ("Which two of the following are raised?", 2),
        ("What are the three most likely causes?", 3),
        ("Which findings are expected? (Two answers)", 2),
        ("Which of these are raised? Select all that apply.", "all"),
        ("Put these steps in the correct order.", "order"),
        ("Which started two weeks ago. What is the diagnosis?", None),
        ("Which two weeks of pregnancy matter here?", None),
        ("He was told to take two tablets. What is next?", None),
        ("以下说法正确的是？请选出两项。", 2),
        ("", None),
    ],
)
def test_the_stems_own_words_say_how_many(stem: str, wanted: Stated) -> None:
    assert stated(stem) == wanted


def test_the_instruction_is_taken_out() -> None:
    assert without_count("高値となるのはどれか。2つ選べ。") == "高値となるのはどれか。"
    assert without_count("高値となるのはどれか。すべて選べ。") == "高値となるのはどれか。"
    assert without_count("Which are raised? Select two.") == "Which are raised?"
    assert without_count("Which are raised? Select all that apply.") == "Which are raised?"


@pytest.mark.parametrize("piece", [".", "select the ", "which the ", "2つ", "put in ", "選べ", "(two "])
def test_a_long_stem_is_read_in_linear_time(piece: str) -> None:
    assert is_linear(stated, piece * 50_000)


def _counted(name: str, lang: str) -> Iterator[tuple[str, Stated, set[int]]]:
    for q in load_benchmark(name).load(lang):
        if q.is_choice and q.key.choice_sets:
            yield q.id, q.stated, {len(a) for a in q.key.choice_sets}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "lang", "silent"), [("igakuqa", "ja", 0), ("igakuqa", "en", 5), ("igakuqa119", "ja", 0)]
)
def test_real_stems_say_what_their_keys_hold(name: str, lang: str, silent: int) -> None:
    """Silent ones with a key of several are translations that lost the instruction: nothing is read into them."""
    found = list(_counted(name, lang))
    assert [i for i, wanted, sizes in found if wanted is not None and wanted not in sizes] == []
    assert len([i for i, wanted, sizes in found if wanted is None and sizes != {1}]) == silent


@pytest.mark.data
def test_the_pharmacists_stems_say_it_but_for_three_keys_of_upstream() -> None:
    found = list(_counted("yakugakuqa", "ja"))
    differing = [i for i, wanted, sizes in found if wanted is not None and wanted not in sizes]
    assert differing == ["103224", "104190", "105109"]
    assert len([i for i, wanted, sizes in found if wanted is None]) <= 5


def _raw(file: str) -> str:
    path = find_data(file)
    if path is None:
        pytest.skip(f"{file} is not in this copy of the data")
    return path.read_text(encoding="utf-8")


@pytest.mark.data
def test_the_120th_exam_prints_each_number_above_one() -> None:
    rows = [r for r in json.loads(_raw("jmle2026/jmle2026_dataset.json")) if r["question_type"] == "multiple_choice"]
    assert len(rows) == 397
    assert [r["question_id"] for r in rows if (stated(r["question_text"]) or 1) != len(r["answer"])] == []


@pytest.mark.data
def test_the_dentists_stems_say_it_but_for_three_keys_of_upstream() -> None:
    """Rows that hold several questions at once say two numbers, and are taken for silent."""
    rows = [json.loads(line) for line in _raw("dental_exam/questions_102-118.jsonl").splitlines()]
    found = [
        (stated(r["questionText"]), {len(re.sub(r"[^A-E]", "", one)) for one in r["answer"].split("/")}, r["id"])
        for r in rows
        if len(r["choices"]) == 5 and re.fullmatch(r"[A-E/]+", r["answer"] or "")
    ]
    numbers = [(wanted, sizes, i) for wanted, sizes, i in found if isinstance(wanted, int)]
    assert len([i for wanted, sizes, i in numbers if wanted not in sizes]) <= 3
    assert len([i for wanted, _, i in found if wanted is None]) < 0.01 * len(found)
