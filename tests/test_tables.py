import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from igaku.errors import UnknownNameError
from igaku.tables import (
    FORMATS,
    Table,
    View,
    interval,
    markdown_table,
    percent,
    points,
    printable,
    render,
    text_of,
    text_table,
)


class Scores(View, Struct):
    """A report as a study makes it."""

    rows: list[tuple[str, float, tuple[float, float]]]

    def tables(self) -> list[Table]:
        columns = {"model": "text", "accuracy": "share", "95 %": "interval"}
        return [Table(name="scores", columns=columns, rows=[list(r) for r in self.rows], title="Scores")]

    def notes(self) -> list[str]:
        return ["an estimate"]


SCORES = Scores([("a_1", 0.4217, (0.4, 0.45)), ("b|<i>", 0.5, (0.4, 0.6))])


def test_hostile_words_stay_words() -> None:
    text = text_of(text_table("", ["a"], [["[bold red]x[/] \x1b[31mred\x07 \u202egnorw"]]))
    assert "[bold red]x[/]" in text
    assert not any(c in text for c in "\x1b\x07\u202e")


def test_markdown_is_escaped() -> None:
    assert markdown_table(text_table("", ["a", "b"], [["x|y", "1\n2"]])) == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |"


def test_two_columns_of_one_name_are_refused_and_not_dropped() -> None:
    with pytest.raises(ValueError, match="names of their own"):
        text_table("", ["a", "a"], [["1", "2"]])


def test_formats() -> None:
    assert (percent(0.4217), percent(None)) == ("42.2 %", "–")
    assert interval((0.1, 0.25)) == "10.0–25.0"
    assert (points(3.0, 20), points(4.25, 20)) == ("3/20", "4.2/20")
    assert printable("a\u0000b\n") == "a�b\n"


def test_every_format_shows_every_value_and_note() -> None:
    for format in (f for f in FORMATS if f != "xlsx"):
        text = render(SCORES, format)
        assert ("0.4217" if format in ("json", "csv") else "42.2") in text, format
        assert format in ("json", "csv") or "an estimate" in text, format
    assert "b|<i>" not in render(SCORES, "html") and "b\\|<i>" in render(SCORES, "md")
    assert r"a\_1" in render(SCORES, "latex") and r"42.2 \%" in render(SCORES, "latex")
    with pytest.raises(UnknownNameError, match="latex"):
        render(SCORES, "latx")


def test_numbers_stay_numbers_where_programs_read_them() -> None:
    rows = list(csv.reader(io.StringIO(render(SCORES, "csv"))))
    assert rows[0] == ["model", "accuracy", "95 % low", "95 % high"] and float(rows[1][1]) == 0.4217
    frame = pytest.importorskip("pandas") and SCORES.to_dataframe()
    assert frame["95 % high"].tolist() == [0.45, 0.6]
    with pytest.raises(UnknownNameError, match="scores"):
        SCORES.to_dataframe("score")


def test_a_report_shows_itself_in_a_prompt_and_a_notebook() -> None:
    assert "42.2 %" in repr(SCORES) and SCORES._repr_html_().startswith("<table>")


@given(st.text(), st.text())
def test_no_text_breaks_a_csv_or_runs_in_a_spreadsheet(a: str, b: str) -> None:
    one = Scores([(a, 0.5, (0.0, 1.0)), (b, 0.5, (0.0, 1.0))])
    rows = list(csv.reader(io.StringIO(render(one, "csv"), newline="")))
    assert all(len(r) == 4 and not r[0].startswith(("=", "+", "-", "@")) for r in rows)
