"""Nayose: do two drug names denote the same substance (名寄せ)?

``nayose_qa`` (five choices) and ``nayose_instruct`` (answer with the name) have two parts each:

- ``mini``: written for igaku (Apache-2.0): 66 and 20 items on long-established drugs: brand, general, English and
  abbreviated names, salts; distractors of the same class or of similar sound. Each item notes the fact it rests on.
- ``eques``: EQUES's NayoseQA and NayoseInstruct (arXiv 2505.16661), only on the hub (EQUES/Nayose-Bench-QA and
  EQUES/Nayose-Bench-Instruction): ``igaku data get nayose_qa-eques``, fields ``question``, ``choice0`` … ``choice4``,
  ``label`` (0-based), or ``instruction``, ``response``. Their published grader is ``nayose-as-published``.

``exact`` and ``text`` unify width, kana, hyphens and blanks. Japanese, text only.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.question import LETTERS, Question, Text

FOLDER = Path(__file__).parent / "nayose_questions"


class NayoseQA(Benchmark):
    """Synonyms among five choices; see the module."""

    name = "nayose_qa"
    title = "NayoseQA (drug names, five choices)"
    title_ja = "NayoseQA（医薬品の名寄せ、5 択）"
    languages = ("ja",)
    licence = "mini: Apache-2.0; eques: see the hub"
    upstream = "igaku; EQUES/Nayose-Bench-QA (hub)"
    slices = ("mini", "eques")
    embedded = "nayose.jsonl"

    def files(self, lang: str) -> list[str]:
        """The embedded file (``mini``, also what the bare name means), or the hub's."""
        return [f"nayose/{self.name}.jsonl"] if self.part == "eques" else [str(FOLDER / self.embedded)]

    def path(self, relative: str) -> Path:
        """The embedded file is always here."""
        return super().path(relative) if self.part == "eques" else Path(relative)

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the file's rows."""
        path = self.path(self.files(lang)[0])
        for line, row in read_jsonl(path):
            yield self.row(row, str(row.get("id", f"{self.part}-{line}")), f"{path}, line {line}")

    def row(self, row: dict[str, Any], name: str, where: str) -> Question:
        """One item: choices in a list (mini) or in five fields (hub)."""
        choices = tuple(row["choices"] if "choices" in row else (need(row, f"choice{i}", str, where) for i in range(5)))
        answer = row.get("answer", row.get("label"))
        letter = LETTERS[answer] if isinstance(answer, int) and 0 <= answer < len(choices) else str(answer).lower()
        key = letter_key([letter], len(choices))
        if key is None:
            raise IgakuError(f"{where}: the key {json.dumps(answer)} is outside the {len(choices)} choices")
        return Question(
            id=name,
            lang="ja",
            stem=need(row, "question", str, where),
            choices=choices,
            key=key,
            section=str(row.get("kind", "")),
            source=str(row.get("note", "")),
        )


class NayoseInstruct(NayoseQA):
    """Names in words; see the module."""

    name = "nayose_instruct"
    title = "NayoseInstruct (drug names, in words)"
    title_ja = "NayoseInstruct（医薬品の名寄せ、記述）"
    upstream = "igaku; EQUES/Nayose-Bench-Instruction (hub)"
    embedded = "nayose_instruct.jsonl"
    prompt = "name"
    method = "text"

    def row(self, row: dict[str, Any], name: str, where: str) -> Question:
        """One item; ``accepted`` lists other spellings that are right (mini only)."""
        accepted = tuple(dict.fromkeys([need(row, "response", str, where), *row.get("accepted", ())]))
        stem = need(row, "instruction", str, where)
        return Question(id=name, lang="ja", stem=stem, key=Text(accepted), source=str(row.get("note", "")))
