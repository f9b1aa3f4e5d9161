"""MedMCQA: 4,183 questions of MedMCQA's validation split (Pal et al. 2022, arXiv 2203.14371): Indian AIIMS and NEET-PG
entrance exams. English, text only, four choices, single answers. 21 questions hold two equal choices.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class MedMCQA(MedLLM):
    """See the module."""

    name = "medmcqa"
    title = "MedMCQA"
    title_ja = "MedMCQA（インド）"
    languages = ("en",)
    file = "medllm_qa/en/MedMCQA/medmcqa.jsonl"
