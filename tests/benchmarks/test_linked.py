from collections import Counter
from pathlib import Path

import pytest
from scripts.groups import FILE, RULES, groups, written

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.linked import known_groups, numbers


def own(tmp_path: Path, *rows: str) -> dict[str, str]:
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(rows), encoding="utf-8")
    return {q.id: q.group for q in load_benchmark(str(file)).load()}


def row(name: str, stem: str, more: str = "") -> str:
    return f'{{"id": "{name}", "stem": "{stem}", "choices": ["甲", "乙"], "answer": "a"{more}}}'


@pytest.mark.parametrize("text", ["41、42", "41～42", "41-42", "41と42"])
def test_numbers_of_linked_questions(text: str) -> None:
    assert numbers(text) == [41, 42]


def test_a_span_that_is_no_set_of_questions_links_nothing() -> None:
    assert numbers("1～100000000") == []


def test_questions_of_the_119th_share_cases_in_pairs_and_triples() -> None:
    found = known_groups("igakuqa119")
    assert Counter(Counter(found.values()).values()) == {2: 10, 3: 10}
    assert found["119B42"] == found["119B41"] == "119B41"
    assert found["119C59"] == found["119C60"] == found["119C61"] != found["119C62"]
    assert "119A1" not in found


def test_pharmacists_pairs_are_linked_and_single_questions_are_not() -> None:
    found = known_groups("yakugakuqa")
    assert found["098256"] == found["098257"] != found["098258"]
    assert "098001" not in found
    assert "098330" not in found


@pytest.mark.data
@pytest.mark.parametrize("name", list(RULES))
def test_the_file_of_groups_is_what_the_rule_finds(name: str) -> None:
    assert written() == FILE.read_text(encoding="utf-8")
    found = groups(load_benchmark(name).load(), RULES[name][0])
    assert {q: g[0] for g in found for q in g} == known_groups(name)


def test_own_questions_are_linked_by_their_words(tmp_path: Path) -> None:
    words = "次の文を読み、7、8の問いに答えよ。"
    found = own(tmp_path, row("x06", "一つ。"), row("x07", f"{words}甲。"), row("x08", f"{words}乙。"))
    assert found == {"x06": "", "x07": "x07", "x08": "x07"}


def test_a_document_that_several_own_questions_share_links_them(tmp_path: Path) -> None:
    context = f', "context": "{"長い文書。" * 30}"'
    found = own(tmp_path, row("1", "甲。", context), row("2", "乙。", context), row("3", "丙。"))
    assert found["1"] == found["2"] == "1"
    assert found["3"] == ""


def test_a_group_of_ones_own_stays(tmp_path: Path) -> None:
    words = "次の文を読み、1、2の問いに答えよ。"
    found = own(tmp_path, row("1", words, ', "group": "mine"'), row("2", words, ', "group": "mine"'))
    assert found == {"1": "mine", "2": "mine"}


def test_words_that_name_questions_the_file_lacks_link_nothing(tmp_path: Path) -> None:
    assert own(tmp_path, row("5", "次の文を読み、5、6の問いに答えよ。")) == {"5": ""}
