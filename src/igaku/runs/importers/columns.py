"""Columns of a plain file under names of its own: ``reply=answer_text``, and near matches where one is missing."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError

OTHER_NAMES = {
    "id": ("question_id", "problem_id", "qid", "sample_id", "question_number", "doc_id", "question", "no", "number"),
    "reply": (
        "response",
        "raw_response",
        "answer",
        "answer_text",
        "model_answer",
        "output",
        "completion",
        "generated_text",
        "generated",
        "prediction",
        "content",
        "text",
    ),
    "model": ("model_name", "model_id", "name", "llm", "respondent"),
}
"""What others call a column, the likeliest first; only to say which ``--columns`` would help."""


def read_columns(given: str | Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """``reply=answer_text,id=qid`` as igaku's name -> the file's.

    Raises:
        IgakuError: not of this form, a name twice, or a name that igaku does not read, with near matches.
    """
    pairs = [tuple(p.partition("=")[::2]) for p in given.split(",")] if isinstance(given, str) else [*given.items()]
    if isinstance(given, str) and not given.strip():
        return {}
    out: dict[str, str] = {}
    for name, theirs in ((a.strip(), b.strip()) for a, b in pairs):
        if not name or not theirs:
            raise IgakuError(f"--columns: expected NAME=COLUMN,… (reply=answer_text), got {given!r}")
        if name not in known:
            raise UnknownNameError("name in --columns", name, known)
        if name in out:
            raise IgakuError(f"--columns: {name!r} is given twice ({out[name]} and {theirs})")
        out[name] = theirs
    return out


def renamed(row: Mapping[str, object], columns: Mapping[str, str]) -> dict[str, object]:
    """A row under igaku's names; a column that was named wins over one that has the name already."""
    taken = {theirs: name for name, theirs in columns.items()}
    own = {k: v for k, v in row.items() if k not in columns and k not in taken}
    return own | {name: row[theirs] for theirs, name in taken.items() if theirs in row}


def missing_column(
    name: str, row: Mapping[str, object], where: str, columns: Mapping[str, str], remedy: str = ""
) -> IgakuError:
    """The error for a row without a column that is needed, with the ones that may be meant."""
    if name in columns:
        return IgakuError(f"{where}: {UnknownNameError('column', columns[name], row, hint='(--columns)')}")
    near = [n for n in OTHER_NAMES.get(name, ()) if n in row]
    near += [n for n in get_close_matches(name, list(row), n=2, cutoff=0.6) if n not in near]
    found = f"found: {', '.join(map(str, row))}"
    hint = f"is it {near[0]!r}? Then give --columns {name}={near[0]}" if near else f"--columns {name}=… names it"
    return IgakuError(f"{where}: field {name!r} is missing ({found}); {hint}{f'; or {remedy}' if remedy else ''}")


def check_columns(path: Path, columns: Mapping[str, str], found: Iterable[str]) -> None:
    """Refuse a column that no row of the file has.

    Raises:
        IgakuError: with near matches.
    """
    names = list(found)
    for theirs in columns.values():
        if names and theirs not in names:
            raise IgakuError(f"{path}: {UnknownNameError('column', theirs, names, hint='(--columns)')}")
