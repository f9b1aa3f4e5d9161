"""Own questions in an Excel workbook: what a person sees in its cells is read; what is not certain is one line."""

import datetime
import io
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.drawing.image import Image

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.question import Choices, Question

HEADER = ["番号", "問題文", "選択肢1", "選択肢2", "選択肢３", "正答", "備考", None]
ROW: list[object] = [1, "どれか。", "甲", "乙", "丙", 2]
Change = Callable[[Any, Any], None]


def workbook(path: Path, rows: Sequence[Sequence[object]], change: Change | None = None) -> Path:
    """A workbook of one sheet, changed by ``change(workbook, sheet)``."""
    book = openpyxl.Workbook()
    book.active.title = "問題"
    for row in rows:
        book.active.append(row)
    if change:
        change(book, book.active)
    book.save(path)
    return path


def read(tmp_path: Path, *rows: Sequence[object], change: Change | None = None) -> list[Question]:
    return load_benchmark(str(workbook(tmp_path / "my.xlsx", [HEADER, *rows], change))).load()


def refusal(path: Path) -> str:
    with pytest.raises(IgakuError) as error:
        load_benchmark(str(path)).load()
    line = str(error.value)
    assert line.startswith(str(path)) and "\n" not in line and len(line) < 600
    return line


def unread(tmp_path: Path, *rows: Sequence[object], change: Change | None = None) -> str:
    return refusal(workbook(tmp_path / "my.xlsx", [HEADER, *rows], change))


def test_numbers_are_read_as_they_are_shown(tmp_path: Path) -> None:
    def formats(_: Any, sheet: Any) -> None:
        for cell, form in {"A3": "000", "C3": "0%", "D3": "0_);[Red]\\(0\\)", "E3": "#,##0.0"}.items():
            sheet[cell].number_format = form

    one, two = read(tmp_path, [1.0, "s", 0.1, 5, 1 / 3, 2.0], [None] * 8, [2, "s", 0.5, 3, 1234.5, "②"], change=None)
    assert (one.id, one.choices, one.key) == ("1", ("0.1", "5", "0.333333333333333"), Choices(((1,),)))
    assert two.key == Choices(((1,),))
    (q,) = read(tmp_path, [None] * 8, [2, "s", 0.5, 3, 1234.5, "a・c"], change=formats)
    assert (q.id, q.choices, q.key) == ("002", ("50%", "3", "1,234.5"), Choices(((0, 2),)))


def set_cell(name: str, value: object, form: str = "") -> Change:
    def change(_: Any, sheet: Any) -> None:
        sheet[name] = value
        if form:
            sheet[name].number_format = form

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (set_cell("A2", datetime.date(2026, 1, 3)), "row 2: cell A2 is a date or time"),
        (set_cell("F2", datetime.datetime(2026, 1, 3)), "row 2: cell F2 is a date or time"),
        (set_cell("C2", datetime.time(9, 30)), "row 2: cell C2 is a date or time"),
        (set_cell("B2", "=A1"), "row 2: cell B2 is a formula without a value"),
        (set_cell("C2", "#N/A"), "row 2: cell C2 holds the error #N/A"),
        (set_cell("C2", 0.5, "# ?/?"), "row 2: cell C2 shows a number in the format '# ?/?'"),
        (set_cell("C2", 5, '0"mg"'), "row 2: cell C2 shows a number in the format"),
        (set_cell("C2", -5, "0_);[Red]\\(0\\)"), "row 2: cell C2 shows a number in the format"),
        (lambda _, s: s.merge_cells("C2:D2"), "column 4 is merged with cell C2"),
        (lambda _, s: s.insert_rows(1, 2) or set_cell("A1", "模擬試験")(_, s), "row 3 has some: remove what stands"),
        (set_cell("F2", 0), "field 'answer' names '0'; choices are counted from 1"),
        (set_cell("F2", 9), "field 'answer' names '9', outside the 3 choices"),
        (set_cell("H2", "x"), "'x' stands in column 8, which has no name"),
    ],
)
def test_what_a_cell_does_not_say_for_certain_is_one_line(change: Change, why: str, tmp_path: Path) -> None:
    assert why in unread(tmp_path, ROW, change=change)


def test_nothing_of_a_column_of_notes_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, ROW, change=set_cell("G2", datetime.date(2026, 1, 3)))) == 1
    assert len(read(tmp_path, ROW, change=set_cell("G2", "=A1"))) == 1


def test_a_formula_counts_by_its_stored_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "my.xlsx", [HEADER, ROW], set_cell("B2", "=A1"))
    rewritten(
        path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v></v>", b"<v>7</v>").replace(b"<v/>", b"<v>7</v>")
    )
    assert load_benchmark(str(path)).load()[0].stem == "7"


