"""The common row format of aistairc/medLLM_QA_benchmark: problem_id, problem_text, choices, answer, points.

One reader for the files of that collection (MIT), so that each benchmark's own file holds only what is its own.
"""

from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.io.rows import need, read_jsonl
from igaku.question import Choices, Question


class MedLLM(Benchmark):
    """A benchmark that is one JSON Lines file of the collection."""

    upstream = "aistairc/medLLM_QA_benchmark"
    licence = "MIT"
    file: str

    def files(self, lang: str) -> list[str]:
        """The one file."""
        return [self.file]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the file's rows, each passed through ``row``."""
        path = self.path(self.file)
        for line, row in read_jsonl(path):
            yield self.row(row, lang, f"{path}, line {line}")

    def row(self, row: dict[str, Any], lang: str, where: str, **more: Any) -> Question:
        """One row as a question; a key outside the choices makes it void (``no-key``), counted and not scored."""
        choices = tuple(str(c) for c in need(row, "choices", list, where))
        answer = need(row, "answer", (list, str), where)
        stem = need(row, "problem_text", str, where)
        key = letter_key(answer if isinstance(answer, list) else [answer], len(choices), stem)
        if key is None:
            more["void"] = "no-key"
        return Question(
            id=str(need(row, "problem_id", (str, int), where)),
            lang=lang,
            stem=stem,
            choices=choices,
            points=float(need(row, "points", (str, int, float), where)),
            text_only=bool(row.get("text_only", True)),
            **{"key": key or Choices(()), **more},
        )
