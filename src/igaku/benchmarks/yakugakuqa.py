"""YakugakuQA: National Examination for Pharmacists of Japan, 97th to 108th (2012-2023), 4,140 questions.

EQUES, part of JPharmaBench (Ono et al. 2025, arXiv 2505.16661). Japanese; 2,771 text only, the rest refer to a figure
that is not in the files; of those, 366 have pictures for choices (``IMAGES`` upstream), shown here as five (or, where
the key is 6, six) bare letters. 4 to 8 choices (most 5), one, two or three answers, all worth 1 point; the stems say
how many. The stems of 105049 and 105053 are lost in the file. Upstream counts from 1; here answers are letters like
everywhere else. LaTeX occurs in the texts.

Special keys, all as data: 18 questions are 解なし (no answer; nobody was marked: void, ``excluded``); 6 accept any
one or any two of those listed (いずれか). Sections by number: 必須 (1-90, ``required``), 理論 (91-195, ``theory``),
実践 (196-345, ``practice``). Subject (nine) from the metadata, joined by id: those of 2012-2020 repeat their rows
several times. 連問 share a group (``groups.json``): 196 to 325 are pairs by the exam's plan, and a few more questions
refer back with their first words.

Source: EQUES-Inc/pharma-LLM-eval (HF EQUES/YakugakuQA, CC BY-SA 4.0). 2024 is upstream only.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations

from igaku.benchmarks.base import LOST, Benchmark, lettered
from igaku.benchmarks.linked import known_groups
from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.question import Choices, Question, Void

EXAMS = {str(2012 + i): f"{97 + i:03d}" for i in range(12)}
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
        years = [self.part] if self.part else list(EXAMS)
        return [f"yakugakuqa/{y}/{kind}{EXAMS[y]}.jsonl" for y in years for kind in ("", "metadata_")]

    def explanations(self, lang: str) -> dict[str, str]:
        """Upstream's ``comment``."""
        rows = (row for relative in self.files(lang)[::2] for _, row in read_jsonl(self.path(relative)))
        return {row["problem_id"]: row["comment"] for row in rows if row.get("comment")}

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield year by year, in exam order."""
        files = iter(self.files(lang))
        for relative, metadata in zip(files, files):
            path = self.path(relative)
            subjects = {row["problem_id"]: row.get("category", "") for _, row in read_jsonl(self.path(metadata))}
            for line, row in read_jsonl(path):
                where = f"{path}, line {line}"
                name = need(row, "problem_id", str, where)
                given = need(row, "choices", (list, str), where)
                answer = need(row, "answer", list, where)
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
                    group=known_groups(self.name).get(name, ""),
                )


def keys(answer: list[str], n_choices: int, where: str) -> tuple[Choices, Void]:
    """``["1", "2"]`` is both; ``["2", "4", "5（いずれか2つ…）"]`` is any two of them; ``["解なし"]`` is void."""
    text = unicodedata.normalize("NFKC", " ".join(answer))
    if text.startswith("解なし"):
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


def _section(number: int) -> str:
    return "required" if number <= 90 else "theory" if number <= 195 else "practice"
