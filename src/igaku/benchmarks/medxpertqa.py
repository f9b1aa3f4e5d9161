"""MedXpertQA: expert questions of US specialty boards: text with ten choices, pictures with five.

Zuo et al. 2025 (arXiv 2501.18362). ``medxpertqa-mm``: 2,000 questions with one or more pictures, which are on the hub
only (``images.zip``): unpacked into ``medxpertqa/images/`` they are shown. ``medxpertqa-text``: 2,450 questions, in
upstream's repository and not fetched. ``text_sample`` (244) and ``mm_sample`` (199) are upstream's own samples, which
hold for nothing but themselves. The whole is mm with text where that lies here, else with its sample. The choices that
upstream repeats in the stem are taken out. Sections: ``Reasoning`` or ``Understanding``, as upstream has them;
categories: diagnosis, treatment, basic science.

Source: TsinghuaC3I/MedXpertQA, MIT.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.io.rows import need, read_jsonl
from igaku.question import LETTERS, Question

FILES = {
    "text": "medxpertqa/input/medxpertqa_text_input.jsonl",
    "mm": "medxpertqa/input/medxpertqa_mm_input.jsonl",
    "text_sample": "medxpertqa_sampled/input/medxpertqa_sampled_text_input.jsonl",
    "mm_sample": "medxpertqa_sampled/input/medxpertqa_sampled_mm_input.jsonl",
}
_CHOICES = re.compile(r"\s*Answer Choices:\s*\(A\).*$", re.S)


class MedXpertQA(Benchmark):
    """See the module."""

    name = "medxpertqa"
    title = "MedXpertQA (US specialty boards)"
    title_ja = "MedXpertQA（米国専門医試験、選択肢 10・画像つき 5）"
    languages = ("en",)
    licence = "MIT"
    upstream = "TsinghuaC3I/MedXpertQA"
    slices = tuple(FILES)
    by_hand: ClassVar[str] = (
        "igaku data get medxpertqa fetches mm and the sample of text (medxpertqa-mm_sample: that of mm); for all text "
        "put upstream's eval/data folder (github.com/TsinghuaC3I/MedXpertQA) into medxpertqa/eval of a data folder"
    )

    def files(self, lang: str) -> list[str]:
        """One file a part."""
        return [_file(part) for part in ([self.part] if self.part else self.parts())]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The text questions where they are here, else their sample; then those with pictures."""
        return ("text" if find_data(_file("text")) else "text_sample", "mm")

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield part by part, in upstream's order."""
        for file in self.files(lang):
            path = self.path(file)
            for line, row in read_jsonl(path):
                yield _question(row, path.parents[4] / "images", f"{path}, line {line}")


def _file(part: str) -> str:
    return f"medxpertqa/eval/data/{FILES[part]}"


def _question(row: dict[str, Any], images: Path, where: str) -> Question:
    choices = _choices(need(row, "options", (list, dict), where), where)
    label = need(row, "label", (list, str), where)
    key = letter_key([str(c).lower() for c in label], len(choices))
    if key is None:
        raise IgakuError(f"{where}: field 'label' {label!r} is not one of its {len(choices)} choices")
    pictures = need(row, "images", list, where) if "images" in row else []
    names = [Path(str(p.get("image_path", "") if isinstance(p, dict) else p)).name for p in pictures]
    return Question(
        id=need(row, "id", str, where),
        lang="en",
        stem=_CHOICES.sub("", need(row, "question", str, where)).strip(),
        choices=choices,
        key=key,
        text_only=not names,
        images=tuple(str(images / name) for name in names if name and (images / name).is_file()),
        section=str(row.get("question_type", "")),
        category=str(row.get("medical_task", "")),
    )


def _choices(given: list[Any] | dict[str, Any], where: str) -> tuple[str, ...]:
    """Choices as upstream's repository has them (letter and content) or as the hub has them (by letter)."""
    by_letter = given if isinstance(given, dict) else {str(o.get("letter")): o.get("content") for o in given}
    letters = sorted(by_letter)
    if letters != list(LETTERS[: len(letters)].upper()) or not letters:
        raise IgakuError(f"{where}: field 'options' must have the letters A, B, C ... without a gap, found {letters}")
    return tuple(str(by_letter[c]) for c in letters)
