"""JMED-LLM: eight clinical text tasks of 100 items each, scored apart.

Sociocom, sociocom/JMED-LLM (2024). Japanese, text only. Classification: ``jmmlu_med`` (medical JMMLU), ``crade``
(adverse event: four ordered grades), ``rrtnm`` (TNM from radiology reports), ``smdis`` (illness in posts), ``jcsts``
(similarity of two sentences, six ordered grades). Extraction: ``mrner_disease``, ``mrner_medicine``, ``nrner`` (the
key is a list of expressions, written as a Python list and read as a literal, never evaluated).

Scores, as upstream's table: Cohen's kappa, linearly weighted for ``crade`` and ``jcsts`` only, with accuracy beside it;
for extraction the mean F1 of the lists, exact and partial. Upstream's partial F1 has a slip (``terms-as-published``
keeps it). ``jmed_llm`` asks all eight; ``jmed_llm-crade`` one.

Source: one CSV a task. CC BY 4.0; JCSTS and NRNER CC BY-NC-SA 4.0.
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.errors import IgakuError
from igaku.io.rows import literal_list, read_csv
from igaku.question import Question, Terms

TASKS = {
    "jmmlu_med": "kappa",
    "crade": "linear_kappa",
    "rrtnm": "kappa",
    "smdis": "kappa",
    "jcsts": "linear_kappa",
    "mrner_disease": "f1",
    "mrner_medicine": "f1",
    "nrner": "f1",
}


class JMEDLLM(Benchmark):
    """See the module."""

    name = "jmed_llm"
    title = "JMED-LLM (clinical text, 8 tasks)"
    title_ja = "JMED-LLM（臨床テキスト 8 課題）"
    languages = ("ja",)
    licence = "CC BY 4.0; JCSTS, NRNER CC BY-NC-SA 4.0"
    upstream = "sociocom/JMED-LLM"
    slices = tuple(TASKS)
    scored_by_slice = True

    def __init__(self, part: str = "") -> None:
        super().__init__(part)
        self.aggregate = TASKS.get(part, "kappa")
        if self.aggregate == "f1":
            self.prompt, self.method = "extract", "terms"

    def files(self, lang: str) -> list[str]:
        """One CSV a task."""
        return [f"jmed_llm/{task}.csv" for task in ([self.part] if self.part else TASKS)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield task after task."""
        for relative in self.files(lang):
            path = self.path(relative)
            for line, row in read_csv(path):
                choices = tuple(row[f"option{c}"] for c in "ABCDEF" if row.get(f"option{c}"))
                key = letter_key([row["answer"].lower()], len(choices)) if choices else _terms(row["answer"])
                if key is None:
                    raise IgakuError(
                        f"{path}, line {line}: field 'answer' {row['answer'][:40]!r} is no key of this task"
                    )
                yield Question(
                    id=f"{path.stem}-{line}",
                    lang=lang,
                    stem=row["question"],
                    choices=choices,
                    key=key,
                    section=row.get("tag") or "",
                )


def _terms(answer: str) -> Terms | None:
    items = literal_list(answer)
    return Terms(tuple(sorted(items))) if items else None
