"""Replies that exam projects published: IgakuQA's and IgakuQA119's files, and japanese-lm-med-harness's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.runs.importers.recorded import RecordedReply


def igakuqa(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """One file an exam part and model (``112-A_gpt4.jsonl``, ``112-A_translate_chatgpt-en.jsonl``)."""
    named = re.fullmatch(r"\d+-[A-F](_translate)?_(.+)", path.stem)
    if not named:
        raise IgakuError(f"{path}: not named like IgakuQA's reply files (112-A_gpt4.jsonl)")
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        text = need(row, "prediction", str, where)
        yield RecordedReply(where, named[2], "en" if named[1] else "ja", need(row, "problem_id", str, where), text)


def igakuqa119(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """Answer JSON: a list of questions, each with the answers of one or more models."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))["results"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise IgakuError(f"{path}: not IgakuQA119's answer JSON (no 'results' in it: {error})") from None
    if not isinstance(results, list):
        raise IgakuError(f"{path}: not IgakuQA119's answer JSON ('results' is not a list)")
    for n, row in enumerate(results, 1):
        where = f"{path}, result {n}"
        for sample, answer in enumerate(need(row, "answers", list, where)):
            name = re.sub(r".*/|:latest$|\.gguf", "", str(need(answer, "model", str, where)))
            number, text = need(row, "question_number", str, where), str(answer.get("answer") or "")
            yield RecordedReply(where, name, "ja", number, text, sample=sample)


def med_harness(path: Path, lang: str, model: str | None) -> Iterator[RecordedReply]:
    """JSONL with the choices in the order shown, and the response."""
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        choices = tuple(map(str, need(row, "choices", list, where)))
        name = str(need(row, "problem_id", (str, int), where))
        respondent = model or path.stem.split("-Igaku")[0]
        yield RecordedReply(where, respondent, lang, name, need(row, "response", str, where), choices)
