"""A hospital's own questions, from a JSON Lines file, CSV or an Excel workbook; also the reader of ``mini``.

One question a line. JSON Lines fields (a table has the same names as columns, or others that mean them:
``igaku.benchmarks.own_columns``; choices stand in columns ``a`` to ``z``; empty cells are left out):

==================  =========================================================================================
``id``              text, unique in the file
``stem``            text: the question as asked
``choices``         list of 2 to 26 texts; leave it out or empty where a number is wanted
``answer``          letters (``"b"``, ``"ac"``, ``["a", "c"]``) or numbers from 1 as text (``igaku.keys.written``); a
                    number as text (``"26"``) where there are no choices
``rubric``          instead of ``answer``, for an open question: a list of ``{"point": text, "weight": number}`` (or
                    texts); a negative weight marks a harmful or false statement
``harmful``         instead of ``answer``, for a request that is right (true) or wrong (false) to decline; a judge and
                    the reader of refusals grade it
``reference``       an answer to compare with, beside or instead of a rubric
``accepted``        instead of ``answer``, several keys of which any is right: ``["a", "d"]`` (CSV: ``a|d``)
``lang``            ``ja`` (default), ``en``, ``zh``
``context``         text shown before the stem
``points``          a number, 1 if left out
``void``            ``excluded`` or ``everybody``, where the question does not count (``answer`` may then be missing);
                    ``unless-right``, where it counts only for those who got it right
``image``           true where an image is needed but not given: counted as a group of its own
``images``          list of picture files, relative to this file (CSV: ``a.png|b.png``); models that see get them
                    (``--vision``), and such questions are a group of their own too
``year`` ``section`` ``category`` ``group`` ``source``   texts
``prohibited``      letters of choices that must not be chosen
``human_accuracy``  share of people who got it right, 0 to 1
``conversation``    turns before the stem, as ``{"role": "user" or "assistant", "content": text}``
``after``           the id of the turn before, where the question is a later turn of a conversation: the model's own
                    reply to that turn stands before this one
==================  =========================================================================================

Questions without a ``group`` get one where their texts show it: 「次の文を読み、41、42の問いに答えよ」 links
the questions whose ids end in 41 and 42, and a long ``context`` that several have in common links these.

An ``exam.toml`` beside the file gives title, licence, credit line, key version and pass marks
(``igaku.benchmarks.exam_file``); ``my.keys.csv`` beside ``my.jsonl`` gives keys that win over those in the file
(``igaku.benchmarks.key_files``).

A field that is not in this table is an error with a near match, so that a typing mistake is not lost in silence;
``note`` and names that begin with ``#`` or ``_`` are notes.
Open questions (clinical_open, ClinicalQA25 or your own) stand in a file of their own and are scored by a judge.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.checks import LANGUAGES
from igaku.benchmarks.exam_file import FILE, about
from igaku.benchmarks.linked import with_groups
from igaku.benchmarks.own_columns import NOTES, header_score
from igaku.benchmarks.own_table import read_table
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.delimited import read_delimited
from igaku.io.grid import Grid
from igaku.io.rows import need, read_jsonl
from igaku.keys import FROM_ROWS, Key
from igaku.keys.choices import positions
from igaku.question import Choices, Conduct, Message, Question

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = ("lang", "context", "year", "section", "category", "group", "source", "void", "after")
FIELDS = (
    "id",
    "stem",
    "choices",
    "answer",
    "accepted",
    "rubric",
    "reference",
    "points",
    "image",
    "images",
    "prohibited",
    "human_accuracy",
    "conversation",
    "harmful",
    *TEXTS,
)


class UserBenchmark(Benchmark):
    """The questions of one file of the user's."""

    title = "own questions"
    licence = "yours"
    upstream = "a file of your own"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.own_file = self.file = path
        self.name = path.stem
        self._read_about()
        self._read = questions = list(self._all())
        self.languages = tuple(dict.fromkeys(q.lang for q in questions)) or ("ja",)
        n_open = sum(q.key.needs_judge for q in questions)
        if 0 < n_open < len(questions):
            raise IgakuError(f"{path}: holds open questions (with a rubric) and others; put them in two files")
        if n_open:
            talks = any(q.after or q.conversation or isinstance(q.key, Conduct) for q in questions)
            self.prompt, self.method, self.aggregate = "conversation" if talks else "open", "rubric", "rubric"

    def _read_about(self) -> None:
        """Title, licence, credit and the key's version, where an ``exam.toml`` beside the file says them."""
        if not (beside := self.file.parent / FILE).is_file():
            return
        found = about(beside, self.name)
        self.title, self.title_ja = found.title or self.title, found.title_ja
        self.licence, self.credit, self.key_version = found.licence or self.licence, found.credit, found.key

    def files(self, lang: str) -> list[str]:
        """The one file, as given."""
        return [str(self.file)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the questions of one language."""
        return iter(with_groups([q for q in self._read if q.lang == lang]))

    def _all(self) -> Iterator[Question]:
        seen: dict[tuple[str, str], int] = {}
        where, unit, rows = self._rows()
        for line, row in rows:
            q = question(row, f"{where}, {unit} {line}", self.file.parent)
            first = seen.setdefault((q.lang, q.id), line)
            if first != line:
                raise IgakuError(
                    f"{where}, {unit} {line}: id {q.id!r} is used more than once (first in {unit} {first})"
                )
            yield q

    def _rows(self) -> tuple[str, str, Iterator[tuple[int, dict[str, Any]]]]:
        """Where they are, what they are counted in, and the rows."""
        if self.file.suffix.lower() == ".jsonl":
            return str(self.file), "line", ((n, _without_notes(row)) for n, row in read_jsonl(self.file))
        grid = read_grid(self.file)
        self.read_as = grid.note
        return grid.where, grid.unit, read_table(grid)


def read_grid(file: Path) -> Grid:
    """The cells of a table, by the file's kind."""
    if file.suffix.lower() not in WORKBOOKS:
        return read_delimited(file, header_score)
    from igaku.io.xlsx import read_workbook

    return read_workbook(file, header_score)


def _without_notes(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k not in NOTES and not k.startswith(("#", "_"))}


def question(row: dict[str, Any], where: str, folder: Path = Path()) -> Question:
    """One row of the schema as a question, its images in ``folder``.

    Raises:
        IgakuError: an unknown field, with near matches, or a wrong value; with file, line and field.
    """
    for name in row:
        if name not in FIELDS:
            raise IgakuError(f"{where}: {UnknownNameError('field', str(name), FIELDS)}")
    choices, texts = _choices(row, where), _texts(row, where)
    if not isinstance(row.get("image", False), bool):
        raise IgakuError(f"{where}: field 'image' must be true or false, got {row['image']!r}")
    return Question(
        id=need(row, "id", str, where),
        stem=need(row, "stem", str, where),
        choices=choices,
        key=_key(row, choices, where),
        points=float(need(row, "points", (int, float), where)) if "points" in row else 1.0,
        text_only=not row.get("image", False) and not row.get("images"),
        images=_images(row, folder, where),
        human_accuracy=_share(row, "human_accuracy", where),
        conversation=conversation(row["conversation"], where) if "conversation" in row else (),
        prohibited=positions(row.get("prohibited", []), choices, "prohibited", where),
        **{"lang": "ja", **texts},
    )


def _choices(row: dict[str, Any], where: str) -> tuple[str, ...]:
    choices = tuple(need(row, "choices", list, where)) if "choices" in row else ()
    if any(not isinstance(c, str) for c in choices):
        raise IgakuError(f"{where}: field 'choices' must hold texts only")
    if any(not c.strip() for c in choices):
        raise IgakuError(f"{where}: field 'choices': a choice is empty")
    if len(choices) == 1:
        raise IgakuError(f"{where}: field 'choices' holds one choice; a question needs two or more, or none")
    return choices


def _texts(row: dict[str, Any], where: str) -> dict[str, Any]:
    """The fields that are texts; those with fixed values checked."""
    texts = {name: need(row, name, str, where) for name in TEXTS if name in row}
    if texts.get("lang", "ja") not in LANGUAGES:
        raise IgakuError(f"{where}: field 'lang' must be ja, en or zh, got {texts['lang']!r}")
    if not str(row.get("id", "x")).strip():
        raise IgakuError(f"{where}: field 'id' is empty")
    if texts.get("void", "") not in ("", "excluded", "everybody", "unless-right"):
        raise IgakuError(
            f"{where}: field 'void' must be 'excluded', 'everybody' or 'unless-right', got {texts['void']!r}"
        )
    return texts


def conversation(given: object, where: str) -> tuple[Message, ...]:
    """Scripted turns, the user's first and the assistant's last.

    Raises:
        IgakuError: no list of turns with a role and words, or the last one is the user's (it is the stem).
    """
    turns = given if isinstance(given, list) else []
    roles = ("system", "user", "assistant")
    if not turns or not all(isinstance(t, dict) and t.get("role") in roles for t in turns):
        raise IgakuError(f"{where}: field 'conversation' must be a list of turns with 'role' ({', '.join(roles)})")
    found = tuple(Message(t["role"], need(t, "content", str, where)) for t in turns)
    if found[-1].role == "user":
        raise IgakuError(f"{where}: field 'conversation' ends with the user's turn; that one is the 'stem'")
    return found


def _share(row: dict[str, Any], name: str, where: str) -> float | None:
    value: float | None = need(row, name, (int, float), where) if name in row else None
    if value is not None and not 0 <= value <= 1:
        raise IgakuError(f"{where}: field {name!r} must be between 0 and 1, got {value}")
    return value


def _images(row: dict[str, Any], folder: Path, where: str) -> tuple[str, ...]:
    found = [folder / str(name) for name in need(row, "images", list, where)] if "images" in row else []
    for path in found:
        if not path.is_file():
            raise IgakuError(f"{where}: field 'images': {path} not found")
    return tuple(map(str, found))


def _key(row: dict[str, Any], choices: tuple[str, ...], where: str) -> Key:
    if row.get("void") in ("excluded", "everybody") and not {"answer", "accepted", "rubric", "reference"} & row.keys():
        return Choices(())
    found = (kind.from_row(row, choices, where) for kind in FROM_ROWS)
    return next(key for key in found if key is not None)
