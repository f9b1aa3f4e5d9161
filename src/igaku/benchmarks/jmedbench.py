"""JMedBench: the multiple-choice part of nii-nlp's benchmark (Jiang et al. 2024, arXiv 2409.13317).

Only on the Hugging Face hub (Coldog2333/JMedBench): ``igaku data get jmedbench`` asks the hub for the test split of
each part, with your token (``HF_TOKEN``) where one is needed, and writes ``jmedbench/PART.jsonl`` with the hub's
fields ``sample_id``, ``question``, ``options`` (a list) and ``answer_idx`` (0-based). Parts: ``medqa_jp`` and
``usmleqa_jp`` (1,273 each, translated USMLE), ``medmcqa_jp`` (4,183), ``igakuqa`` (989, which no filter of ours on
IgakuQA reproduces). Japanese, single answers.

Source: Coldog2333/JMedBench; licence by part, see there.
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark, letter_key, need, read_jsonl
from igaku.errors import IgakuError
from igaku.question import LETTERS, Question

PARTS = ("medqa_jp", "usmleqa_jp", "medmcqa_jp", "igakuqa")


class JMedBench(Benchmark):
    """See the module."""

    name = "jmedbench"
    title = "JMedBench (multiple choice)"
    languages = ("ja",)
    licence = "by part"
    upstream = "Coldog2333/JMedBench (hub)"
    slices = PARTS

    def files(self, lang: str) -> list[str]:
        """One JSON Lines file a part."""
        return [f"jmedbench/{part}.jsonl" for part in ([self.part] if self.part else PARTS)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield part by part."""
        for relative in self.files(lang):
            path = self.path(relative)
            for line, row in read_jsonl(path):
                where = f"{path}, line {line}"
                choices = tuple(need(row, "options", list, where))
                answer = need(row, "answer_idx", (int, str), where)
                letter = LETTERS[answer] if isinstance(answer, int) and 0 <= answer < 26 else str(answer).lower()
                key = letter_key([letter], len(choices))
                if key is None:
                    raise IgakuError(f"{where}: field 'answer_idx' {answer!r} is outside the {len(choices)} choices")
                yield Question(
                    id=f"{path.stem}-{row.get('sample_id', line)}", lang=lang, stem=need(row, "question", str, where),
                    choices=choices, key=key, category=path.stem,
                )  # fmt: skip
