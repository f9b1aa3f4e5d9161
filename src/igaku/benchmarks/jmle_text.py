"""Case questions in text of the 117th (2023) and 118th (2024) National Medical Licensing Examination of Japan: 287.

From MedRECT's source questions (pfnet-research/medrect): 130 of the 117th, 157 of the 118th. Not whole exams: only
case questions that upstream took for answerable from their text, so points are no total of an exam. The file holds
other years too (112-116, 119); those are ``igakuqa`` and ``igakuqa119``, which have all their questions, and are left
out here, so that no question is asked twice; a year beyond the 120th (``jmle2026``) is read as soon as it stands in
the file. MedRECT's Japanese texts are written from these of the 118th.

Special: 18 questions name a picture after all (別冊, 「別に示す」) and are no text-only ones; there are no pictures. 32
want two or three answers, one has six choices. Tables stand in the stem as runs of numbers. Blocks B and E are 必修
(``required``): 26-50 there are worth 3 points. Linked questions, which open with the same case, share a group.

Source: jmle-2018-2025-source-questions.json, CC BY 4.0; the exams by MHLW.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key, unspaced
from igaku.benchmarks.linked import shared
from igaku.benchmarks.medrect import case_text
from igaku.benchmarks.years import PHYSICIANS, year_of
from igaku.errors import IgakuError
from igaku.io.json_values import json_rows
from igaku.io.paths import find_data
from igaku.io.rows import need
from igaku.question import LETTERS, Choices, Question

DATA = "medrect/jmle-2018-2025-source-questions.json"
ELSEWHERE = frozenset({"112", "113", "114", "115", "116", "119", "120"})
"""Exams that another benchmark has with all their questions."""
PICTURE = re.compile(r"別\s*冊|を\s*別に示す|[（(][A-E][）)]を(?:別に)?示す|(?:心電図|写真|CT|MRI)\s*[（(][A-E][）)]")
"""What a stem says where a picture belongs to it."""


class JMLEText(Benchmark):
    """See the module."""

    name = "jmle_text"
    title = "case questions of 2023 and 2024 (physicians, Japan)"
    title_ja = "医師国家試験 2023・2024 の症例問題（文章のみ）"
    licence = "CC BY 4.0"
    upstream = "pfnet-research/medrect"
    slices = ("2023", "2024")

    def files(self, lang: str) -> list[str]:
        """One file."""
        return [DATA]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The years in the file, where it is here."""
        file = find_data(DATA)
        return tuple(sorted({q.year for q in _questions(file)})) if file else cls.slices

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """An exam's number for its year."""
        return {str(int(year) - PHYSICIANS): year for year in cls.parts()}

    def questions(self, lang: str) -> list[Question]:
        """Year by year, in exam order."""
        found = [q for q in _questions(self.path(DATA)) if self.part in ("", q.year)]
        return shared(sorted(found, key=lambda q: (q.id[:4], int(q.id[4:]))))


def _questions(file: Path) -> Iterator[Question]:
    cases: dict[str, str] = {}
    for where, row in json_rows(file, "text"):
        name = need(row, "id", str, where)
        if name[:3] not in ELSEWHERE:
            yield _question(row, name, cases, where)


def _question(row: dict[str, Any], name: str, cases: dict[str, str], where: str) -> Question:
    stem, given = need(row, "question", str, where), need(row, "choices", dict, where)
    letters = sorted(given)
    if letters != list(LETTERS[: len(letters)]) or not re.fullmatch(r"\d{3}[A-F]\d+", name):
        raise IgakuError(f"{where}: question {name!r} must have choices a, b, c ... and an id such as 117A16")
    key = letter_key(need(row, "answer", list, where), len(letters), stem)
    required = name[3] in "BE"
    return Question(
        id=name,
        lang="ja",
        stem=stem,
        choices=tuple(unspaced(str(given[c])) for c in letters),
        key=key or Choices(()),
        void="" if key else "no-key",
        points=3.0 if required and int(name[4:]) > 25 else 1.0,
        text_only=not PICTURE.search(stem),
        year=year_of(name, PHYSICIANS),
        section="required" if required else "clinical",
        group=cases.setdefault(name[:4] + case_text(stem), name),
    )
