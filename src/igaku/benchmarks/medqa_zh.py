"""MedQA (mainland China), 5 options: 3,426 questions.

The test split of MedQA-MCMLE (Jin et al. 2020, arXiv 2009.13081). Simplified Chinese, text only, five choices,
single answers. 7 questions hold two equal choices.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class MedQAzh(MedLLM):
    """See the module."""

    name = "medqa_zh"
    title = "MedQA (mainland China), 5 options"
    title_ja = "MedQA（中国）5 択"
    languages = ("zh",)
    file = "medllm_qa/zh/MedQA/medqa_zh.jsonl"
