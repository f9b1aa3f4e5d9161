"""MMLU, medical subjects: 1,089 questions.

MMLU's medical subjects (Hendrycks et al. 2021, arXiv 2009.03300). English, text only, four choices, single
answers. Upstream's file does not keep the subject of a question.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class MMLUMedical(MedLLM):
    """See the module."""

    name = "mmlu_medical"
    title = "MMLU, medical subjects"
    title_ja = "MMLU（医学分野）"
    languages = ("en",)
    file = "medllm_qa/en/MMLU/mmlu_en_medical.jsonl"
