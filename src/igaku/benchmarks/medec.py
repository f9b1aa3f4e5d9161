"""MEDEC: errors in English clinical notes, found, placed and corrected. Test 597 texts, 311 with an error.

Ben Abacha et al. 2025 (arXiv 2412.19260), the public part (MS): texts made of questions of US board exams, at most one
error in each, of five kinds (diagnosis, management, treatment, pharmacotherapy, causal organism). The validation set
(574, 319 with an error) is ``medec-validation``. The test file has 925 rows: the 328 without any text stand for the
hospitals' notes (UW), which need an agreement, and are left out. Sentences count from 0, some are broken in the middle
("120/70 mm", "Hg"): shown as they are. Texts with the same opening sentence share a group.

MedRECT's English part is a part of this test set: a model is not asked twice for one piece of evidence.

Source: abachaa/MEDEC, CC BY 4.0.
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.linked import shared
from igaku.benchmarks.medrect import correction
from igaku.errors import IgakuError
from igaku.io.rows import need, read_csv
from igaku.question import Question

PARTS = {"test": "Test", "validation": "Validation"}


class MEDEC(Benchmark):
    """See the module."""

    name = "medec"
    title = "MEDEC (errors in clinical notes)"
    title_ja = "MEDEC（英語の臨床文の誤りの検出・特定・訂正）"
    languages = ("en",)
    licence = "CC BY 4.0"
    upstream = "abachaa/MEDEC"
    slices = tuple(PARTS)
    aggregate = "error_f1"
    prompt = "error"
    method = "error"

    def files(self, lang: str) -> list[str]:
        """The test set, unless the slice names the other one."""
        part = PARTS[self.part or "test"]
        return [f"medec/MEDEC-MS/MEDEC-MS-{part}Set-with-GroundTruth-and-ErrorType.csv"]

    def questions(self, lang: str) -> list[Question]:
        """Text after text; rows without a text are left out."""
        return shared(self._texts(lang))

    def _texts(self, lang: str) -> Iterator[Question]:
        path = self.path(self.files(lang)[0])
        cases: dict[str, str] = {}
        for line, row in read_csv(path):
            where = f"{path}, line {line}"
            if not any(row.values()):
                continue
            flag, kind = need(row, "Error Flag", str, where).strip(), need(row, "Error Type", str, where)
            if flag not in ("0", "1"):
                raise IgakuError(f"{where}: field 'Error Flag' must be 0 or 1, found {flag!r}")
            fields = ("error_sentence_id", "error_sentence", "corrected_sentence")
            named = ("Error Sentence ID", "Error Sentence", "Corrected Sentence")
            found = {name: need(row, field, str, where) for name, field in zip(fields, named)}
            text, name = need(row, "Sentences", str, where), need(row, "Text ID", str, where)
            yield correction(name, lang, text, int(flag), found, cases, where, category="" if kind == "NA" else kind)
