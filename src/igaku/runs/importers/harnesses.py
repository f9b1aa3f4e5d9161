"""Per-sample logs of general harnesses: lm-eval, Inspect, lighteval and the Swallow team's fork of it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, optional
from igaku.io.rows import need, read_jsonl
from igaku.question import Finish, RequestKind
from igaku.runs.importers.recorded import RecordedReply

FINISH: dict[str, Finish] = {"max_tokens": "length", "model_length": "length", "content_filter": "refused"}
"""Inspect's stop reasons; others are ``stop``."""


def lm_eval(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """A sample holds its document, the arguments of each request, and the responses in the same order."""
    name = model or path.parent.name
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        doc, resps = need(row, "doc", dict, where), need(row, "resps", list, where)
        arguments = list(need(row, "arguments", dict, where).values())
        exported = "id" in doc and "query" in doc
        reply = RecordedReply(where, name, lang, "", "", texts=tuple(_strings(doc)))
        if exported:
            reply = RecordedReply(where, name, str(doc.get("lang", lang)), str(doc["id"]), "")
        try:
            if len(resps) == 1 and isinstance(resps[0][0], str):
                yield reply._replace(text=resps[0][0])
                continue
            logprobs = tuple(float(r[0][0]) for r in resps)
            following = tuple(str(a["arg_1"]).strip() for a in arguments)
        except (IndexError, KeyError, TypeError, ValueError):
            why = "no log-likelihoods and no text in 'resps'"
            raise IgakuError(f"{where}: not a sample of lm-eval's ({why})") from None
        letters = all(len(c) == 1 for c in following)
        if letters and not exported:
            why = "scored by letters, in an order the sample does not hold"
            raise IgakuError(f"{where}: {why}; export the task from igaku instead")
        kind: RequestKind = "letters" if letters else "likelihood"
        yield reply._replace(kind=kind, logprobs=logprobs, choices=() if letters else following)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def inspect(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """Samples of an Inspect log (``.json`` or ``.eval``); each epoch is a sample of its question."""
    name, samples = _inspect_samples(path)
    for n, row in enumerate(samples, 1):
        where = f"{path}, sample {n}"
        try:
            yield _inspect_sample(where, row, lang, model or name)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
            raise IgakuError(f"{where}: not a sample of Inspect's ({type(error).__name__}: {error})") from None


def _inspect_sample(where: str, row: dict[str, Any], lang: str, model: str) -> RecordedReply:
    output = row.get("output") or {}
    choice = (output.get("choices") or [{}])[0]
    prompt = row.get("input")
    texts = tuple(_strings(prompt if isinstance(prompt, str) else [m.get("content") for m in prompt or []]))
    return RecordedReply(
        where,
        model,
        lang,
        "",
        _without_reasoning((choice.get("message") or {}).get("content")),
        choices=tuple(row.get("choices") or ()),
        sample=int(row.get("epoch") or 1) - 1,
        finish="error" if row.get("error") else FINISH.get(str(choice.get("stop_reason")), "stop"),
        texts=(str(row.get("id", "")), *texts),
    )


def _inspect_samples(path: Path) -> tuple[str, list[dict[str, Any]]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                names = [n for n in file.namelist() if n.startswith("samples/")]
                header = json.loads(file.read("header.json"))
                return header["eval"]["model"], [json.loads(file.read(n)) for n in names]
        log = json.loads(path.read_text(encoding="utf-8"))
        return str(log["eval"]["model"]), list(log.get("samples") or [])
    except NotImplementedError:
        convert = f"inspect log convert --to json --output-dir DIR {path}"
        raise IgakuError(
            f"{path}: packed with zstd, which this Python cannot read; write it as JSON first: {convert}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IgakuError(f"{path}: not a log of Inspect's ({type(error).__name__}: {error})") from None


def _without_reasoning(content: object) -> str:
    """A message's text without its reasoning."""
    if isinstance(content, list):
        return "".join(str(c.get("text") or "") for c in content if c.get("type") == "text")
    return str(content or "")


def lighteval(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """Rows of a details file; the model's name is that of the folders it lies in (``details/ORG/NAME/DATE/``)."""
    pq = optional("pyarrow.parquet", "parquet")
    try:
        rows = pq.read_table(path).to_pylist()
    except (OSError, ValueError) as error:
        raise IgakuError(f"{path}: not a Parquet file ({error})") from None
    name = model or _folder_name(path)
    for n, row in enumerate(rows, 1):
        where = f"{path}, row {n}"
        if "doc" in row:
            doc, response = need(row, "doc", dict, where), need(row, "model_response", dict, where)
            prompt, choices = doc.get("query"), doc.get("choices")
            texts, logprobs = response.get("text_post_processed") or response.get("text"), response.get("logprobs")
        else:  # before lighteval 0.11
            prompt, choices = row.get("example") or row.get("full_prompt"), row.get("choices")
            texts, logprobs = row.get("predictions"), row.get("pred_logits")
        reply = RecordedReply(where, name, lang, "", "", texts=(str(prompt or ""),))
        yield from _lighteval_row(reply, choices, texts, logprobs)


def _lighteval_row(reply: RecordedReply, choices: Any, texts: Any, logprobs: Any) -> Iterator[RecordedReply]:
    shown = tuple(str(c).strip() for c in choices or ())
    lettered = bool(shown) and all(len(c) == 1 for c in shown)
    values = tuple(v for v in logprobs or () if isinstance(v, float))
    if values and len(values) == len(shown):
        kind: RequestKind = "letters" if lettered else "likelihood"
        yield reply._replace(kind=kind, logprobs=values, lettered=lettered, choices=() if lettered else shown)
        return
    texts = [texts] if isinstance(texts, str) else texts
    if not texts or not all(isinstance(t, str) for t in texts):
        raise IgakuError(f"{reply.where}: neither a text nor one log-probability a choice in it")
    for sample, text in enumerate(texts):
        yield reply._replace(text=text, sample=sample, lettered=True)


def _folder_name(path: Path) -> str:
    parts = path.resolve().parts
    return "/".join(parts[parts.index("details") + 1 : -2]) if "details" in parts[:-2] else path.parent.name
