"""MedRECT: is there an error in this clinical text, in which sentence, and what is right? Japanese and English.

Iwase et al. 2025 (Preferred Networks, arXiv 2511.00421). Each text has numbered sentences and at most one error.
Japanese: 663 texts, 367 (55.4 %) with an error, written by language models from questions of the 118th and 119th
physicians' exams (2024, 2025): upstream's file after its third step (720) without those that its fourth step rejected
(57). English: 458 texts, 243 with an error, taken from MEDEC's test set. Corrections are one of several that would do.

Texts made of one exam question, or that open with the same sentence, share a group: they are not independent. In 12
texts the error is a part of its numbered sentence: the sentence with that part put right is accepted too. The numbers
count from 1. Upstream's templates with examples take them from these same questions; igaku's templates do not.

Source: pfnet-research/medrect, data CC BY 4.0 (the exams: MHLW).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.linked import shared
from igaku.benchmarks.years import PHYSICIANS, year_of
from igaku.errors import IgakuError
from igaku.io.json_values import json_rows
from igaku.io.rows import need
from igaku.keys.correction import sentences
from igaku.question import Correction, Question

TEXTS = {"ja": "medrect/medrect-ja-step3-deduplicated.json", "en": "medrect/medrect-en-accepted.json"}
REJECTED = "medrect/medrect-ja-step4-rejected.json"


class MedRECT(Benchmark):
    """See the module."""

    name = "medrect"
    title = "MedRECT (errors in clinical texts)"
    title_ja = "MedRECT（臨床文の誤りの検出・特定・訂正）"
    languages = ("ja", "en")
    licence = "CC BY 4.0"
    upstream = "pfnet-research/medrect"
    aggregate = "error_f1"
    prompt = "error"
    method = "error"

    def files(self, lang: str) -> list[str]:
        """The texts; for Japanese also those that upstream rejected."""
        return [TEXTS[lang], REJECTED] if lang == "ja" else [TEXTS[lang]]

    def questions(self, lang: str) -> list[Question]:
        """Text after text, the rejected ones left out."""
        return shared(self._texts(lang))

    def _texts(self, lang: str) -> Iterator[Question]:
        path, *others = [self.path(f) for f in self.files(lang)]
        rejected = {str(row["sample_id"]) for other in others for _, row in json_rows(other, "text")}
        cases: dict[str, str] = {}
        for where, row in json_rows(path, "text"):
            name = need(row, "sample_id", str, where)
            if name not in rejected:
                metadata = row.get("metadata") or {}
                exam = str(metadata.get("jmle_question_id", ""))
                case = case_text(str((metadata.get("original_jmle_data") or {}).get("question", "")))
                yield correction(
                    name,
                    lang,
                    need(row, "sentences", str, where),
                    int(need(row, "error_flag", int, where)),
                    row,
                    cases,
                    where,
                    group=cases.setdefault(case, exam) if exam else "",
                    year=year_of(exam, PHYSICIANS),
                    category=str(row.get("error_type") or ""),
                )


def correction(
    name: str,
    lang: str,
    text: str,
    flag: int,
    row: Mapping[str, Any],
    cases: dict[str, str],
    where: str,
    *,
    group: str = "",
    year: str = "",
    category: str = "",
) -> Question:
    """One text as a question; ``row`` holds ``error_sentence_id``, ``error_sentence`` and ``corrected_sentence``.

    ``cases``: opening sentence -> the first text with it, which names the group of texts without one.
    """
    lines = sentences(text)
    if not lines:
        raise IgakuError(f"{where}: field 'sentences' has no numbered sentences")
    key = _key(dict(lines), row, where) if flag else Correction()
    return Question(
        id=name,
        lang=lang,
        stem="\n".join(f"{n}. {s}" for n, s in lines),
        key=key,
        group=group or cases.setdefault(re.sub(r"\W", "", lines[0][1]), name),
        year=year,
        category=category,
    )


def case_text(stem: str) -> str:
    """The beginning of a case, by which linked questions know each other."""
    return re.sub(r"\s", "", stem)[:80]


def _key(lines: Mapping[int, str], row: Mapping[str, Any], where: str) -> Correction:
    number = int(need(row, "error_sentence_id", (int, str), where))
    if number not in lines:
        raise IgakuError(f"{where}: field 'error_sentence_id' {number} is not one of its {len(lines)} sentences")
    given = " ".join(need(row, "corrected_sentence", str, where).split())
    faulty, line = " ".join(str(row.get("error_sentence") or "").split()), lines[number]
    whole = line.replace(faulty, given, 1) if faulty and faulty != line and faulty in line else given
    return Correction(number, tuple(dict.fromkeys((given, whole))))
