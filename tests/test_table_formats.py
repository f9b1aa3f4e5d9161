"""One table in every format: the same cells, no text that a format would obey, bold only for what is shown best."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

import igaku
from igaku.errors import IgakuError
from igaku.tables import Table, Value, View, flat, latex_table, printable, render, save
from igaku.tables.latex import latex

from .conftest import needs
from .table_readers import Page, csv_table, latex_tables, latex_text, markdown_table, workbook_rows

HOSTILE = [
    "a_1%&#$^~\\{}<>|",
    "[x]",
    "*y",
    "--dash---",
    "``q''",
    "=1+1",
    "+2",
    "@x",
    "-3",
    "_x0041_",
    "日本語モデル（8B）",
    "</td><script>alert(1)</script>",
    "\\input{/etc/passwd}",
    "%\\end{table}",
    "a\\\\ b",
    "?`!`,,",
]


class Scores(View, Struct):
    """A report with a column of each kind."""

    rows: list[tuple[str, int, float, tuple[float, float], float, tuple[float, float], tuple[int, int], float, float]]

    def tables(self) -> list[Table]:
        return [
            Table(
                name="scores",
                title="Scores of [all] <models>",
                columns={
                    "model": "text",
                    "questions": "count",
                    "accuracy": "share",
                    "95 %": "interval",
                    "A - B": "points",
                    "of A - B": "points interval",
                    "rank": "range",
                    "p": "p",
                    "mean": "number",
                },
                rows=[list(row) for row in self.rows],
                best=[(0, "accuracy")],
                best_note="bold: shown best",
                notes=["a note of the table with 5 %"],
            )
        ]

    def notes(self) -> list[str]:
        return ["a note & more", "=1+1"]


REPORT = Scores(
    [
        (name, 1_000 + i, 0.4217 + i / 100, (0.1, 0.25), -0.0123, (-0.05, 0.02), (1, 3), 0.0004, -1.25)
        for i, name in enumerate(HOSTILE)
    ]
)
(TABLE,) = REPORT.tables()


def shown(table: Table) -> list[list[str]]:
    """Head and rows as people read them; a minus is a hyphen in some formats."""
    return [list(table.columns), *([cell.replace("−", "-") for cell in row] for row in table.shown())]


def as_shown(rows: list[list[str]]) -> list[list[str]]:
    return [[cell.replace("−", "-") for cell in row] for row in rows]


def test_markdown_latex_and_html_show_the_same_cells() -> None:
    assert as_shown(markdown_table(render(REPORT, "md"))) == shown(TABLE)
    assert as_shown(latex_tables(render(REPORT, "latex"))[0]) == shown(TABLE)
    assert as_shown(Page(render(REPORT, "html")).tables[0]) == shown(TABLE)


@needs("xlsx")
def test_csv_json_and_workbooks_hold_the_same_numbers(tmp_path: Path) -> None:
    columns, rows = flat(TABLE)
    found = workbook_rows(igaku.save_report(REPORT, tmp_path / "t.xlsx"))
    assert found[0] == columns and [row[0] for row in found[1:]] == [row[0] for row in rows]
    assert [row[1:] for row in found[1:]] == [pytest.approx(row[1:], rel=1e-14) for row in rows]
    read = csv_table(render(REPORT, "csv"))
    assert read[0] == columns
    assert [[float(x) for x in row[1:]] for row in read[1:]] == [row[1:] for row in rows]
    assert [row[0].removeprefix("'") for row in read[1:]] == [row[0] for row in rows]
    assert json.loads(render(REPORT, "json"))["rows"] == [
        [list(v) if isinstance(v, tuple) else v for v in r] for r in REPORT.rows
    ]


def test_notes_stand_below_in_every_format_for_readers() -> None:
    for to in ("md", "latex", "html", "table"):
        text = render(REPORT, to).replace("\\", "").replace("&amp;", "&")
        assert "a note & more" in text and "a note of the table with 5 %" in text
        assert ("bold: shown best" in text) == (to in ("latex", "html"))


def test_bold_is_what_is_shown_best_and_nothing_else() -> None:
    assert Page(render(REPORT, "html")).bold == ["42.2 %"]
    assert render(REPORT, "latex").count(r"\textbf{") == 1 and r"\textbf{42.2 \%}" in render(REPORT, "latex")


@needs("xlsx")
def test_a_workbook_has_its_notes_on_the_second_sheet_and_no_formula(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(save(REPORT, tmp_path / "t.xlsx"))
    assert book.sheetnames == ["scores", "notes"]
    assert [row[0] for row in workbook_rows(tmp_path / "t.xlsx", 1)][-2:] == REPORT.notes()
    first = book.worksheets[0]
    assert first["B2"].number_format == "#,##0" and first["C2"].font.b and not first["C3"].font.b
    assert [c.value for c in first["A"] if c.quotePrefix] == ["--dash---", "=1+1", "+2", "@x", "-3"]


def test_latex_says_which_packages_it_needs() -> None:
    text = render(REPORT, "latex")
    assert text.startswith("% packages: booktabs, graphicx") and "% Japanese: lualatex" in text
    narrow = latex_table(Table(name="scores", columns={"model": "text", "questions": "count"}, rows=[["m", 100]]))
    assert "resizebox" not in narrow and "Japanese" not in render(Scores([("m", *REPORT.rows[0][1:])]), "latex")


def test_two_tables_of_one_name_have_labels_of_their_own() -> None:
    class Two(Scores):
        def tables(self) -> list[Table]:
            return super().tables() * 2

    text = render(Two(REPORT.rows), "latex")
    assert r"\label{tab:scores}" in text and r"\label{tab:scores-2}" in text
    assert text.count("a note \\& more") == 1


def test_a_format_is_taken_from_the_ending_of_a_file(tmp_path: Path) -> None:
    for name, begins in {
        "a.tex": "% packages",
        "a.md": "**Scores",
        "a.html": "<!doctype html>",
        "a.csv": "model,",
    }.items():
        assert save(REPORT, tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    with pytest.raises(IgakuError, match=r"a\.doc: which format\? give --format, or a name that ends in"):
        save(REPORT, tmp_path / "a.doc")
    with pytest.raises(IgakuError, match="a workbook is a file"):
        render(REPORT, "xlsx")


def one(text: str, kind: Callable[[str], Value] = str) -> Table:
    return Table(name="t", columns={"a": "text", "b": "text"}, rows=[[kind(text), "x"], ["y", kind(text)]])


def printed(text: str) -> str:
    return printable(text).replace("\ufffd", "?").replace("\n", " ").replace("\t", " ")


@given(st.text(max_size=40) | st.text("\\{}%&#$^_~<>|-'`,?![]*\n\t ab–—−…", max_size=40))
def test_any_text_prints_in_latex_as_it_is(text: str) -> None:
    assert latex_text(latex(text)) == printed(text)
    (rows,) = latex_tables(latex_table(one(text)))
    assert [len(row) for row in rows] == [2, 2, 2]


@given(st.text(max_size=40))
def test_any_text_is_text_in_a_page(text: str) -> None:
    page = Page(render(Scores([(text, *REPORT.rows[0][1:])]), "html"))
    assert page.tables[0][1][0] == printable(text)


@needs("xlsx")
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_is_read_back_from_a_workbook(tmp_path: Path, text: str) -> None:
    save(Scores([(text, *REPORT.rows[0][1:])]), tmp_path / "t.xlsx")
    found = workbook_rows(tmp_path / "t.xlsx")[1][0]
    assert (found or "").replace("\r", "\n") == printable(text).replace("\r", "\n")
