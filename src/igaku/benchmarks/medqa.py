"""MedQA (USMLE), five options: 1,273 questions of the test split of MedQA-US (Jin et al. 2020, arXiv 2009.13081).
English, text only, single answers, letters a-e. Note that the whole of MedQA-US, test split included, was in
MedSwallow's training data.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class MedQA(MedLLM):
    """See the module."""

    name = "medqa"
    title = "MedQA (USMLE), 5 options"
    title_ja = "MedQA（USMLE）5 択"
    languages = ("en",)
    file = "medllm_qa/en/MedQA/medqa_en.jsonl"
