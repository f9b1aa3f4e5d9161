"""Case questions in text of the 117th (2023) and 118th (2024) National Medical Licensing Examination of Japan: 287.

From MedRECT's source questions (pfnet-research/medrect): 130 of the 117th, 157 of the 118th. Not whole exams: only
case questions that upstream took for answerable from their text, so points are no total of an exam. The file holds
other years too (112-116, 119); those are ``igakuqa`` and ``igakuqa119``, which have all their questions, and are left
out here, so that no question is asked twice. MedRECT's Japanese texts are written from these of the 118th.

Special: 18 questions name a picture after all (別冊, 「別に示す」) and are no text-only ones; there are no pictures. 32
want two or three answers, one has six choices. Tables stand in the stem as runs of numbers. Blocks B and E are 必修
(``required``): 26-50 there are worth 3 points. Linked questions, which open with the same case, share a group.

Source: jmle-2018-2025-source-questions.json, CC BY 4.0; the exams by MHLW.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from igaku.benchmarks.base import Benchmark, letter_key, unspaced
from igaku.benchmarks.linked import shared
from igaku.benchmarks.medrect import case_text, json_rows
from igaku.errors import IgakuError
from igaku.io.rows import need
from igaku.question import LETTERS, Choices, Question

DATA = "medrect/jmle-2018-2025-source-questions.json"
EXAMS = {"2023": "117", "2024": "118"}
PICTURE = re.compile(r"別\s*冊|を\s*別に示す|[（(][A-E][）)]を(?:別に)?示す|(?:心電図|写真|CT|MRI)\s*[（(][A-E][）)]")
"""What a stem says where a picture belongs to it."""


class JMLEText(Benchmark):
    """See the module."""

    name = "jmle_text"
    title = "case questions of 2023 and 2024 (physicians, Japan)"
    title_ja = "医師国家試験 2023・2024 の症例問題（文章のみ）"
    licence = "CC BY 4.0"
    upstream = "pfnet-research/medrect"
    slices = tuple(EXAMS)
    aliases: ClassVar[dict[str, str]] = {exam: year for year, exam in EXAMS.items()}

    def files(self, lang: str) -> list[str]:
        """One file."""
        return [DATA]

    def questions(self, lang: str) -> list[Question]:
        """Year by year, in exam order."""
        found = {y: [q for q in self._all() if q.year == y] for y in ([self.part] if self.part else EXAMS)}
        return shared(q for year in found.values() for q in sorted(year, key=lambda q: (q.id[3], int(q.id[4:]))))

    def _all(self) -> Iterator[Question]:
        years = {exam: year for year, exam in EXAMS.items()}
        cases: dict[str, str] = {}
        for where, row in json_rows(self.path(DATA)):
            name = need(row, "id", str, where)
            if name[:3] in years:
                yield _question(row, name, years[name[:3]], cases, where)


def _question(row: dict[str, Any], name: str, year: str, cases: dict[str, str], where: str) -> Question:
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
        year=year,
        section="required" if required else "clinical",
        group=cases.setdefault(name[:4] + case_text(stem), name),
    )
