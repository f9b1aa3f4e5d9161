"""Inspect's logs: ``.json``, and ``.eval`` archives, which Inspect packs with zstd by default."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from igaku.errors import IgakuError
from igaku.io.archive import is_archive, member_names, read_members
from igaku.io.json_values import parse_json, read_object
from igaku.io.read import as_text
from igaku.io.rows import need
from igaku.runs.importers.lm_eval import strings
from igaku.runs.importers.recorded import FINISH, RecordedReply, Remarks

_READ = ("id", "epoch", "input", "choices", "output", "error")
"""The fields of a sample that are read; its events, which are most of a log, are left."""
_LISTS = ("eval-set.json", "logs.json", "listing.json")
"""What an eval set writes beside its logs."""


class InspectLog(NamedTuple):
    """The parts of a log that are read."""

    eval: dict[str, Any]
    status: str
    expected: int
    """Samples that the log should hold; 0 where it does not say."""
    samples: list[dict[str, Any]]


def inspect_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The logs in a folder, and notes: an eval set's lists are left out, and logs that they name and lack are named."""
    found = [f for f in sorted(folder.rglob("*")) if f.suffix in (".json", ".eval") and f.is_file()]
    lists = [f for f in found if f.name in _LISTS]
    logs, notes = [f for f in found if f not in lists], []
    if lists:
        notes.append(f"{', '.join(f.name for f in lists)}: lists of an eval set and no logs, left out")
    for listing in (f for f in lists if f.name == "logs.json"):
        if absent := [n for n in read_object(listing, "an eval set's list of logs") if not _there(listing.parent / n)]:
            what = f"{len(absent)} log{'s' * (len(absent) > 1)} that {'are' if len(absent) > 1 else 'is'} not in"
            notes.append(f"{listing.name} lists {what} this folder: {', '.join(absent[:3])}")
    return logs, notes


def _there(file: Path) -> bool:
    """Whether a named file exists; a name that no file can have is none."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def inspect(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """Samples of a log; each epoch is a sample of its question."""
    log = _read(path)
    missing = log.expected - len(log.samples)
    if log.status != "success" or missing > 0:
        of = f"{max(missing, 0)} of {log.expected}" if log.expected else "an unknown number of"
        remarks.notes.append(f"{path.name}: its status is {log.status!r}; {of} samples are missing")
    if failed := sum(bool(isinstance(s, dict) and s.get("error")) for s in log.samples):
        remarks.notes.append(f"{path.name}: {failed} of its samples failed with an error")
    for n, row in enumerate(log.samples, 1):
        where = f"{path}, sample {n}"
        try:
            yield _reply(where, row, lang, model or str(log.eval["model"]), log)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
            raise IgakuError(f"{where}: not a sample of Inspect's ({type(error).__name__}: {error})") from None


def _reply(where: str, row: dict[str, Any], lang: str, model: str, log: InspectLog) -> RecordedReply:
    output = row.get("output") or {}
    choice = (output.get("choices") or [{}])[0]
    prompt, choices = row.get("input"), tuple(row.get("choices") or ())
    if not all(isinstance(c, str) for c in choices):
        raise TypeError("choices that are no texts")
    text, thinking = _parts((choice.get("message") or {}).get("content"))
    return RecordedReply(
        where,
        model,
        lang,
        "",
        text,
        choices=choices,
        sample=int(row.get("epoch") or 1) - 1,
        finish="error" if row.get("error") else FINISH.get(str(choice.get("stop_reason")), "stop"),
        texts=(
            str(row.get("id", "")),
            *strings(prompt if isinstance(prompt, str) else [m.get("content") for m in prompt or []]),
        ),
        thinking=thinking,
        task=str(log.eval.get("task", "")),
        log=str(log.eval.get("eval_id", "")),
    )


def _parts(content: object) -> tuple[str, str]:
    """A message's text, and its reasoning."""
    if not isinstance(content, list):
        return str(content or ""), ""
    text = "".join(str(c.get("text") or "") for c in content if c.get("type") == "text")
    return text, "\n".join(str(c.get("reasoning") or "") for c in content if c.get("type") == "reasoning")


def _read(path: Path) -> InspectLog:
    header, samples = _archive(path) if is_archive(path) else _whole(path)
    try:
        evaluation, results = header["eval"], header.get("results") or {}
        _ = evaluation["model"]
        dataset, config = evaluation.get("dataset") or {}, evaluation.get("config") or {}
        expected = int(results.get("total_samples") or _planned(dataset, config))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise IgakuError(f"{path}: not a log of Inspect's ({type(error).__name__}: {error})") from None
    return InspectLog(evaluation, str(header.get("status", "success")), expected, samples)


def _whole(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    log: dict[str, Any] = read_object(path, "a log of Inspect's", "replace")
    return log, need(log, "samples", list, str(path)) if log.get("samples") else []


def _planned(dataset: dict[str, Any], config: dict[str, Any]) -> int:
    """Samples times epochs, where the log was not finished and has no results."""
    ids = dataset.get("sample_ids")
    return int(len(ids) if ids else dataset.get("samples") or 0) * int(config.get("epochs") or 1)


def _archive(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and samples, of which only the parts that are read stay in memory; a log that was cut off has its start
    in its journal only."""
    names = member_names(path)
    head = next((n for n in ("header.json", "_journal/start.json") if n in names), "")
    if not head:
        raise IgakuError(f"{path}: not a log of Inspect's (neither header.json nor _journal/start.json in it)")
    wanted = [n for n in names if n.startswith("samples/") and n.endswith(".json")]
    members = (_member(path, name, data) for name, data in read_members(path, [head, *wanted]))
    header = next(members)
    samples = [{k: v for k, v in row.items() if k in _READ} for row in members]
    return header if head == "header.json" else {"status": "started", **header}, samples


def _member(path: Path, name: str, data: bytes) -> dict[str, Any]:
    where = f"{path}, {name}"
    value = parse_json(as_text(data, where), where, half="replace")
    if not isinstance(value, dict):
        raise IgakuError(f"{where}: expected an object, found {type(value).__name__}")
    return value
