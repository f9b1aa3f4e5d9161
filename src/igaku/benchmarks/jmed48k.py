"""JMed48k-Eval: eleven licences, 2021 to 2025, 12,484 scored questions, 2,579 of them with pictures, in Japanese.

Xun et al. 2026 (arXiv 2605.22080), JMed48k/JMed48k on the hub, CC BY-NC 4.0: the last five years of a corpus of 48,862
questions from the ministry's PDFs, read by machine. The files are the user's to fetch: the folder ``JMed48k-eval`` as
``jmed48k/JMed48k-eval``, one folder a licence (``05_…``), one JSON a year (``…_2024/….json``) with its pictures.

What a row holds was read off a public script that reads the snapshot 817f187 (``question_number``, ``section``,
``question_text``, ``text_reference``, ``options`` by label, ``correct_answer`` as a list, ``text_only``, ``img`` with
``content_img`` and ``answer_img``). The keys are the project's, not held against the ministry's sheets. Where it gives
several answers and the stem does not ask for as many, all or any may be meant: the question has no key. Choices that
are pictures stand as their letters.

It gives no points: those of the exam's plan are taken (``licences.toml``). For dentists and orthoptists no number tells
them, and it gives no subjects of pharmacists' questions, so these three have no verdict in ``igaku exam``. A slice is
one licence or one year of it; the whole is asked as its licences. It overlaps with igakuqa, yakugakuqa and kokushimd.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.licence_rows import choices_of, key_of, pictures_of
from igaku.benchmarks.licences import block_of, licences, part_of, slices
from igaku.benchmarks.linked import with_groups
from igaku.errors import IgakuError
from igaku.io.json_values import read_json
from igaku.io.rows import need
from igaku.question import Question

FOLDER = "jmed48k/JMed48k-eval"
_YEAR = re.compile(r"(20\d\d)")
_NUMBER = re.compile(r"\d{1,2}")


class JMed48k(Benchmark):
    """See the module."""

    name = "jmed48k"
    title = "JMed48k-Eval (eleven licences, Japan)"
    title_ja = "JMed48k-Eval（11 職種の国家試験 2021–2025）"
    licence = "CC BY-NC 4.0"
    upstream = "JMed48k/JMed48k (hub)"
    by_hand = "download it from https://huggingface.co/datasets/JMed48k/JMed48k (CC BY-NC 4.0)"
    slices = slices(range(2021, 2026))
    scored_by_slice = True

    def files(self, lang: str) -> list[str]:
        """The folder: its files' names are upstream's."""
        return [FOLDER]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield licence by licence, year by year, in exam order."""
        root = self.path(FOLDER)
        wanted, year = part_of(self.part)
        for name, one in licences().items():
            for file in sorted(f for f in root.rglob("*.json") if _folder(f.relative_to(root)) == one.folder):
                found = _YEAR.findall(file.relative_to(root).as_posix())
                if not found:
                    raise IgakuError(f"{file}: no year in its path; keep upstream's folders")
                if wanted in ("", name) and year in ("", found[-1]):
                    yield from with_groups(list(_file(file, root, name, found[-1])))


def _folder(relative: Path) -> int:
    """The number with which the licence's folder begins; 0 where it has none."""
    found = _NUMBER.match(relative.parts[0])
    return int(found[0]) if found else 0


def _file(file: Path, root: Path, licence: str, year: str) -> Iterator[Question]:
    data = read_json(file)
    rows = data.get("questions") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise IgakuError(f"{file}: not a file of JMed48k (no list 'questions' in it)")
    for n, row in enumerate(rows, 1):
        where = f"{file}, question {n}"
        if not isinstance(row, dict):
            raise IgakuError(f"{where}: expected an object, found {type(row).__name__}")
        folders = [file.parent, root, root.parent, file.parent / f"{year}_images"]
        yield _question(row, licence, year, folders, where)


def _question(row: dict[str, Any], licence: str, year: str, folders: list[Path], where: str) -> Question:
    number, part = str(need(row, "question_number", (int, str), where)), str(row.get("section") or "")
    digits = re.search(r"\d+", number)
    block = block_of(part)
    plan = licences()[licence].row(block, int(digits[0])) if digits else None
    stem = unicodedata.normalize("NFC", need(row, "question_text", str, where)).strip()
    options = row.get("options")
    choices = choices_of(options if options is not None else {}, {}, where)
    key, void = key_of(row.get("correct_answer") or [], choices, stem)
    img = row.get("img")
    named = [n for k in ("content_img", "answer_img") for n in _list(img.get(k)) if n] if isinstance(img, dict) else []
    return Question(
        id=f"{licence}-{year}-{block or 'all'}-{number}",
        lang="ja",
        stem=stem,
        choices=choices.texts,
        key=key,
        void=void,
        points=plan.points if plan and plan.points is not None else 1.0,
        text_only=bool(row.get("text_only", not named)),
        images=pictures_of(named, folders, where),
        year=year,
        section=plan.section if plan else "",
        context=str(row.get("text_reference") or "").strip(),
        source="JMed48k (Xun et al. 2026), CC BY-NC 4.0; exam: MHLW",
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