def test_readings_beside_kanji_are_no_part_of_a_text(tmp_path: Path) -> None:
    path = workbook(tmp_path / "my.xlsx", [HEADER, ROW])
    reading = '<rPh sb="0" eb="1"><t>コウ</t></rPh><phoneticPr fontId="1"/>'.encode()
    rewritten(path, "xl/sharedStrings.xml", lambda xml: xml.replace("甲</t>".encode(), "甲</t>".encode() + reading))
    assert load_benchmark(str(path)).load()[0].choices == ("甲", "乙", "丙")


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes], **more: bytes) -> None:
    """The workbook with a part changed, and others added."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in {**parts, part: change(parts.get(part, b"")), **more}.items():
            file.writestr(name, data)
    path.write_bytes(out.getvalue())


def test_which_of_several_sheets_is_read_is_said_and_two_that_may_be_are_refused(tmp_path: Path) -> None:
    def other(header: list[object]) -> Change:
        def change(book: Any, _: Any) -> None:
            book.create_sheet("集計").append(header)
            book["集計"].append([1, 2, 3])

        return change

    path = workbook(tmp_path / "my.xlsx", [HEADER, ROW], other(["合計", "平均"]))
    assert load_benchmark(str(path)).read_as == "sheet '問題' is read, not '集計'"
    assert "sheets '問題', '集計' may hold the questions" in unread(
        tmp_path, ROW, change=other(["番号", "問題", "正答"])
    )
    empty = workbook(tmp_path / "my.xlsx", [HEADER, ROW], lambda book, _: book.create_sheet("Sheet2"))
    assert load_benchmark(str(empty)).read_as == ""


def test_pictures_on_the_sheet_are_not_lost_in_silence(tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image")
    pillow.new("RGB", (2, 2)).save(tmp_path / "p.png")

    def change(_: Any, sheet: Any) -> None:
        sheet.add_image(Image(tmp_path / "p.png"), "C2")

    assert "pictures lie on the sheet" in unread(tmp_path, ROW, change=change)
    path = workbook(tmp_path / "my.xlsx", [[*HEADER[:7], "画像"], [*ROW, None, "p.png"]], change)
    assert load_benchmark(str(path)).load()[0].images == (str(tmp_path / "p.png"),)


def sheet_of(rows: bytes) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")


HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a cell at the end": (sheet_of(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), ""),
    "a row beyond the end": (sheet_of(b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'), ""),
    "many cells": (sheet_of(b"<row>" + b"<c/>" * 1_200_000 + b"</row>"), "more than about 250,000 cells"),
    "an entity": (lambda x: b'<!DOCTYPE a [<!ENTITY b "x">]>' + x.split(b"?>")[-1], "declares entities"),
    "an entity in UTF-16": (lambda x: '<!DOCTYPE a [<!ENTITY b "x">]><a/>'.encode("utf-16"), "declares entities"),
    "all merged": (
        lambda x: sheet_of(b"<row><c><v>1</v></c></row>" * 9_000)(x).replace(
            b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 9 + b"</mergeCells>"
        ),
        "merged cells; unmerge them",
    ),
    "no XML": (lambda x: b"x", "cannot be read as an Excel workbook"),
    "a number without end": (
        sheet_of(b'<row r="3"><c r="A3"><v>' + b"9" * 5_000 + b"</v></c></row>"),
        "cannot be read",
    ),
    "a text that is not there": (sheet_of(b'<row r="3"><c r="A3" t="s"><v>999</v></c></row>'), "cannot be read"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_ends_soon_and_in_one_line(kind: str, tmp_path: Path) -> None:
    change, why = HOSTILE[kind]
    path = workbook(tmp_path / "my.xlsx", [HEADER, ROW])
    rewritten(path, "xl/worksheets/sheet1.xml", change)
    began = time.process_time()
    assert why in refusal(path) if why else len(load_benchmark(str(path)).load()) == 1
    assert time.process_time() - began < 15


def test_a_bomb_a_locked_file_and_what_is_no_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "my.xlsx", [HEADER, ROW])
    rewritten(path, "xl/media/x.png", lambda _: b"\0" * (65 << 20))
    assert "IGAKU_MAX_XLSX_MB raises it" in refusal(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert "protected by a password" in refusal(path)
    path.write_text("id,stem\n")
    assert "is no Excel workbook" in refusal(path)


WORDS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20).filter(str.strip)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, WORDS, st.integers(1, 3)), min_size=1, max_size=4))
def test_any_text_is_read_back_from_a_workbook(tmp_path: Path, rows: list[tuple[str, str, int]]) -> None:
    cells = [[k, f"問{a}", f"甲{b}", f"乙{b}", f"丙{a}", n] for k, (a, b, n) in enumerate(rows)]
    found = [(q.id, q.stem, q.choices, q.key) for q in read(tmp_path, *cells)]
    assert found == [
        (str(k), stem.strip(), tuple(c.strip() for c in choices), Choices(((int(n) - 1,),)))
        for k, stem, *choices, n in cells
    ]
