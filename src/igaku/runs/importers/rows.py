"""Replies of anybody's in one plain file: a line a reply, as JSON Lines or CSV.

``id`` (of the question), ``model``, ``reply``, and where they are known ``lang``, ``prompt`` (the name of the way of
asking), ``reasoning``, ``finish`` (stop, length, refused, error), ``saw_images`` (true, false) and ``sample`` (from 0).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.rows import need, read_csv, read_jsonl
from igaku.runs.importers.recorded import FINISH, RecordedReply, Remarks

FIELDS = ("id", "model", "reply", "lang", "prompt", "reasoning", "finish", "saw_images", "sample")
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}

Rows = Iterable[tuple[int, Mapping[str, object]]]


def jsonl_rows(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """The lines of a JSON Lines file."""
    return _replies(path, read_jsonl(path), lang, model, remarks)


def csv_rows(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """The lines of a CSV file; an empty cell is left out, but for the reply's."""
    rows = ((n, {k: v for k, v in row.items() if v != "" or k == "reply"}) for n, row in read_csv(path))
    return _replies(path, rows, lang, model, remarks)


def _replies(path: Path, rows: Rows, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """Where the file names models, ``model`` picks one of them; else it is the name of all."""
    unread: dict[str, None] = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        unread |= dict.fromkeys(k for k in row if k not in FIELDS)
        if "model" not in row and model is None:
            raise IgakuError(f"{where}: field 'model' is missing; add it, or give --model NAME for the whole file")
        name = str(need(row, "model", (str, int), where)) if "model" in row else str(model)
        if model is not None and name != model:
            continue
        yield RecordedReply(
            where,
            name,
            str(row.get("lang") or lang),
            str(need(row, "id", (str, int), where)),
            str(need(row, "reply", (str, int, float, type(None)), where) or ""),
            sample=_sample(row.get("sample", 0), where),
            finish=FINISH[_known(str(row.get("finish") or "stop"), where)],
            thinking=str(row.get("reasoning") or ""),
            prompt=str(row.get("prompt") or "published"),
            images=_truth(row.get("saw_images", ""), where),
        )
    if unread:
        remarks.notes.append(f"{path.name}: fields not read: {', '.join(unread)}")


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


def _truth(given: object, where: str) -> bool:
    text = str(given if given is not None else "").strip().lower()
    if text not in _TRUTHS:
        raise IgakuError(f"{where}: field 'saw_images' must be true or false, got {given!r}")
    return _TRUTHS[text]
