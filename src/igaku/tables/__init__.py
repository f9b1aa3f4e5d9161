"""Tables as data, and the one package that prints them: terminal, Markdown, CSV, LaTeX, HTML, Excel.

A study's report is a struct with ``tables()`` and ``notes()``. Values stay what they are (a share is 0 to 1); a
column's kind says how people read them, so that a data frame and a CSV file hold numbers where a terminal shows ``42.2
%``. Every format shows the same cells.
"""

from igaku.tables.formats import ENDINGS, FORMATS, View, format_of, known_format, render, save
from igaku.tables.latex import latex_table, to_latex
from igaku.tables.numbers import flat, to_csv
from igaku.tables.page import html_table, to_html, to_page
from igaku.tables.text import laid_out, markdown_table, text_of, to_markdown, to_text
from igaku.tables.values import (
    Kind,
    Report,
    Table,
    Value,
    interval,
    p_value,
    percent,
    points,
    printable,
    show,
    text_table,
)
from igaku.tables.workbook import to_workbook

__all__ = [
    "ENDINGS", "FORMATS", "Kind", "Report", "Table", "Value", "View", "flat", "format_of", "html_table", "interval",
    "known_format", "laid_out", "latex_table", "markdown_table", "p_value", "percent", "points", "printable", "render",
    "save", "show", "text_of", "text_table", "to_csv", "to_html", "to_latex", "to_markdown", "to_page", "to_text",
    "to_workbook",
]  # fmt: skip
