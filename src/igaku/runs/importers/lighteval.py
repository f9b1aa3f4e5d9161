"""Details files of lighteval, and of the Swallow team's fork of it."""

import re
from collections.abc import Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.parquet import read_parquet
from igaku.io.rows import need
from igaku.question import RequestKind
from igaku.runs.importers.recorded import RecordedReply, Remarks

_NAME = re.compile(r"details_(.+?)(?:_\d{4}-\d{2}-\d{2}.*)?")


def lighteval(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """Rows of a details file; the model's name is that of the folders it lies in (``details/ORG/NAME/DATE/``)."""
    named, name = _NAME.fullmatch(path.stem), model or _folder_name(path)
    for n, row in read_parquet(path):
        where = f"{path}, row {n}"
        if "doc" in row:
            doc, response = need(row, "doc", dict, where), need(row, "model_response", dict, where)
            prompt, choices = doc.get("query"), doc.get("choices")
            texts, logprobs = response.get("text_post_processed") or response.get("text"), response.get("logprobs")
        else:  # before lighteval 0.11
            prompt, choices = row.get("example") or row.get("full_prompt"), row.get("choices")
            texts, logprobs = row.get("predictions"), row.get("pred_logits")
        reply = RecordedReply(
            where, name, lang, "", "", texts=(str(prompt or ""),), task=named[1] if named else path.stem
        )
        yield from _row(reply, _listed(choices, where), _listed(texts, where), _listed(logprobs, where))


def _listed(value: object, where: str) -> list[object]:
    """A column's list; a single text is a list of one."""
    if value is None or isinstance(value, list):
        return value or []
    if isinstance(value, str):
        return [value]
    raise IgakuError(f"{where}: expected a list, found {type(value).__name__}")


def _row(
    reply: RecordedReply, choices: list[object], texts: list[object], logprobs: list[object]
) -> Iterator[RecordedReply]:
    shown = tuple(str(c).strip() for c in choices)
    lettered = bool(shown) and all(len(c) == 1 for c in shown)
    values = tuple(v for v in logprobs if isinstance(v, float))
    if values and len(values) == len(shown):
        kind: RequestKind = "letters" if lettered else "likelihood"
        yield reply._replace(kind=kind, logprobs=values, lettered=lettered, choices=() if lettered else shown)
        return
    if not texts or not all(isinstance(t, str) for t in texts):
        raise IgakuError(f"{reply.where}: neither a text nor one log-probability a choice in it")
    for sample, text in enumerate(texts):
        yield reply._replace(text=str(text), sample=sample, lettered=True)


def _folder_name(path: Path) -> str:
    parts = path.resolve().parts
    return "/".join(parts[parts.index("details") + 1 : -2]) if "details" in parts[:-2] else parts[-2]
