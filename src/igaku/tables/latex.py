"""Tables for papers: LaTeX with ``booktabs``, the notes in small print below.

Model names and questions are others' texts: what TeX would take for a command, a comment, a ligature or an optional
argument is written so that it prints as it stands.
"""

import re
from collections import Counter
from collections.abc import Sequence

from igaku.tables.values import Report, Table, printable

WIDE = 72
"""Characters of a row, two more a column, above which the table is scaled to the width of the text: what an article in
10 points fits, measured with pdflatex."""
_BREAK = "\0"
_LATEX = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    _BREAK: "{}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "−": "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "·": r"$\cdot$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "→": r"$\to$",
    "µ": r"$\mu$",
    "\u00a0": "~",
}
_LIGATURES = re.compile(r"([-–—'`,?!])(?=[-–—'`,])")
_MINUS = re.compile(r"(?<![\w.])-(?=\d)")
_ASIAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def to_latex(report: Report) -> str:
    """One ``table`` a table; the report's notes stand below the first."""
    tables, count = report.tables(), Counter[str]()
    parts = []
    for i, table in enumerate(tables):
        count[table.name] += 1
        label = table.name if count[table.name] == 1 else f"{table.name}-{count[table.name]}"
        parts.append(latex_table(table, report.notes() if i == 0 else [], label))
    body = "\n".join(parts)
    comments = "" if tables else "".join(f"% {printable(n)}\n" for n in report.notes())
    return _packages(body) + body + comments


def _packages(body: str) -> str:
    scaled = ", graphicx" if r"\resizebox" in body else ""
    lines = [f"packages: booktabs{scaled}; the file is in UTF-8"]
    if _ASIAN.search(body):
        lines.append("Japanese: lualatex with the package luatexja, or uplatex with a class such as jsarticle")
    return "".join(f"% {line}\n" for line in lines)


def latex_table(table: Table, notes: Sequence[str] = (), label: str = "") -> str:
    """One table.

    Args:
        notes: further notes, after its own.
        label: for references, after ``tab:``; its name if empty.
    """
    align = "".join("l" if kind == "text" else "r" for kind in table.columns.values())
    rows = [" & ".join(_cells(table, i, row)) for i, row in enumerate(table.shown())]
    lines = [" & ".join(map(latex, table.columns)) + r" \\", r"\midrule", *(f"{row} \\\\" for row in rows)]
    tabular = "\n".join([rf"\begin{{tabular}}{{{align}}}", r"\toprule", *lines, r"\bottomrule", r"\end{tabular}"])
    if _width(table) > WIDE:
        tabular = f"\\resizebox{{\\linewidth}}{{!}}{{%\n{tabular}%\n}}"
    named = (
        [rf"\caption{{{latex(table.title)}}}", rf"\label{{tab:{_label(label or table.name)}}}"] if table.title else []
    )
    below = _below([*table.notes_in_bold(), *notes])
    return "\n".join([r"\begin{table}", r"\centering", r"\small", *named, tabular, *below, r"\end{table}", ""])


def _cells(table: Table, at: int, row: list[str]) -> list[str]:
    kinds = list(table.columns.values())
    texts = [latex(v if k == "text" else _MINUS.sub("−", v)) for v, k in zip(row, kinds)]
    return [rf"\textbf{{{t}}}" if table.is_best(at, i) else t for i, t in enumerate(texts)]


def _below(notes: list[str]) -> list[str]:
    if not notes:
        return []
    lines = [f"{latex(note)}\\par" for note in notes]
    return [r"\par\smallskip", r"\begin{minipage}{\linewidth}\footnotesize", *lines, r"\end{minipage}"]


def _width(table: Table) -> int:
    """Characters of the widest row, a Japanese one as two."""
    columns = zip(*([list(table.columns), *table.shown()]))
    return sum(max(len(v) + len(_ASIAN.findall(v)) for v in column) + 2 for column in columns)


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-") or "table"


def latex(text: str) -> str:
    """A text as TeX prints it, in one line; a ``[`` or ``*`` at its beginning is no argument of what stands before."""
    line = " ".join(printable(text).replace("\ufffd", "?").split("\n")).replace("\t", " ")
    escaped = "".join(_LATEX.get(c, c) for c in _LIGATURES.sub(rf"\1{_BREAK}", line))
    return f"{{}}{escaped}" if escaped[:1] in ("[", "*") else escaped
