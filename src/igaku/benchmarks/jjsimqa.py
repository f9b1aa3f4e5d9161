"""JJSIMQA: 460 self-study questions of the Japanese Society of Internal Medicine, used by JMedLoRA.

Japanese, text only, five choices; 253 single answers, 205 double, one triple, one quadruple; the stems say how
many. Id ``107_64-0`` is volume 107, its question 64; the last number is a running one.

Source: aistairc/medLLM_QA_benchmark; this file is CC BY-NC-SA 4.0 there (not MIT).
"""

from typing import Any

from igaku.benchmarks.medllm import MedLLM
from igaku.question import Question


class JJSIMQA(MedLLM):
    """See the module."""

    name = "jjsimqa"
    title = "JJSIMQA (internal medicine, Japan)"
    title_ja = "JJSIMQA（日本内科学会 セルフトレーニング問題）"
    languages = ("ja",)
    licence = "CC BY-NC-SA 4.0"
    file = "medllm_qa/ja/JJSIMQA/jjsimqa.jsonl"

    def row(self, row: dict[str, Any], lang: str, where: str, **more: Any) -> Question:
        """The volume of the journal stands for the year."""
        return super().row(row, lang, where, year=str(row.get("problem_id", "")).split("_")[0], **more)
