"""CMExam: 6,811 questions of the test split of the Chinese National Medical Licensing Examination set.

Liu et al. 2023 (arXiv 2306.03030). Simplified Chinese, text only, 5 choices (202 questions have 4); 204 questions
want two to five answers and their stems do not say how many. One key lies outside its choices: that question
is void here (``no-key``). 4 questions hold two equal choices.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class CMExam(MedLLM):
    """See the module."""

    name = "cmexam"
    title = "CMExam (China)"
    title_ja = "CMExam（中国）"
    languages = ("zh",)
    file = "medllm_qa/zh/CMExam/cmexam.jsonl"
