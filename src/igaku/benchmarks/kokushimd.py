"""KokushiMD-10: the national exams of ten licences, 2020 to 2024, 11,588 questions with pictures, Japanese and English.

Liu et al. 2025 (arXiv 2506.11114), humanalysis-square/KokushiMD-10 on the hub, MIT; the English is a translation. It
holds YakugakuQA's years 2020-2023 and IgakuQA's 2020-2022 again: never add them up, and see decontamination.

The files are the user's to fetch: ``data/train_ja.jsonl`` and ``data/train_en.jsonl`` as ``kokushimd/train_ja.jsonl``
and ``_en``, pictures beside them by the paths that the rows name. What a row holds was read off the project's scorer
(juniorliu95/KokushiMD-10 at 2455364: ``index``, ``answer``, ``points``, ``kinki``, ``text_only``, ``human_accuracy``,
``answer_sub2``, ``corrected_question_index``), not off the rows, which we have not seen: question, choices, licence,
year, block and pictures are looked for under the likely names below, and a row without them is refused in one line.

A slice is one licence (``kokushimd-nurse``) or one year of it (``kokushimd-nurse-2024``), and the whole is asked as its
licences, since each has its own marks (``igaku exam``). A question that the ministry corrected (``corrected_…``) or
that has no answer is void. Pharmacists' questions have one point each here, and two in the marks. The project's scorer
takes numbers above 80 for the therapists' practical part, which then holds 40 points of which 43 are needed; here it is
the questions of 3 points, 1 to 20 of each half.
"""

import re
from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.by_hand import ByHand
from igaku.benchmarks.igakuqa import prohibited
from igaku.benchmarks.licence_rows import choices_of, first, key_of, pictures_of
from igaku.benchmarks.licences import block_of, licence_of, licences, part_of, slices
from igaku.benchmarks.linked import with_groups
from igaku.errors import IgakuError
from igaku.io.rows import is_number, read_jsonl
from igaku.question import Choices, Question

STEMS = ("question", "problem_text", "question_text", "problem", "stem")
CHOICES = ("choices", "options")
LICENCES = (
    "exam",
    "exam_type",
    "test_type",
    "profession",
    "role",
    "licence",
    "license",
    "occupation",
    "subject",
    "type",
)
YEARS = ("year", "exam_year")
BLOCKS = ("section", "part", "block", "session")
NUMBERS = ("index", "question_number", "number", "problem_number", "no")
ANSWERS = ("answer", "correct_answer", "answers", "label")
PICTURES = ("images", "image", "img", "image_paths", "image_path", "figures")
_FILE = re.compile(r"(?P<licence>\D+?)_(?P<year>20\d\d)_(?P<block>[a-f]\d?)", re.I)


