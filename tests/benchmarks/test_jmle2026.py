"""The 120th exam: facts of the file, and how a question's text falls into stem and choices."""

from collections import Counter

import pytest

from igaku import load_benchmark
from igaku.benchmarks.jmle2026 import parts
from igaku.benchmarks.upstream import upstream
from igaku.question import Number


def test_choices_stand_in_lines_or_in_rows_of_a_table() -> None:
    lines = "症例を示す。\n　正しいのはどれか。\n　a　甲\n\n　b　乙 丙\nc 丁\n　d　戊\ne　己"
    assert parts(lines) == ("症例を示す。\n　正しいのはどれか。", ("甲", "乙 丙", "丁", "戊", "己"))
    table = "選べ。\n\n|  | 量 | 回数 |\n|--|--|--|\n" + "\n".join(
        f"| {c} | {i} mg | {i} 回 |" for i, c in enumerate("abcde")
    )
    stem, choices = parts(table)
    assert (stem, choices[1]) == ("選べ。", "量 1 mg、回数 1 回")


def test_a_numeric_question_keeps_its_boxes_and_loses_the_answer_sheet() -> None:
    sheet = "\n".join(f"　{i}　{i}" for i in range(10))
    assert parts(f"求めよ。\n\n解答：①.② g\n\n　①　②\n{sheet}") == ("求めよ。\n\n解答：①.② g", ())


def test_its_files_are_downloaded_from_one_commit() -> None:
    files = load_benchmark("jmle2026").files("ja")
    assert len(files) == 111
    assert all("JMLE2026-Bench/76c4b29/" in upstream()[f]["url"] for f in files)


@pytest.mark.data
def test_facts_of_the_file() -> None:
    questions = load_benchmark("jmle2026").load()
    assert (len(questions), sum(q.points for q in questions)) == (400, 500)
    assert (sum(q.text_only for q in questions), sum(q.points for q in questions if q.text_only)) == (302, 382)
    assert Counter(len(q.choices) for q in questions) == {5: 397, 0: 3}
    assert Counter(q.n_right for q in questions) == {1: 367, 2: 28, 3: 2, 0: 3}
    assert sum(isinstance(q.key, Number) for q in questions) == 3
    assert sum(q.points for q in questions if q.section == "required") == 200
    assert Counter(Counter(q.group for q in questions if q.group).values()) == {2: 10, 3: 10}
    assert all(bool(q.context) == bool(q.group) for q in questions)
    assert (
        all(bool(q.images) != q.text_only for q in questions) and len({i for q in questions for i in q.images}) == 110
    )
    assert all("CC BY 4.0" in q.source and "before the official" in q.source for q in questions)
    assert [q.id for q in load_benchmark("jmle2026-B")] == [f"120B-{n}" for n in range(1, 51)]
