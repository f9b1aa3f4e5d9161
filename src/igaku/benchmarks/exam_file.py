"""An ``exam.toml`` beside own questions: what they are, whose, and what their exam demands.

::

    title = "Mock exam, spring"
    title_ja = "春の模擬試験"
    licence = "CC BY 4.0"              # of the questions
    credit = "Mock exam 2026 (A. Author), CC BY 4.0"   # the line that is printed wherever they are shown
    key = "official, 2026-03-16"       # which version of the key it is
    source = "the school's own rules"
    questions = 200                    # of the whole exam; a part of it gets points and no verdict
    prohibited = 3                     # the most prohibited choices that pass; leave it out where there is no such rule
    [[part]]
    name = "required"
    sections = ["required"]            # the questions' ``section``; all questions where neither this nor ``without``
    needed = 40
    of = 50                            # the most points of this part
    subjects = 0.3                     # optional: share needed in each ``category`` of it

or ``marks = "physicians 2026"`` in place of the parts, for an exam that igaku knows; without either it only says what
the questions are. ``year`` limits it to the questions of one year, ``benchmark`` to one of several question files in
the folder; several exams stand as ``[[exam]]`` each, with what they have in common above. Points are the questions'
own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.rows import need
from igaku.io.toml import read_toml

FILE = "exam.toml"
Sure = Literal["announced", "quoted", "third party", "rule"]
"""``announced``: by whoever holds the exam; ``quoted``: that announcement as others quote it; ``third party``: no
announcement seen; ``rule``: by a general rule, not that year's announcement."""


class PartMark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one part of an exam demands, in points of the questions."""

    name: str
    name_ja: str = ""
    sections: tuple[str, ...] = ()
    """Sections of the questions that it counts; all where empty."""
    without: tuple[str, ...] = ()
    """Sections that it does not count."""
    needed: float = 0.0
    of: float | None = None
    """The most points, None where not known."""
    subjects: float = 0.0
    """Share needed in each category of its questions."""

    def counts(self, section: str) -> bool:
        """Whether questions of this section count."""
        return (not self.sections or section in self.sections) and section not in self.without


class About(Struct, kw_only=True):
    """What an ``exam.toml`` says of the questions themselves."""

    title: str = ""
    title_ja: str = ""
    licence: str = ""
    credit: str = ""
    key: str = ""


class OwnExam(About, kw_only=True, forbid_unknown_fields=True):
    """One exam as its file has it."""

    year: str = ""
    benchmark: str = ""
    marks: str = ""
    questions: int = 0
    prohibited: int | None = None
    sure: Sure = "announced"
    source: str = ""
    part: list[PartMark] = field(default_factory=list)

    @property
    def demands(self) -> bool:
        """Whether it says what is demanded, and not only what the questions are."""
        return bool(self.part or self.marks or self.questions or self.prohibited is not None)


def about(path: Path, benchmark: str) -> About:
    """What it tells of one question file; of several exams of it, what the first tells. Raises as ``exam_rows``."""
    mine = [one for one in exam_rows(path) if one.benchmark in ("", benchmark)]
    texts = {name: next((v for one in mine if (v := getattr(one, name))), "") for name in About.__struct_fields__}
    return About(**texts)


def exam_rows(path: Path) -> list[OwnExam]:
    """Its exams, fields that several have in common in each.

    Raises:
        IgakuError: not found, not TOML, a field that is not known (with near matches) or has a wrong value.
    """
    table = read_toml(path, "docs/studies/exam.md shows an exam.toml")
    several = need(table, "exam", list, str(path)) if "exam" in table else [{}]
    common = {name: value for name, value in table.items() if name != "exam"}
    try:
        for one in several:
            _check_names(one, OwnExam.__struct_fields__)
        rows = [{**common, **one} for one in several]
        for row in rows:
            _check_names(row, OwnExam.__struct_fields__)
            for part in need(row, "part", list, str(path)) if "part" in row else []:
                _check_names(part, PartMark.__struct_fields__)
        return msgspec.convert(rows, list[OwnExam])
    except (msgspec.ValidationError, UnknownNameError) as error:
        raise IgakuError(f"{path}: {error}; docs/studies/exam.md shows an exam.toml") from None


def _check_names(row: object, known: Sequence[str]) -> None:
    if not isinstance(row, dict):
        raise msgspec.ValidationError(f"Expected a table with fields such as {known[0]}, got {type(row).__name__}")
    for name in row:
        if name not in known:
            raise UnknownNameError("field", name, known)