class KokushiMD(ByHand):
    """See the module."""

    name = "kokushimd"
    title = "KokushiMD-10 (ten licences, Japan)"
    title_ja = "KokushiMD-10（10 職種の国家試験 2020–2024）"
    languages = ("ja", "en")
    licence = "MIT"
    upstream = "humanalysis-square/KokushiMD-10 (hub)"
    page = "https://huggingface.co/datasets/humanalysis-square/KokushiMD-10"
    slices = slices(range(2020, 2025), without=("laboratory_technologist",))
    scored_by_slice = True

    def files(self, lang: str) -> list[str]:
        """One file a language."""
        return [f"kokushimd/train_{lang}.jsonl"]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the slice's rows, in the file's order; those whose stems name each other are linked."""
        return iter(with_groups(list(self._rows(lang))))

    def _rows(self, lang: str) -> Iterator[Question]:
        path = self.path(self.files(lang)[0])
        licence, year = part_of(self.part)
        for line, row in read_jsonl(path):
            where = f"{path}, line {line}"
            mine = _identity(row, where)
            if licence in ("", mine["licence"]) and year in ("", mine["year"]):
                yield _question(row, mine, lang, [path.parent, path.parent / "images"], where)


def _identity(row: dict[str, Any], where: str) -> dict[str, str]:
    """Licence, year, block and number of a row, from its fields or from its id or file (``看護_2023_a``).

    Raises:
        IgakuError: one of them is missing.
    """
    named = next((m for k in ("id", "file", "source", "exam_id") if (m := _FILE.search(str(row.get(k, ""))))), None)
    parts = named.groupdict() if named else {}
    found = {
        "licence": str(first(row, LICENCES) or parts.get("licence") or ""),
        "year": str(first(row, YEARS) or parts.get("year") or ""),
        "block": str(first(row, BLOCKS) or parts.get("block") or ""),
        "number": str(first(row, NUMBERS) or ""),
    }
    if missing := [name for name in ("licence", "year", "number") if not found[name]]:
        raise IgakuError(
            f"{where}: no {' and no '.join(missing)} in it under the names that igaku knows (found: "
            f"{', '.join(map(str, row))}); see igaku.benchmarks.kokushimd"
        )
    if not (digits := re.match(r"\d+", found["number"])):
        raise IgakuError(f"{where}: the question's number {found['number']!r} is none")
    return found | {
        "licence": licence_of(found["licence"], where),
        "year": found["year"][:4],
        "block": block_of(found["block"]),
        "part": found["block"].strip().lower(),
        "digits": digits[0],
    }


def _question(row: dict[str, Any], mine: dict[str, str], lang: str, folders: list[Any], where: str) -> Question:
    licence = licences()[mine["licence"]]
    plan = licence.row(mine["block"], int(mine["digits"]))
    given, choices = first(row, STEMS), first(row, CHOICES)
    inner = given if isinstance(given, dict) else row
    stem = str(first(given, STEMS) or "") if isinstance(given, dict) else str(given or "")
    if not stem.strip():
        raise IgakuError(f"{where}: no question in it (fields {', '.join(STEMS)}; found: {', '.join(map(str, row))})")
    shown = choices_of(choices, inner, where)
    key, void = key_of(first(row, ANSWERS), shown, stem)
    accuracy = str(row.get("human_accuracy", "")).strip(" %")
    human = float(accuracy) if is_number(accuracy) else None
    own = float(str(row["points"])) if not licence.equal and is_number(str(row.get("points", ""))) else None
    points = own if own is not None else plan.points if plan else None
    if points is None:
        raise IgakuError(f"{where}: field 'points' is missing, and no number of a {licence.title_ja} exam tells it")
    return Question(
        id=f"{mine['licence']}-{mine['year']}-{mine['part'] or 'all'}-{mine['number']}",
        lang=lang,
        stem=stem.strip(),
        choices=shown.texts,
        key=key,
        void="excluded" if row.get("corrected_question_index") is not None else void,
        points=points,
        text_only=bool(row.get("text_only", not first(row, PICTURES))),
        images=pictures_of(first(row, PICTURES), folders, where),
        year=mine["year"],
        section=_section(mine["licence"], own, plan.section if plan else ""),
        category=str(row.get("answer_sub2") or ""),
        prohibited=_prohibited(row.get("kinki"), shown.labels) if isinstance(key, Choices) else (),
        human_accuracy=human / 100 if human is not None and human > 1 else human,
        source="KokushiMD-10 (Liu et al. 2025), MIT; exam: MHLW",
    )


def _section(licence: str, points: float | None, planned: str) -> str:
    """The part of the exam; the therapists' practical part is what has 3 points."""
    if licence in ("physical_therapist", "occupational_therapist") and points is not None:
        return "practical" if points == 3 else "general"
    return planned


def _prohibited(kinki: object, labels: tuple[str, ...]) -> tuple[int, ...]:
    """Prohibited choices from a text or a list, by letter or number."""
    words = [str(k) for k in (kinki if isinstance(kinki, list) else [kinki or ""])]
    if labels and labels[0].isdigit():
        return tuple(i for i, label in enumerate(labels) if any(label in w for w in words))
    return prohibited(words, len(labels))
