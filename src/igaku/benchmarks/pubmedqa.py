"""PubMedQA: 500 expert-labelled questions on PubMed abstracts, answered yes, no or maybe.

Jin et al. 2019 (arXiv 1909.06146), the test half of PQA-L. English; the abstract (without its conclusion) stands
before the question; three choices, single answers. Always answering yes already scores more than half.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from typing import Any

from igaku.benchmarks.medllm import MedLLM
from igaku.io.rows import need
from igaku.question import Question


class PubMedQA(MedLLM):
    """See the module."""

    name = "pubmedqa"
    title = "PubMedQA"
    title_ja = "PubMedQA"
    languages = ("en",)
    file = "medllm_qa/en/PubMedQA/pubmedqa.jsonl"

    def row(self, row: dict[str, Any], lang: str, where: str, **more: Any) -> Question:
        """Keep the abstract as the question's context."""
        return super().row(row, lang, where, context=need(row, "context", str, where), **more)
