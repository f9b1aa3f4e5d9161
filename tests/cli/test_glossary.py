"""A word of the field is explained where it is shown, and only there."""

import re

import pytest

from igaku.cli import japanese
from igaku.cli.glossary import CELLS, HEADS, TITLES, explained
from igaku.tables import Table

LINES = [*HEADS.values(), *CELLS.values(), *TITLES.values()]


def table(name: str = "standings", **columns: str) -> Table:
    return Table(name=name, columns=dict.fromkeys(columns, "text"), rows=[list(columns.values())])


def test_a_head_and_a_method_are_explained_once() -> None:
    tables = [table(respondent="m", method="letter-logprob"), table(respondent="n")]
    assert [line.split(":")[0] for line in explained(tables)] == ["respondent", "letter-logprob"]


def test_what_a_note_explains_already_is_left_to_it() -> None:
    assert list(explained([table(respondent="m")], ["respondent: whoever answered"])) == []


def test_a_word_is_explained_in_the_table_where_it_means_that() -> None:
    assert list(explained([table("kinds", recall="x")])) == []
    assert len(list(explained([table("positions", recall="x")]))) == 1


def test_a_table_without_such_words_needs_nothing() -> None:
    assert list(explained([table(benchmark="mini", accuracy="18 %")])) == []


@pytest.mark.parametrize("line", LINES)
def test_each_line_has_a_japanese_one(line: str) -> None:
    assert re.search("[ぁ-ん]", japanese.line(line))
