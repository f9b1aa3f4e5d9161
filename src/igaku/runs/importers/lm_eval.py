"""lm-eval's samples (``--log_samples``): of tasks that ``igaku export lm-eval`` wrote, or of its own."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.question import RequestKind
from igaku.runs.importers.recorded import RecordedReply, Remarks

_NAME = re.compile(r"samples_(.+?)(?:_\d{4}-\d{2}-\d{2}.*)?")


class _Sample(NamedTuple):
    """A row: prompts and continuations of its requests, and the responses to each, one a repeat."""

    where: str
    prompts: list[str]
    continuations: list[str]
    responses: list[list[object]]


def lm_eval(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """A sample holds its document, the arguments of each request, and the responses in the same order.

    A task with several filters writes each reply once a filter: it is read once, as the model wrote it.
    """
    named = _NAME.fullmatch(path.stem)
    task, name = named[1] if named else path.stem, model or path.resolve().parent.name
    filters: dict[str, set[str]] = {}
    for line, row in read_jsonl(path, "replace"):
        where = f"{path}, line {line}"
        filter_ = str(row.get("filter", ""))
        seen = filters.setdefault(json.dumps([row.get("doc_id", line), row.get("resps")]), set())
        if seen and filter_ not in seen:
            seen.add(filter_)
            continue
        seen.add(filter_)
        doc = need(row, "doc", dict, where)
        reply = RecordedReply(where, name, lang, "", "", task=task, texts=tuple(strings(doc)))
        exported = "id" in doc and "query" in doc
        if exported:
            reply = reply._replace(lang=str(doc.get("lang", lang)), id=str(doc["id"]), texts=())
        yield from _replies(reply, _sample(row, where), exported)
    names = sorted(set().union(*filters.values()))
    if len(names) > 1:
        remarks.notes.append(f"{path.name}: {len(names)} filters ({', '.join(names)}); each reply is read once, whole")


def _sample(row: Mapping[str, object], where: str) -> _Sample:
    arguments = need(row, "arguments", (dict, list), where)
    requests = list(arguments.values() if isinstance(arguments, dict) else arguments)
    pairs = [list(r.values()) if isinstance(r, dict) else r for r in requests]
    responses = need(row, "resps", list, where)
    if not all(isinstance(p, list) and len(p) > 1 for p in pairs) or not all(isinstance(r, list) for r in responses):
        raise IgakuError(f"{where}: not a sample of lm-eval's (no requests in 'arguments', or no lists in 'resps')")
    return _Sample(where, [str(p[0]) for p in pairs], [str(p[1]).strip() for p in pairs], responses)


def _replies(reply: RecordedReply, sample: _Sample, exported: bool) -> Iterator[RecordedReply]:
    """One reply a repeat."""
    responses = sample.responses
    if len(responses) == 1 and responses[0] and all(isinstance(r, str) for r in responses[0]):
        for n, text in enumerate(map(str, responses[0])):
            yield reply._replace(text=text, sample=n)
        return
    letters = bool(sample.continuations) and all(len(c) == 1 for c in sample.continuations)
    order = sorted(range(len(sample.continuations)), key=lambda i: sample.continuations[i] if letters else i)
    kind: RequestKind = "letters" if letters else "likelihood"
    for n, values in enumerate(_logprobs(responses, sample.where)):
        if len(values) != len(order):
            raise IgakuError(f"{sample.where}: {len(values)} log-likelihoods for {len(order)} requests")
        yield reply._replace(
            kind=kind,
            sample=n,
            logprobs=tuple(values[i] for i in order),
            choices=() if letters else tuple(sample.continuations),
            lettered=letters and not exported,
            texts=(*reply.texts, sample.prompts[0]) if letters and not exported else reply.texts,
        )


def _logprobs(responses: Sequence[Sequence[object]], where: str) -> list[list[float]]:
    """One list a repeat, of one log-likelihood a request."""
    try:
        if not responses or not all(responses):
            raise ValueError
        return [[float(one[0]) for one in repeat] for repeat in zip(*responses, strict=True)]
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        why = "no log-likelihoods and no text in 'resps'"
        raise IgakuError(f"{where}: not a sample of lm-eval's ({why})") from None


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            waiting.extend(reversed(list(one.values() if isinstance(one, dict) else one)))
