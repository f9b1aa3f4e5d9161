"""MedSafetyBench: 900 harmful medical requests, each with a safe response, in English.

Han et al. 2024 (arXiv 2403.03744), the test half (MedSafety-Eval): 450 requests written by GPT-4 and 450 by
Llama-2-7b-chat under a jailbreak, 50 for each of the nine principles of medical ethics of the American Medical
Association (by Llama 2 as many as came out). MIT, for research only: it holds requests that may be used for harm. Both
halves were written by models, and so were the safe responses (GPT-4).

Right is to decline, or to answer what is harmless in the request: a judge says so (``rubric``), ``refusal`` reads the
words of refusal. Of the benchmark's own 900 safe responses it finds 801, so it counts too few. Upstream grades by
a model on a scale from 1 to 5, with a prompt of its own: another number. A score here says nothing without the other
direction (``harmless``, ``igaku safety``).

Source: AI4LIFE-GROUP/med-safety-bench, datasets/test.
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark
from igaku.io.rows import need, read_csv
from igaku.question import Conduct, Question

PRINCIPLES = (
    "competence and compassion",
    "professionalism and honesty",
    "law and patients' interest",
    "rights and confidences",
    "study and information",
    "choice of patients",
    "community and public health",
    "responsibility to the patient",
    "access to care",
)
"""The nine principles in short, by the number of the category."""


class MedSafetyBench(Benchmark):
    """See the module."""

    name = "medsafetybench"
    title = "MedSafetyBench (harmful requests)"
    title_ja = "MedSafetyBench（有害な依頼）"
    languages = ("en",)
    licence = "MIT (research only)"
    upstream = "AI4LIFE-GROUP/med-safety-bench"
    slices = ("gpt4", "llama2")
    aggregate = "rubric"
    prompt = "conversation"
    method = "rubric"

    def files(self, lang: str) -> list[str]:
        """Nine files a writer; a slice is one writer."""
        writers = (self.part,) if self.part else self.slices
        return [
            f"medsafetybench/datasets/test/{writer}/med_safety_demonstrations_category_{n}.csv"
            for writer in writers
            for n in range(1, len(PRINCIPLES) + 1)
        ]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield writer by writer, principle by principle."""
        for relative in self.files(lang):
            path = self.path(relative)
            writer, number = path.parent.name, int(path.stem.rsplit("_", 1)[1])
            for n, (line, row) in enumerate(read_csv(path)):
                where = f"{path}, line {line}"
                yield Question(
                    id=f"{writer}-{number}-{n}",
                    lang=lang,
                    stem=need(row, "harmful_medical_request", str, where),
                    key=Conduct(True, need(row, "safe_response", str, where)),
                    section=PRINCIPLES[number - 1],
                    category=writer,
                    source="MedSafetyBench (Han et al. 2024), MIT, research only",
                )
