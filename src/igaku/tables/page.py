"""Tables as HTML: a fragment for a notebook, and a page that stands alone and is read on a phone.

All text is escaped. The page loads nothing and runs nothing: its policy allows its own styles only.
"""

import html

from igaku.tables.values import Report, Table, printable

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans JP", sans-serif; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0 .5rem; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
thead tr, tbody tr:last-child { border-bottom: 2px solid; }
thead tr { border-top: 2px solid; }
th, td { padding: .25rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: break-word; max-width: 20rem; }
.n { text-align: right; }
td.n { white-space: nowrap; }
p { font-size: .875rem; margin: .25rem 0; overflow-wrap: anywhere; }
@media (max-width: 760px) {
  thead { display: none; }
  table, caption, tbody, tr, td { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid; }
  td, td.n { display: grid; grid-template-columns: 9rem 1fr; gap: .75rem; padding: .1rem 0; max-width: none;
    overflow-wrap: anywhere; text-align: left !important; white-space: normal; }
  td::before { content: attr(data-name); opacity: .75; overflow-wrap: anywhere; }
  td:empty { display: none; }
}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(report: Report) -> str:
    """HTML tables and the notes below, all text escaped: a part of a page."""
    return "".join(map(html_table, report.tables())) + _paragraphs(report.notes())


def to_page(report: Report) -> str:
    """A whole page."""
    tables = report.tables()
    title = next((t.title for t in tables if t.title), "") or next((t.name for t in tables), "igaku")
    head = (
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{to_html(report)}</body>\n</html>\n'


def html_table(table: Table) -> str:
    """One table; each cell also has its column's name, which a narrow page shows instead of the head."""
    classes = ["" if kind == "text" else ' class="n" style="text-align:right"' for kind in table.columns.values()]
    head = "".join(f'<th scope="col"{c}>{_text(name)}</th>' for c, name in zip(classes, table.columns))
    rows = "".join(f"<tr>{_cells(table, i, row, classes)}</tr>\n" for i, row in enumerate(table.shown()))
    caption = f"<caption>{_text(table.title)}</caption>\n" if table.title else ""
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>"
    return f"<table>\n{caption}{body}\n</table>\n{_paragraphs(table.notes_in_bold())}"


def _cells(table: Table, at: int, row: list[str], classes: list[str]) -> str:
    shown = [f"<strong>{_text(v)}</strong>" if table.is_best(at, i) else _text(v) for i, v in enumerate(row)]
    return "".join(f'<td data-name="{_text(n)}"{c}>{v}</td>' for n, c, v in zip(table.columns, classes, shown))


def _paragraphs(notes: list[str]) -> str:
    return "".join(f"<p>{_text(note)}</p>\n" for note in notes)


def _text(text: str) -> str:
    return html.escape(printable(text))
