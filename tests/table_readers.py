"""Every format of a table read back as rows of texts or numbers, strictly: what its readers would stumble over fails.

The LaTeX reader knows the few commands that igaku writes. Anything else that TeX would obey is an error.
"""

import csv
import html.parser
import io
import re
from pathlib import Path
from typing import Any

COMMANDS = {f"\\{c}": c for c in "&%$#_{}"}
COMMANDS |= {r"\textbackslash": "\\", r"\textasciitilde": "~", r"\textasciicircum": "^", r"\textless": "<"}
COMMANDS |= {r"\textgreater": ">", r"\textbar": "|", r"\ldots": "…"}
MATH = {"$-$": "−", r"$\times$": "×", r"$\pm$": "±", r"$\cdot$": "·", r"$\leq$": "≤", r"$\geq$": "≥"}
MATH |= {r"$\to$": "→", r"$\mu$": "µ"}
_TOKEN = re.compile(
    r"(?P<bold>\\textbf\{)|(?P<command>\\[a-zA-Z]+(?=\{\})|\\[^a-zA-Z])|(?P<math>\$[^$]{1,7}\$)|(?P<empty>\{\})"
    r"|(?P<dash>---|--)|(?P<close>\})|(?P<text>[^\\$%#_^{}<>|&~])|(?P<blank>~)"
)


def latex_text(source: str) -> str:
    """What TeX prints for a cell."""
    out, at = [], 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        assert found, f"TeX would obey {source[at : at + 20]!r} in {source!r}"
        kind, token = str(found.lastgroup), found[0]
        if kind == "command":
            out.append(COMMANDS[token])
            at += 2 * token[1].isalpha()
        out += {"math": [MATH.get(token, "")], "dash": ["—" if len(token) == 3 else "–"], "text": [token]}.get(kind, [])
        out += ["\u00a0"] * (kind == "blank")
        assert kind != "math" or token in MATH
        at += len(token)
    return "".join(out)


def latex_tables(source: str) -> list[list[list[str]]]:
    """The tables of a file: head and rows, each with as many cells as columns; no environment is left open."""
    tables: list[list[list[str]]] = []
    opened: list[str] = []
    columns = 0
    for line in source.splitlines():
        if line.startswith("%"):
            continue
        if begin := re.fullmatch(r"\\begin\{(\w+)\}(?:\{([lr]+)\}|\{\\linewidth\}\\footnotesize)?", line):
            opened.append(begin[1])
            if begin[1] == "tabular":
                columns = len(begin[2])
                tables.append([])
        elif end := re.fullmatch(r"\\end\{(\w+)\}%?", line):
            assert opened.pop() == end[1]
        elif opened[-1:] == ["tabular"] and line not in (r"\toprule", r"\midrule", r"\bottomrule"):
            assert line.endswith(r" \\") and not line.startswith(("[", "*"))
            cells = re.split(r"(?<!\\)(?:\\\\)*&", line.removesuffix(r" \\"))
            assert len(cells) == columns, line
            tables[-1].append([latex_text(c.removeprefix(" ").removesuffix(" ")) for c in cells])
        elif opened[-1:] == ["minipage"]:
            latex_text(line.removesuffix(r"\par"))
    assert not opened
    return tables


def markdown_table(source: str) -> list[list[str]]:
    """The first table."""
    lines = [line for line in source.splitlines() if line.startswith("| ")]
    end = next((i for i, line in enumerate(lines[2:], 2) if line.startswith("| ---")), len(lines) + 1) - 1
    rows = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in lines[:end] if not line.startswith("| ---")]
    return [[cell.replace("\\|", "|") for cell in row] for row in rows]


def csv_table(source: str) -> list[list[str]]:
    """The first table, as a spreadsheet's reader gives it."""
    rows = list(csv.reader(io.StringIO(source, newline="")))
    first = rows[1:] if rows[0][0].startswith("# ") else rows
    end = next((i for i, row in enumerate(first) if row and row[0].startswith("# ")), len(first))
    return first[:end]


class Page(html.parser.HTMLParser):
    """The tables of a page; scripts and styles from elsewhere fail."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.bold: list[str] = []
        self._cell = self._strong = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe", "b", "i")
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        self.tables += [[]] * (tag == "table")
        if tag == "table":
            self.tables[-1] = []
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True
        self._strong = tag == "strong"

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")
        self._strong = self._strong and tag != "strong"

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data
        if self._strong:
            self.bold.append(data)


def workbook_rows(path: Path, sheet: int = 0) -> list[list[Any]]:
    """The cells of one sheet; none of them is a formula."""
    import openpyxl
    from openpyxl.utils.escape import unescape

    rows = list(openpyxl.load_workbook(path).worksheets[sheet].iter_rows())
    assert all(c.data_type in ("s", "n", "b", "d") for row in rows for c in row)
    return [[unescape(c.value) if isinstance(c.value, str) else c.value for c in row] for row in rows]
