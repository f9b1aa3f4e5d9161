"""DenQA: National Dental Examination of Japan, 116th and 117th (2023, 2024), 720 questions.

Japanese; 433 text only, 287 refer to an image that is not in the file. Choices 5 (a few 6 to 8), answers 1 to 5.
Two kinds of key are not a plain set of letters:

- "put in order" stems (並べよ): the answer lists the letters in order, and only that order is right (``Ordering``);
- "NA": upstream has no key, numeric questions included. Those are void here (``no-key``): asked, counted, not scored.

Where the stem says "choose two" and upstream lists one letter, or the other way round, the key is kept as it
stands there.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from typing import Any

from igaku.benchmarks.medllm import MedLLM
from igaku.benchmarks.years import DENTISTS, year_of
from igaku.question import LETTERS, Ordering, Question


class DenQA(MedLLM):
    """See the module."""

    name = "denqa"
    title = "DenQA (dentists, Japan)"
    title_ja = "DenQA（歯科医師国家試験 2023・2024）"
    languages = ("ja",)
    file = "medllm_qa/ja/DenQA/denqa.jsonl"

    def row(self, row: dict[str, Any], lang: str, where: str, **more: Any) -> Question:
        """Exam number gives the year, the letter after it the section; ordering keys keep their order."""
        name = str(row.get("problem_id", ""))
        more |= {"year": year_of(name, DENTISTS), "section": name[3:4]}
        answer = row.get("answer")
        if "並べよ" in str(row.get("problem_text")) and isinstance(answer, list) and len(answer) > 1:
            more["key"] = Ordering(tuple(LETTERS.index(a) for a in answer))
        return super().row(row, lang, where, **more)
