"""Replies of anybody's in one plain file: a line a reply, as JSON Lines, a JSON list or CSV.

``id`` (of the question), ``model``, ``reply``, and where they are known ``lang``, ``prompt`` (a name for the way of
asking, or the text that was sent), ``reasoning``, ``finish`` (stop, length, refused, error), ``saw_images`` (true,
false), ``sample`` (from 0), ``confidence`` (how sure the model said it was, 0 to 1), and of the model ``model_id`` (the
vendor's name), ``date``, ``effort``, ``sampling`` (or ``temperature``, ``top_p``, ``max_tokens``, ``seed``) and
``base_url``. A model at an effort is a row of its own: ``NAME (high)``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.json_values import read_json
from igaku.io.read import regular
from igaku.io.rows import need, read_csv, read_jsonl
from igaku.runs.importers.columns import check_columns, missing_column, renamed
from igaku.runs.importers.recorded import FINISH, RecordedReply, Remarks, confidence_of

ABOUT = ("model_id", "date", "effort", "sampling", "temperature", "top_p", "max_tokens", "seed", "base_url")
FIELDS = (
    *("id", "model", "reply", "lang", "prompt", "reasoning", "finish", "saw_images", "sample", "confidence"),
    *ABOUT,
)
LONGEST_NAME = 80
"""A ``prompt`` of more characters, or of several lines, is the text that was sent and no name."""
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Rows = Iterable[tuple[int, Mapping[str, object]]]


def jsonl_rows(
    path: Path, lang: str, model: str | None, remarks: Remarks, columns: Mapping[str, str] | None = None
) -> Iterator[RecordedReply]:
    """The lines of a JSON Lines file, or the objects of a JSON list (also one list inside an object)."""
    rows = _objects(path) if path.suffix == ".json" or _starts_a_list(path) else read_jsonl(path, "replace")
    return _replies(path, rows, lang, model, remarks, columns or {})


def csv_rows(
    path: Path, lang: str, model: str | None, remarks: Remarks, columns: Mapping[str, str] | None = None
) -> Iterator[RecordedReply]:
    """The lines of a CSV file; an empty cell is left out, but for the reply's."""
    reply = (columns or {}).get("reply", "reply")
    rows = ((n, {k: v for k, v in row.items() if v != "" or k == reply}) for n, row in read_csv(path))
    return _replies(path, rows, lang, model, remarks, columns or {})


def _starts_a_list(path: Path) -> bool:
    regular(path)
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def _objects(path: Path) -> Rows:
    value = read_json(path, "a JSON list of replies", "replace")
    if isinstance(value, dict):
        lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(lists) != 1:
            raise IgakuError(f"{path}: expected a list of replies, found an object with {len(lists)} lists of objects")
        value = lists[0]
    if not isinstance(value, list):
        raise IgakuError(f"{path}: expected a list of replies, found {type(value).__name__}")
    for n, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise IgakuError(f"{path}, line {n}: expected an object, found {type(row).__name__}")
        yield n, row


def _replies(
    path: Path, rows: Rows, lang: str, model: str | None, remarks: Remarks, columns: Mapping[str, str]
) -> Iterator[RecordedReply]:
    """Where the file names models, ``model`` picks one of them; else it is the name of all."""
    found: dict[str, None] = {}
    for line, theirs in rows:
        where, row = f"{path}, line {line}", renamed(theirs, columns)
        found |= dict.fromkeys(theirs)
        if "model" not in row and model is None:
            raise missing_column("model", theirs, where, columns, "give --model NAME for the whole file")
        for name in ("id", "reply"):
            if name not in row:
                raise missing_column(name, theirs, where, columns)
        base = str(need(row, "model", (str, int), where)) if "model" in row else str(model)
        about = _about(row)
        name = _at_effort(base, dict(about).get("effort", ""))
        if model is None or model in (base, name):
            yield _reply(row, where, name, str(row.get("lang") or lang), about, remarks)
    check_columns(path, columns, found)
    if unread := [k for k in found if k not in FIELDS and k not in columns.values()]:
        remarks.notes.append(f"{path.name}: fields not read: {', '.join(unread)}")


def _reply(
    row: Mapping[str, object], where: str, name: str, lang: str, about: tuple[tuple[str, str], ...], remarks: Remarks
) -> RecordedReply:
    prompt = str(row.get("prompt") or "")
    sent = "\n" in prompt or len(prompt) > LONGEST_NAME
    return RecordedReply(
        where,
        name,
        lang,
        str(need(row, "id", (str, int), where)),
        _text(row["reply"], where),
        sample=_sample(row.get("sample", 0), where),
        finish=FINISH[_known(str(row.get("finish") or "stop"), where)],
        thinking=str(row.get("reasoning") or ""),
        prompt="published" if sent or not prompt else prompt,
        images=_truth(row.get("saw_images"), where),
        prompt_text=prompt if sent else "",
        confidence=confidence_of(row.get("confidence"), remarks),
        about=about,
    )


def _text(given: object, where: str) -> str:
    if given is None:
        return ""
    if isinstance(given, list) and all(isinstance(one, str | int) for one in given):
        return ", ".join(map(str, given))
    return str(need({"reply": given}, "reply", (str, int, float, type(None)), where))


def _about(row: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """What is said of the model and of how it was asked; an object as JSON."""
    given = {name: row[name] for name in ABOUT if row.get(name) not in (None, "")}
    return tuple(
        (name, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True))
        for name, v in given.items()
    )


def _at_effort(model: str, effort: str) -> str:
    return f"{model} ({effort})" if effort and f"({effort.lower()})" not in model.lower() else model


def _known(finish: str, where: str) -> str:
    if finish not in FINISH:
        raise IgakuError(f"{where}: {UnknownNameError('finish', finish, FINISH)}")
    return finish


def _sample(given: object, where: str) -> int:
    try:
        number = int(str(given))
    except ValueError:
        number = -1
    if number < 0:
        raise IgakuError(f"{where}: field 'sample' must be a number from 0, got {given!r}")
    return number


def _truth(given: object, where: str) -> bool | None:
    """None where nothing is said."""
    text = str(given if given is not None else "").strip().lower()
    if text and text not in _TRUTHS:
        raise IgakuError(f"{where}: field 'saw_images' must be true or false, got {given!r}")
    return _TRUTHS[text] if text else None
