"""Per-sample logs of general harnesses: lm-eval, Inspect, lighteval and the Swallow team's fork of it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, optional
from igaku.io.rows import need, read_jsonl
from igaku.question import Finish
from igaku.runs.importers.recorded import Said


def lm_eval(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    """A sample holds its document, the arguments of each request, and the responses in the same order."""
    name = model or path.parent.name
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        doc, resps = need(row, "doc", dict, where), need(row, "resps", list, where)
        arguments = list(need(row, "arguments", dict, where).values())
        exported = "id" in doc and "query" in doc
        said = Said(
            where,
            name,
            str(doc.get("lang", lang)) if exported else lang,
            str(doc["id"]) if exported else "",
            text="",
            texts=() if exported else tuple(_strings(doc)),
        )
        try:
            if len(resps) == 1 and isinstance(resps[0][0], str):
                yield said._replace(text=resps[0][0])
                continue
            logprobs = tuple(float(r[0][0]) for r in resps)
            following = tuple(str(a["arg_1"]).strip() for a in arguments)
        except (IndexError, KeyError, TypeError, ValueError):
            raise IgakuError(
                f"{where}: not a sample of lm-eval's (no log-likelihoods and no text in 'resps')"
            ) from None
        letters = all(len(c) == 1 for c in following)
        if letters and not exported:
            raise IgakuError(
                f"{where}: scored by letters, in an order the sample does not hold; export the task from igaku instead"
            )
        yield said._replace(
            kind="letters" if letters else "likelihood", logprobs=logprobs, choices=() if letters else following
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def inspect(path: Path, lang: str, model: str | None) -> Iterator[Said]:
    """Samples of an Inspect log (``.json`` or ``.eval``); each epoch is a sample of its question."""
    name, samples = _inspect_samples(path)
    for n, row in enumerate(samples, 1):
        where = f"{path}, sample {n}"
        try:
            yield _inspect_sample(where, row, lang, model or name)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
            raise IgakuError(f"{where}: not a sample of Inspect's ({type(error).__name__}: {error})") from None


def _inspect_sample(where: str, row: dict[str, Any], lang: str, model: str) -> Said:
    output = row.get("output") or {}
    said = (output.get("choices") or [{}])[0]
    finish: Finish = "length" if said.get("stop_reason") in ("max_tokens", "model_length") else "stop"
    if said.get("stop_reason") == "content_filter":
        finish = "refused"
    if row.get("error"):
        finish = "error"
    asked = row.get("input")
    texts = tuple(_strings(asked if isinstance(asked, str) else [m.get("content") for m in asked or []]))
    return Said(
        where,
        model,
        lang,
        "",
        _spoken((said.get("message") or {}).get("content")),
        choices=tuple(row.get("choices") or ()),
        sample=int(row.get("epoch") or 1) - 1,
        finish=finish,
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
        raise IgakuError(
            f"{path}: packed with zstd, which this Python cannot read; write it as JSON first: inspect log convert --to json --output-dir DIR {path}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IgakuError(f"{path}: not a log of Inspect's ({type(error).__name__}: {error})") from None


def _spoken(content: Any) -> str:
    """A message's text without its reasoning."""
    if isinstance(content, list):
        return "".join(str(c.get("text") or "") for c in content if c.get("type") == "text")
    return str(content or "")


def lighteval(path: Path, lang: str, model: str | None) -> Iterator[Said]:
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
            doc, reply = need(row, "doc", dict, where), need(row, "model_response", dict, where)
            asked, choices = doc.get("query"), doc.get("choices")
            texts, logprobs = reply.get("text_post_processed") or reply.get("text"), reply.get("logprobs")
        else:  # before lighteval 0.11
            asked, choices = row.get("example") or row.get("full_prompt"), row.get("choices")
            texts, logprobs = row.get("predictions"), row.get("pred_logits")
        yield from _lighteval_row(Said(where, name, lang, "", "", texts=(str(asked or ""),)), choices, texts, logprobs)


def _lighteval_row(said: Said, choices: Any, texts: Any, logprobs: Any) -> Iterator[Said]:
    shown = tuple(str(c).strip() for c in choices or ())
    lettered = bool(shown) and all(len(c) == 1 for c in shown)
    values = [v for v in logprobs or () if isinstance(v, float)]
    if values and len(values) == len(shown):
        said = said._replace(kind="letters" if lettered else "likelihood", logprobs=tuple(values), lettered=lettered)
        yield said._replace(choices=() if lettered else shown)
        return
    texts = [texts] if isinstance(texts, str) else texts
    if not texts or not all(isinstance(t, str) for t in texts):
        raise IgakuError(f"{said.where}: neither a text nor one log-probability a choice in it")
    for sample, text in enumerate(texts):
        yield said._replace(text=text, sample=sample, lettered=True)


def _folder_name(path: Path) -> str:
    parts = path.resolve().parts
    return "/".join(parts[parts.index("details") + 1 : -2]) if "details" in parts[:-2] else path.parent.name
