"""IgakuQA119: National Medical Licensing Examination of Japan, 119th (2025), 400 questions, 500 points.

docto-rin/IgakuQA119 at 2d94239, Apache-2.0. Japanese (a few stems are English in the exam itself). 297 without an
image, 103 with one. Blocks B and E are 必修: questions 26-50 there are worth 3 points, all others 1. 119E28 accepts a
or c. Four questions want a number.

Upstream has 150 pictures (132 MB) of 102 questions: ``images/119A5.png`` where a question has one, ``119A5-1.png``,
``119A5-2.png`` ... where it has several. 119C15 and 119C22 need one and have none; 119C67 has that of the question
before it and is not marked as needing one, since its stem names none. Linked questions repeat a file under each name.

The file was read by OCR: choices carry their letter ("b. ..."), three questions have two choices run together
(``SPLIT`` says where), and two have their choices inside the stem. All are corrected here, so that letters keep
their meaning. 119C18 has lost its stem: it is asked as it is, with a remark in its place. 50 linked questions in 20
groups (``groups.json``: their stems begin with the same case; five pairs say so themselves).

Source: questions/119?_json.json, results/correct_answers.csv and images/.
"""

import re
from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.base import LOST, Benchmark, letter_key
from igaku.benchmarks.linked import known_groups
from igaku.benchmarks.pictures import by_question, listed, numbered
from igaku.errors import IgakuError
from igaku.io.json_values import json_rows
from igaku.io.rows import need, read_csv
from igaku.question import Choices, Question

BLOCKS = [f"igakuqa119/questions/119{b}_json.json" for b in "ABCDEF"]
KEY = "igakuqa119/correct_answers.csv"
IMAGES = "igakuqa119/images/"
SPLIT = {"119A22": (2, 9), "119C5": (3, 8), "119C19": (1, 12)}
"""Question -> (index of the run-together choice, length of its first half, label included)."""
ALTERNATIVES = {"119E28": ("a", "c")}
_LABEL = re.compile(r"^[a-eA-E]\s*[.．]\s*")
_INLINE = re.compile(r"\s([a-eA-E])\s?(?=[^\s.0-9])")


class IgakuQA119(Benchmark):
    """See the module."""

    name = "igakuqa119"
    title = "IgakuQA119 (physicians, Japan, 2025)"
    title_ja = "IgakuQA119（医師国家試験 2025）"
    languages = ("ja",)
    licence = "Apache-2.0"
    upstream = "docto-rin/IgakuQA119"

    def files(self, lang: str) -> list[str]:
        """Six blocks and the key, and the pictures, without which the questions can be asked too."""
        return [*BLOCKS, KEY, *listed(IMAGES)]

    def picture_names(self, lang: str) -> dict[str, tuple[str, ...]]:
        """By their names."""
        return by_question(name.removeprefix(IMAGES) for name in listed(IMAGES))

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield block by block, in exam order."""
        *blocks, answers = [self.path(f) for f in (*BLOCKS, KEY)]
        keys = {row["問題番号"]: row["解答"] for _, row in read_csv(answers)}
        images = numbered(IMAGES)
        for path in blocks:
            for where, row in json_rows(path, "question"):
                yield self._question(row, keys, images, where)

    def _question(
        self, row: dict[str, Any], keys: dict[str, str], images: dict[str, tuple[str, ...]], where: str
    ) -> Question:
        name, stem = need(row, "number", str, where), need(row, "question", str, where).strip() or LOST
        choices = _split(name, need(row, "choices", list, where))
        if name not in keys:
            raise IgakuError(f"{where}: no key for {name} in correct_answers.csv")
        answer = keys[name]
        if not choices and answer.isalpha():
            stem, choices = inline_choices(stem)
        key = (
            Choices.letters(*ALTERNATIVES[name])
            if name in ALTERNATIVES
            else letter_key(list(answer) if choices else [answer], len(choices), stem)
        )
        block, number = name[3], int(name[4:])
        return Question(
            id=name,
            lang="ja",
            stem=stem,
            choices=tuple(choices),
            key=key or Choices(()),
            void="" if key else "no-key",
            points=3.0 if block in "BE" and number > 25 else 1.0,
            text_only=not need(row, "has_image", bool, where),
            year="2025",
            section="required" if block in "BE" else "general+clinical",
            images=images.get(name, ()),
            group=known_groups(self.name).get(name, ""),
        )


def _split(name: str, raw: list[str]) -> list[str]:
    raw = list(raw)
    if name in SPLIT:
        index, at = SPLIT[name]
        raw[index : index + 1] = [raw[index][:at], raw[index][at:]]
    return [_LABEL.sub("", c).strip(" 0d") if name in SPLIT else _LABEL.sub("", c).strip() for c in raw]


def inline_choices(stem: str) -> tuple[str, list[str]]:
    """Take 「… a… b… c… d… e…」 off the end of a stem."""
    labels = list(_INLINE.finditer(stem))[-5:]
    if [m[1].lower() for m in labels] != list("abcde"):
        return stem, []
    ends = [m.start() for m in labels[1:]] + [len(stem)]
    return stem[: labels[0].start()].strip(), [stem[m.end() : end].strip() for m, end in zip(labels, ends)]
