"""Result files of a project: its own totals beside what igaku reads from the same replies, question by question.

A project is one ``ResultFiles``: where its files lie, which importer reads them, how a total is written, and a reader
of what its authors read and graded. To add one, write such a file in this folder and name it in ``PROJECTS``
(``igaku.studies.reproduce``).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import METHODS, Graded, grade_one
from igaku.io.paths import find_data
from igaku.io.scratch import lasting_folder
from igaku.keys import LETTERS, Number
from igaku.question import Question
from igaku.runs.importers import import_run
from igaku.statistics.tally import CellKey
from igaku.studies.published.figures import Difference, Figure, Judged, Right, judged
from igaku.studies.published.project import Project

_SIGNS = re.compile(r"[\s*】」。.\"]+$|^[\s\"]+|\s+")


class Read(NamedTuple):
    """What the authors read from one reply, and whether they took it as right."""

    answers: Sequence[object]
    right: bool


class Published(NamedTuple):
    """One respondent's published result."""

    file: str
    value: str
    """The total, written as ``ResultFiles.total`` writes igaku's."""
    read: Mapping[str, Read]
    unchecked: str = ""
    """What of it rests on the authors' word alone."""


class ResultFiles(NamedTuple):
    """One project's result files."""

    check: str
    """The name that its figures' ``check`` has."""
    bench: str
    format: str
    """Of ``igaku import``."""
    folder: str
    """In a data folder."""
    what: str
    """What the total is."""
    source: str
    """Where it is published; ``{}`` stands for the file."""
    published: Callable[[Path], dict[str, Published]]
    """The folder -> each respondent's result; raises IgakuError for another file."""
    total: Callable[[Sequence[Graded]], str]
    """igaku's verdicts on one respondent's replies -> the total."""
    name: Callable[[CellKey], str] = lambda key: key.model
    """The respondent's name of a cell of the imported run."""
    counts_void: bool = False
    """Whether its authors count questions that were officially not scored; igaku then grades them here as well."""


def project_of(files: ResultFiles) -> Project:
    """As ``igaku reproduce`` takes it."""
    return Project(files.check, partial(figures_of, files), partial(total_of, files), partial(differences_of, files))


def figures_of(project: ResultFiles) -> list[Figure]:
    """One figure a respondent; one without a value where the files are not at hand."""
    return [
        Figure(
            benchmark=project.bench,
            what=project.what,
            check=project.check,
            model=model,
            value=one.value,
            source=project.source.format(one.file),
            unchecked=one.unchecked,
        )
        for model, one in results(project).items()
    ] or [
        Figure(
            benchmark=project.bench,
            what=project.what,
            model="(every model)",
            value="-",
            source=project.source.format("…"),
            why=_absent(project),
        )
    ]


def total_of(project: ResultFiles, figure: Figure) -> str:
    """igaku's total of a figure's respondent.

    Raises:
        IgakuError: the files, or the benchmark's, are not here.
    """
    return project.total(list(verdicts(project)[figure.model].values()))


def differences_of(project: ResultFiles) -> list[Difference]:
    """Every question that the authors and igaku grade differently, also where two of them cancel out in the total."""
    known, out = judged(), []
    for model, one in results(project).items():
        mine = verdicts(project)[model]
        for id, read in one.read.items():
            if id in mine and mine[id].verdict.right != read.right:
                word = known.get((project.bench, model, id))
                out.append(_difference(project.bench, model, mine[id], read, word))
    return out


def _difference(bench: str, model: str, g: Graded, theirs: Read, word: Judged | None) -> Difference:
    right, why = (word.right, word.why) if word else _who_is_right(g.question, theirs.answers)
    return Difference(
        benchmark=bench,
        model=model,
        question=g.question.id,
        key=g.question.key.text(),
        ours=f"{' '.join(g.verdict.read) or 'nothing'} ({g.verdict.outcome})",
        published=f"{' '.join(map(str, theirs.answers)) or 'nothing'} ({'right' if theirs.right else 'wrong'})",
        right=right,
        why=why,
    )


def _who_is_right(q: Question, answers: Sequence[object]) -> tuple[Right, str]:
    """Where it needs no look: a key that was read and compared as a text."""
    plain = [_SIGNS.sub("", str(p)).lower() for p in answers]
    if isinstance(q.key, Number):
        same = len(plain) == 1 and q.key.matches(plain[0])
    else:
        same = bool(plain) and set("".join(plain)) <= set(LETTERS)
        same = same and q.key.accepts(tuple(LETTERS.index(c) for c in "".join(plain)))
    return ("igaku", "they read the key, and compare it as a text") if same else ("open", "nobody has looked yet")


def _absent(project: ResultFiles) -> str:
    return f"the published replies ({project.folder}) are not here; put them under IGAKU_DATA"


@cache
def results(project: ResultFiles) -> dict[str, Published]:
    """Each respondent's published result; empty where the files are not here."""
    found = find_data(project.folder)
    if found is None:
        return {}
    try:
        return project.published(found)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise IgakuError(f"{found}: not result files of {project.format} ({type(error).__name__}: {error})") from None


@cache
def verdicts(project: ResultFiles) -> dict[str, dict[str, Graded]]:
    """Respondent -> question -> igaku's verdict by ``letter``."""
    found = find_data(project.folder)
    if found is None:
        raise IgakuError(_absent(project))
    out: dict[str, dict[str, Graded]] = {}
    for key, g in import_run(project.format, found, bench=project.bench, out=lasting_folder()).run.grade("letter"):
        out.setdefault(project.name(key), {})[g.question.id] = _counted(g) if project.counts_void else g
    return out


def _counted(g: Graded) -> Graded:
    """The verdict as if the question had been scored."""
    if not g.question.void or g.reply is None:
        return g
    q = replace(g.question, void="")
    return Graded(q, g.reply, g.method, grade_one(METHODS[g.method], q, g.reply))


def forget() -> None:
    """Look for the files again."""
    results.cache_clear()
    verdicts.cache_clear()
