"""YakugakuQA: National Examination for Pharmacists of Japan, 97th to 108th (2012-2023), 4,140 questions.

EQUES, part of JPharmaBench (Ono et al. 2025, arXiv 2505.16661). Japanese; 2,771 text only, the rest refer to a figure
that is not in the files; of those, 366 have pictures for choices (``IMAGES`` upstream), shown here as five (or, where
the key is 6, six) bare letters. 4 to 8 choices (most 5), one, two or three answers, all worth 1 point; the stems say
how many. The stems of 105049 and 105053 are lost in the file. Upstream counts from 1; here answers are letters like
everywhere else. LaTeX occurs in the texts.

Special keys, all as data: 18 questions are 解なし (no answer; nobody was marked: void, ``excluded``), which also counts
where letters stand beside it, or only the metadata's note ends in it; 6 accept any one or any two of those listed
(いずれか). Sections by number: 必須 (1-90, ``required``), 理論 (91-195, ``theory``),
実践 (196-345, ``practice``). Subject (nine) from the metadata, joined by id: those of 2012-2020 repeat their rows
several times. 連問 share a group (``groups.json``): 196 to 325 are pairs by the exam's plan, and a few more questions
refer back with their first words (later years have the pairs of the plan only).

Source: EQUES-Inc/pharma-LLM-eval (HF EQUES/YakugakuQA, CC BY-SA 4.0). A later year
whose files lie in the data folder (``2024/109.jsonl``, with or without ``metadata_109.jsonl``) is read like these.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations

from igaku.benchmarks.base import LOST, Benchmark, lettered
from igaku.benchmarks.linked import known_groups, shared
from igaku.benchmarks.years import PHARMACISTS, years_here
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.io.rows import need, read_jsonl
from igaku.question import Choices, Question, Void

EXAMS = {str(2012 + i): f"{97 + i:03d}" for i in range(12)}
QUESTIONS = r"(\d{3})\.jsonl"
_NO_KEY = re.compile(r"解なし(?:とする|とした|である)?[。．.\s]*$")
_ANY = re.compile(r"いずれか\s*(一|二|[1-9])?\s*つ?")
_HOW_MANY = {"一": 1, "二": 2}


class YakugakuQA(Benchmark):
    """See the module."""

    name = "yakugakuqa"
    title = "YakugakuQA (pharmacists, Japan)"
    title_ja = "YakugakuQA（薬剤師国家試験 2012–2023）"
    languages = ("ja",)
    licence = "CC BY-SA 4.0"
    upstream = "EQUES-Inc/pharma-LLM-eval"
    slices = tuple(EXAMS)

    def files(self, lang: str) -> list[str]:
        """Questions and metadata of each year."""
        return [file for pair in self._years() for file in pair if file]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The years known, and later ones whose questions lie here."""
        return tuple(sorted({*EXAMS, *_later()}))

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """An exam's number for its year."""
        return {str(int(exam)): year for year, exam in (EXAMS | _later()).items()}

    def _years(self) -> list[tuple[str, str]]:
        """Questions and metadata (empty where a later year has none) of each year asked for."""
        later, out = _later(), []
        for year in [self.part] if self.part else self.parts():
            exam = EXAMS.get(year) or later.get(year, str(int(year) - PHARMACISTS))
            metadata = f"yakugakuqa/{year}/metadata_{exam}.jsonl"
            out.append((f"yakugakuqa/{year}/{exam}.jsonl", metadata if year in EXAMS or find_data(metadata) else ""))
        return out

    def explanations(self, lang: str) -> dict[str, str]:
        """Upstream's ``comment``."""
        rows = (row for questions, _ in self._years() for _, row in read_jsonl(self.path(questions)))
        return {row["problem_id"]: row["comment"] for row in rows if row.get("comment")}

    def questions(self, lang: str) -> list[Question]:
        """Year by year, in exam order."""
        return shared(self._all(lang))

    def _all(self, lang: str) -> Iterator[Question]:
        for relative, metadata in self._years():
            path = self.path(relative)
            rows = [row for _, row in read_jsonl(self.path(metadata))] if metadata else []
            subjects = {row["problem_id"]: row.get("category", "") for row in rows}
            without_key = {row["problem_id"] for row in rows if _NO_KEY.search(str(row.get("note", "")))}
            for line, row in read_jsonl(path):
                where = f"{path}, line {line}"
                name = need(row, "problem_id", str, where)
                given = need(row, "choices", (list, str), where)
                answer = [str(a) for a in need(row, "answer", list, where)]
                answer = [*answer, "解なし"] if name in without_key else answer
                pictures = [""] * max([5, *(n + 1 for n in _numbers(answer))])
                choices = lettered(pictures if given == "IMAGES" else map(str, given))
                key, void = keys(answer, len(choices), where)
                yield Question(
                    id=name,
                    lang=lang,
                    stem=need(row, "problem_text", str, where).strip() or LOST,
                    choices=choices,
                    key=key,
                    void=void,
                    points=float(need(row, "points", (str, int, float), where)),
                    year=path.parent.name,
                    text_only=need(row, "text_only", bool, where),
                    section=_section(int(name[-3:])),
                    category=subjects.get(name, ""),
                    group=_group(name),
                )


def keys(answer: list[str], n_choices: int, where: str) -> tuple[Choices, Void]:
    """``["1", "2"]`` is both; ``["2", "4", "5（いずれか2つ…）"]`` is any two of them; ``["解なし"]`` is void, also
    with letters beside it: the official statement goes before any key."""
    text = unicodedata.normalize("NFKC", " ".join(answer))
    if "解なし" in text:
        return Choices(()), "excluded"
    found = _numbers(answer)
    if not found or max(found) >= n_choices:
        raise IgakuError(f"{where}: field 'answer' {answer!r} is not one of its {n_choices} choices")
    if any_of := _ANY.search(text):
        k = _HOW_MANY.get(any_of[1] or "", 0) or int(any_of[1] or 1)
        return Choices(tuple(combinations(sorted(found), k))), ""
    return Choices((tuple(sorted(found)),)), ""


def _numbers(answer: list[str]) -> list[int]:
    heads = [re.match(r"\s*(\d)", unicodedata.normalize("NFKC", a)) for a in answer]
    return [int(h[1]) - 1 for h in heads if h]


def _later() -> dict[str, str]:
    """Years beyond the known ones whose questions lie here -> the exam's number."""
    here = years_here("yakugakuqa", QUESTIONS)
    return {year: next(iter(exams)) for year, exams in here.items() if year not in EXAMS}


def _group(name: str) -> str:
    """Its group by ``groups.json``; in a later exam, by the plan of pairs."""
    exam, number = name[:3], int(name[3:])
    if exam in EXAMS.values():
        return known_groups("yakugakuqa").get(name, "")
    return f"{exam}{number - number % 2:03d}" if 196 <= number <= 325 else ""


def _section(number: int) -> str:
    return "required" if number <= 90 else "theory" if number <= 195 else "practice"
