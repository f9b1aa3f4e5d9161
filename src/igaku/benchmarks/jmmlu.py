"""JMMLU: the Japanese MMLU, translated and checked by people, with Japanese culture added.

Rikuto Yin et al., nlp-waseda/JMMLU, CC BY-SA 4.0. Japanese, text only, four choices, single answers.
``jmmlu`` is its medical subjects; ``jmmlu-virology`` is one subject, any of the 53. Ids are subject and line.

Source: one CSV a subject, six columns without a header (stem, four choices, letter).
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.errors import IgakuError
from igaku.io.rows import read_csv
from igaku.question import Question

MEDICAL = (
    "anatomy",
    "clinical_knowledge",
    "college_medicine",
    "human_aging",
    "medical_genetics",
    "nutrition",
    "professional_medicine",
    "virology",
)
OTHER = (
    "abstract_algebra",
    "astronomy",
    "business_ethics",
    "college_biology",
    "college_chemistry",
    "college_computer_science",
    "college_mathematics",
    "college_physics",
    "computer_security",
    "conceptual_physics",
    "econometrics",
    "electrical_engineering",
    "elementary_mathematics",
    "formal_logic",
    "global_facts",
    "high_school_biology",
    "high_school_chemistry",
    "high_school_computer_science",
    "high_school_european_history",
    "high_school_geography",
    "high_school_macroeconomics",
    "high_school_mathematics",
    "high_school_microeconomics",
    "high_school_physics",
    "high_school_psychology",
    "high_school_statistics",
    "human_sexuality",
    "international_law",
    "japanese_history",
    "jurisprudence",
    "logical_fallacies",
    "machine_learning",
    "management",
    "marketing",
    "miscellaneous",
    "moral_disputes",
    "philosophy",
    "prehistory",
    "professional_accounting",
    "professional_psychology",
    "public_relations",
    "security_studies",
    "sociology",
    "world_history",
    "world_religions",
)


class JMMLU(Benchmark):
    """See the module."""

    name = "jmmlu"
    title = "JMMLU (medical subjects)"
    title_ja = "JMMLU（医学分野。ほかの分野も可）"
    languages = ("ja",)
    licence = "CC BY-SA 4.0"
    upstream = "nlp-waseda/JMMLU"
    slices = MEDICAL + OTHER

    def files(self, lang: str) -> list[str]:
        """One CSV a subject."""
        return [f"jmmlu/{subject}.csv" for subject in ([self.part] if self.part else MEDICAL)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield subject after subject."""
        for relative in self.files(lang):
            path = self.path(relative)
            for line, row in read_csv(path, ["stem", "a", "b", "c", "d", "answer"]):
                choices = tuple(row[c].strip() for c in "abcd")
                key = letter_key([row["answer"].strip().lower()], 4)
                if key is None:
                    raise IgakuError(f"{path}, line {line}: field 'answer' must be A to D, found {row['answer']!r}")
                yield Question(
                    id=f"{path.stem}-{line}", lang=lang, stem=row["stem"], choices=choices, key=key, category=path.stem
                )
