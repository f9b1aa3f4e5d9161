"""JMLE2026: National Medical Licensing Examination of Japan, 120th (2026), 400 questions, 500 points.

naoto-iwase/JMLE2026-Bench at 76c4b29; data CC BY 4.0 (Naoto Iwase), from the exam as the Ministry of Health, Labour and
Welfare publishes it (PDL 1.0): whoever shows the questions names both. The key is the author's, from before the
official one: later commits have the official key, and a score holds for the key it was computed with. Put a newer
commit's data file, or a small CSV of official keys, into a data folder as ``keys/jmle2026.json`` (or ``.csv``), or give
it as ``--keys FILE``: it wins, and every output names it (``igaku.benchmarks.key_files``).

302 without an image, 98 with one or more of 110 pictures. Blocks B and E are 必修 (``required``): questions 26-50 there
are worth 3 points, all others 1. 30 want two or three answers, 3 a number (120A-74, 120A-75, 120D-75: their stems print
the boxes). 50 linked questions in 20 groups, with the case before each of them. 120C-71 and 120F-14 have a table for
choices: each row is one choice, its cells named by the columns.

Source: jmle2026_dataset.json and images/.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.benchmarks.pictures import here, listed
from igaku.io.json_values import json_rows
from igaku.io.rows import need
from igaku.question import LETTERS, Choices, Question

DATA = "jmle2026/jmle2026_dataset.json"
IMAGES = "jmle2026/images/"
CREDIT = "JMLE2026-Bench (Naoto Iwase), CC BY 4.0; exam: MHLW, PDL 1.0; the author's key, before the official one"
_NUMBER = re.compile(r"^\s*\d+[\s　]+")
_CHOICE = re.compile(r"^[ \t　]*([a-e])[ \t　]+(\S.*)$", re.M)
_SHEET = re.compile(r"\n[ \t　]*①[ \t　]+②[^\n]*(?:\n[ \t　\d]+)*$")


class JMLE2026(Benchmark):
    """See the module."""

    name = "jmle2026"
    title = "JMLE2026 (physicians, Japan, 2026)"
    title_ja = "第120回医師国家試験（JMLE2026）"
    licence = "CC BY 4.0"
    credit = "JMLE2026-Bench (Naoto Iwase), CC BY 4.0; exam: Ministry of Health, Labour and Welfare, PDL 1.0"
    key_version = "the author's, from before the official key"
    upstream = "naoto-iwase/JMLE2026-Bench"
    slices = tuple("ABCDEF")

    def files(self, lang: str) -> list[str]:
        """The questions; their pictures stand in ``images/`` beside them."""
        return [DATA, *listed(IMAGES)]

    def picture_names(self, lang: str) -> dict[str, list[str]]:
        """As its rows name them."""
        return {need(row, "question_id", str, w): need(row, "clinical_images", list, w) for row, w in self._rows()}

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield block by block, in exam order; a slice is one block."""
        for row, where in self._rows():
            if not self.part or need(row, "block", str, where) == self.part:
                yield _question(row, where)

    def _rows(self) -> Iterator[tuple[dict[str, Any], str]]:
        path = self.path(DATA)
        for where, row in json_rows(path, "question"):
            yield row, where


def _question(row: dict[str, Any], where: str) -> Question:
    name, block = need(row, "question_id", str, where), need(row, "block", str, where)
    stem, choices = parts(_NUMBER.sub("", need(row, "question_text", str, where), count=1))
    key = letter_key(need(row, "answer", list, where), len(choices), stem)
    serial = row.get("serial_group") or {}
    return Question(
        id=name,
        lang="ja",
        stem=stem,
        choices=choices,
        key=key or Choices(()),
        void="" if key else "no-key",
        points=3.0 if block in "BE" and need(row, "number", int, where) > 25 else 1.0,
        text_only=not need(row, "requires_image", bool, where),
        images=here(IMAGES, map(str, need(row, "clinical_images", list, where))),
        year="2026",
        section="required" if block in "BE" else "general+clinical",
        context=str(serial.get("context_text", "")).strip(),
        group=str(serial.get("group_id", "")),
        source=CREDIT,
    )


def parts(text: str) -> tuple[str, tuple[str, ...]]:
    """A question's text as stem and choices: the last lines ``a …`` to ``e …``, or the rows of a table; a numeric
    question keeps its boxes, without the answer sheet below them."""
    found = list(_CHOICE.finditer(text))[-5:]
    if [m[1] for m in found] == list("abcde"):
        return text[: found[0].start()].strip(), tuple(m[2].strip() for m in found)
    lines = text.strip().split("\n")
    start = next((i for i, line in enumerate(lines) if line.startswith("|")), len(lines))
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[start:]]
    choices = tuple(_named(rows[0], row) for row in rows if row[0] in tuple(LETTERS[:5]))
    if len(choices) == 5:
        return "\n".join(lines[:start]).strip(), choices
    return _SHEET.sub("", text).strip(), ()


def _named(columns: Sequence[str], row: Sequence[str]) -> str:
    """``Na⁺ (mEq/L) 130, K⁺ (mEq/L) 4``: the cells of a row with the names of their columns."""
    return "、".join(f"{name} {cell}" for name, cell in zip(columns[1:], row[1:]))
