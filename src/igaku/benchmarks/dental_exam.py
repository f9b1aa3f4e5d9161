"""National Dental Examination of Japan, 102nd to 118th (2009-2025), as a third party's app has it: 6,165 questions.

koromodental-debug/kokushi-app. UNCHECKED: texts by OCR, keys and marks of void questions as that app gives them, no
licence stated, no ministry source compared. A score here is a score on that file.

Keys: one choice or several, alternatives (``AB/AE``), all that apply (すべて選べ), 36 numbers (digits of boxes that the
stems have lost: see ``Number.from_digits``), orders (並べよ), 93 excluded by the app (void). Repaired (``Cleaned``):
choices that stand in the stem (the sixth to eighth, mostly), or out of order, leftovers of pages, misread 「選べ」. Not
to be repaired, and void (``no-key``, 72): a stem into which a later question has run, whose choices are that later
question's; a key beyond the choices, of another number of choices than its stem asks for, or no order where one is
asked for; choices or a stem that the file has lost. ``dental_exam-118`` (or ``-2025``) is one exam; sections are the
sessions A to D, every question counts 1 point. 2,607 need a figure: shown where its file lies in
``dental_exam/images/``.

Source: src/data/questions.json and public/images/ of koromodental-debug/kokushi-app (or the rows as JSON Lines).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from igaku.benchmarks.base import LOST, Benchmark, unspaced
from igaku.benchmarks.dental_text import COMMON, Cleaned, cleaned, named_case
from igaku.benchmarks.linked import shared
from igaku.benchmarks.years import DENTISTS
from igaku.errors import IgakuError
from igaku.io.json_values import read_json
from igaku.io.paths import find_data
from igaku.io.rows import need, read_jsonl
from igaku.keys.stated import stated
from igaku.question import LETTERS, Choices, Key, Number, Ordering, Question, Void

FILES = ("dental_exam/questions.json", "dental_exam/questions_102-118.jsonl")
"""Upstream's own file, and its rows as JSON Lines; the first that lies here is read."""
EXAMS = tuple(map(str, range(102, 119)))
_FIGURE = re.compile(r"別\s*冊|(?:別に|[図表]に|写真を|画像を|図を|表を)示す|写真で示")
_SYMBOLS = frozenset("アイウエオカキク")


class DentalExam(Benchmark):
    """See the module."""

    name = "dental_exam"
    title = "dentist exams 102-118 (third party, unchecked)"
    title_ja = "歯科医師国家試験 102–118 回（第三者による未検証データ）"
    licence = "none stated"
    upstream = "koromodental-debug/kokushi-app"
    slices = EXAMS
    by_hand: ClassVar[str] = (
        "no licence is stated, so igaku does not fetch it: clone github.com/koromodental-debug/kokushi-app and copy "
        "src/data/questions.json and public/images into dental_exam/ of a data folder"
    )

    def files(self, lang: str) -> list[str]:
        """The one file."""
        return [next((f for f in FILES if find_data(f)), FILES[0])]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The exams in the file, where it is here."""
        here = cls()
        found = find_data(here.files("ja")[0])
        return tuple(dict.fromkeys(str(row.get("year")) for _, row in _rows(found))) if found else cls.slices

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """The year of an exam."""
        return {str(DENTISTS + int(exam)): exam for exam in cls.parts() if exam.isdecimal()}

    def questions(self, lang: str) -> list[Question]:
        """Exam by exam, in order; linked questions share a group."""
        path = self.path(self.files(lang)[0])
        rows = [(where, row) for where, row in _rows(path) if self.part in ("", str(row.get("year")))]
        stems = {str(row.get("id")): str(row.get("questionText")) for _, row in rows}
        groups = {m[1]: m[1] for text in stems.values() if (m := COMMON.match(text))}
        return shared([_question(row, stems, groups, path.parent, where) for where, row in rows])


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.suffix == ".jsonl":
        yield from ((f"{path}, line {n}", row) for n, row in read_jsonl(path))
        return
    rows = read_json(path)
    rows = rows.get("questions") if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IgakuError(f"{path}: expected a list of questions, or an object with one")
    yield from ((f"{path}, question {n}", row) for n, row in enumerate(rows, 1))


def _question(row: dict[str, Any], stems: dict[str, str], groups: dict[str, str], folder: Path, where: str) -> Question:
    name, exam = need(row, "id", str, where), need(row, "year", int, where)
    given = {str(k): str(v) for k, v in need(row, "choices", dict, where).items()}
    text = cleaned(need(row, "questionText", str, where), name, given)
    for number in text.linked:
        groups.setdefault(f"{name[:4]}{number}", name)
    key, void = _key(need(row, "answer", str, where), text, need(row, "isExcluded", bool, where))
    pictures = [folder / str(p).lstrip("/") for p in need(row, "images", list, where)]
    choices = tuple(unspaced(text.choices[c]) for c in sorted(text.choices))
    figure = row.get("hasFigure") or pictures or _FIGURE.search(text.stem) or _SYMBOLS >= set(choices) > set()
    case = named_case(text.common, stems)
    return Question(
        id=name,
        lang="ja",
        stem=text.stem or LOST,
        context=case,
        choices=choices,
        key=key,
        void=void,
        text_only=not figure,
        images=tuple(str(p) for p in pictures if p.is_file()),
        year=str(DENTISTS + exam),
        section=need(row, "session", str, where),
        group=groups.get(name, text.common),
        source="koromodental-debug/kokushi-app: third party, unchecked",
    )


def _key(answer: str, text: Cleaned, excluded: bool) -> tuple[Key, Void]:
    """The key, or why there is none."""
    if excluded:
        return Choices(()), "excluded"
    if not text.choices:
        number = Number.from_digits([answer], text.stem)
        return (number, "") if number else (Choices(()), "no-key")
    letters = [a.strip().lower() for a in answer.split("/")]
    known = LETTERS[: len(text.choices)]
    if text.lost or not text.stem or not all(a and set(a) <= set(known) for a in letters):
        return Choices(()), "no-key"
    wanted = stated(text.stem)
    if wanted == "order":
        in_order = len(letters) == 1 and sorted(letters[0]) == sorted(known)
        return (Ordering(tuple(map(known.index, letters[0]))), "") if in_order else (Choices(()), "no-key")
    if isinstance(wanted, int) and all(len(a) != wanted for a in letters):
        return Choices(()), "no-key"
    return Choices.letters(*letters), ""
