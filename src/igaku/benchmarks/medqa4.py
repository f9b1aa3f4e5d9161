"""MedQA (USMLE), 4 options: 1,273 questions.

The same stems as ``medqa`` with one wrong option fewer, the form that Med-PaLM and Meditron report. English, text
only, single answers, letters a-d.

Source: aistairc/medLLM_QA_benchmark (MIT).
"""

from igaku.benchmarks.medllm import MedLLM


class MedQA4(MedLLM):
    """See the module."""

    name = "medqa4"
    title = "MedQA (USMLE), 4 options"
    title_ja = "MedQA（USMLE）4 択"
    languages = ("en",)
    file = "medllm_qa/en/MedQA-4op/medqa_en_4op.jsonl"
