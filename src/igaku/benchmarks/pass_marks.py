"""Pass marks of exams as data: igaku's own in ``pass_marks.toml``, a user's in an ``exam.toml`` beside the questions
(``igaku.benchmarks.exam_file``)."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku.benchmarks import family
from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.exam_file import FILE, OwnExam, PartMark, Sure, exam_rows
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole
from igaku.io.read import read_text


class ExamMarks(Struct, frozen=True, kw_only=True):
    """What one exam demands."""

    title: str
    title_ja: str = ""
    year: str = ""
    benchmark: str = ""
    """For an ``exam.toml``: the one question file that it is about."""
    questions: int
    parts: tuple[PartMark, ...]
    prohibited: tuple[int, ...] = ()
    """Most prohibited choices that pass; two where sources differ; empty where there is no such rule."""
    third_party_prohibited: bool = False
    """Whether a list of prohibited choices can only be a third party's."""
    sure: Sure = "announced"
    source: str = ""


class _Exam(Struct, kw_only=True, forbid_unknown_fields=True):
    year: str
    number: str = ""
    needed: list[float]
    of: list[float] = []
    prohibited: list[int] | None = None
    sure: Sure
    source: str


class _Other(Struct, kw_only=True, forbid_unknown_fields=True):
    """What another source has for one exam."""

    year: str
    needed: list[float]
    prohibited: list[int] = []
    source: str


class _Licence(Struct, kw_only=True, forbid_unknown_fields=True):
    title_ja: str
    benchmarks: list[str] = []
    questions: int = 0
    points_each: float = 1.0
    """Points that the announcements give a question which has one point here."""
    prohibited: list[int] = []
    prohibited_source: str = ""
    third_party_prohibited: bool = False
    parts: list[PartMark]
    exam: list[_Exam]
    other: list[_Other] = []


@cache
def known_marks() -> Mapping[str, ExamMarks]:
    """Every exam with known marks, by licence and year: ``physicians 2026``."""
    table = tomllib.loads((Path(__file__).parent / "pass_marks.toml").read_text(encoding="utf-8"))
    licences = msgspec.convert(table, dict[str, _Licence])
    return {f"{name} {e.year}": _marks(name, one, e) for name, one in licences.items() for e in one.exam}


def marks_of(benchmark: str, year: str) -> ExamMarks | None:
    """The marks of one year's exam in one of igaku's benchmarks, or in a slice of one that holds several licences
    (``kokushimd-nurse-2024``); None where they are not known."""
    label, known = benchmark, _licences()
    while label not in known and "-" in label and label != family(benchmark):
        label = label.rpartition("-")[0]
    return known_marks().get(f"{known.get(label)} {year}")


@cache
def _licences() -> Mapping[str, str]:
    """Benchmark -> licence."""
    table = tomllib.loads((Path(__file__).parent / "pass_marks.toml").read_text(encoding="utf-8"))
    return {bench: name for name, one in table.items() for bench in one.get("benchmarks", [])}


def _marks(name: str, licence: _Licence, exam: _Exam) -> ExamMarks:
    most: list[float | None] = [*exam.of] or [None] * len(licence.parts)
    unit = licence.points_each
    parts = tuple(
        replace(p, needed=need / unit, of=None if of is None else of / unit)
        for p, need, of in zip(licence.parts, exam.needed, most, strict=True)
    )
    which = exam.number or exam.year
    return ExamMarks(
        title=f"{name} {which}",
        title_ja=f"{licence.title_ja} 第 {which} 回" if exam.number else f"{licence.title_ja} {which} 年",
        year=exam.year,
        questions=licence.questions,
        parts=parts,
        prohibited=tuple(licence.prohibited if exam.prohibited is None else exam.prohibited),
        third_party_prohibited=licence.third_party_prohibited,
        sure=exam.sure,
        source="; ".join(filter(None, (exam.source, licence.prohibited_source, *_others(licence, exam)))),
    )


def _others(licence: _Licence, exam: _Exam) -> list[str]:
    """What other sources have for the same exam, in words: the same points, or which others."""
    limit = licence.prohibited if exam.prohibited is None else exam.prohibited
    out = []
    for one in (o for o in licence.other if o.year == exam.year):
        pairs = zip(licence.parts, exam.needed, one.needed, strict=True)
        differing = [f"{p.name} {theirs:g} (here {ours:g})" for p, ours, theirs in pairs if ours != theirs]
        if sorted(one.prohibited) != sorted(limit):
            rule = f"at most {max(one.prohibited)}" if one.prohibited else "no rule"
            differing.append(f"prohibited choices: {rule} (here at most {max(limit, default=0)})")
        out.append(f"{one.source}: {'differs in ' + ', '.join(differing) if differing else 'the same'}")
    return out


def read_exams(path: Path) -> list[ExamMarks]:
    """The exams of an ``exam.toml`` that say what is demanded: one, or several as ``[[exam]]``.

    Raises:
        IgakuError: not found, not TOML, a field that is not known (with near matches) or has a wrong value, parts and
            ``marks`` both, unknown ``marks``.
    """
    return [_own(one, path) for one in exam_rows(path) if one.demands]


def _own(exam: OwnExam, path: Path) -> ExamMarks:
    if not exam.title:
        raise IgakuError(f"{path}: field 'title' is missing")
    if bool(exam.part) == bool(exam.marks):
        raise IgakuError(f'{path}: give either [[part]] with the points needed, or marks = "physicians 2026"')
    if exam.marks and exam.marks not in known_marks():
        raise IgakuError(f"{path}: {UnknownNameError('marks', exam.marks, known_marks())}")
    known = known_marks().get(exam.marks)
    if not (exam.questions or (known and known.questions)):
        raise IgakuError(f"{path}: field 'questions' is missing: how many questions the whole exam has")
    if exam.questions < 0 or (exam.prohibited or 0) < 0 or any(_wrong(p) for p in exam.part):
        raise IgakuError(f"{path}: numbers must not be negative, 'needed' not above 'of', 'subjects' from 0 to 1")
    return ExamMarks(
        title=exam.title,
        title_ja=exam.title_ja,
        year=exam.year,
        benchmark=exam.benchmark,
        questions=exam.questions or (known.questions if known else 0),
        parts=known.parts if known else tuple(exam.part),
        prohibited=(exam.prohibited,) if exam.prohibited is not None else known.prohibited if known else (),
        sure=known.sure if known else exam.sure,
        source="; ".join(filter(None, (exam.source, known.source if known else ""))),
    )


def _wrong(part: PartMark) -> bool:
    return not (0 <= part.needed <= (part.of if part.of is not None else part.needed) and 0 <= part.subjects <= 1)


def keep_exams(benchmarks: Iterable[Benchmark], run: Path) -> None:
    """Copy the ``exam.toml`` beside each file of own questions into a run folder, so that the run carries its marks.

    Raises:
        IgakuError: one of them cannot be read.
    """
    for bench in benchmarks:
        beside = bench.own_file.parent / FILE if bench.own_file else None
        if beside and beside.is_file() and read_exams(beside):  # one that cannot be read is refused before
            run.mkdir(parents=True, exist_ok=True)
            write_whole(run / f"{bench.label}.{FILE}", read_text(beside, "SETTINGS_MB"))


def exams_in(run: Path) -> list[ExamMarks]:
    """Every exam whose marks a run folder carries; those that came with a question file are about that one."""
    return [
        exam if exam.benchmark or file.name == FILE else replace(exam, benchmark=file.name.removesuffix(f".{FILE}"))
        for file in sorted(run.glob(f"*{FILE}"))
        for exam in read_exams(file)
    ]
