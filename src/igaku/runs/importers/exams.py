"""Replies that projects published to the 116th and 120th exams: JMLE2026-Bench, IgakuQA-evaluation."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.json_values import read_object
from igaku.io.rows import need
from igaku.keys import LETTERS
from igaku.runs.importers.recorded import RecordedReply, Remarks

CUT = 200
"""IgakuQA-evaluation stores at most this many characters of a reply: one of this length was cut."""
LONGEST = 2000
"""Characters of one setting that are retained."""
_ABOUT = {"model": "model_id", "timestamp": "date"}
_RESULTS = (
    *("details", "summary", "prompts", "display_name", "results"),
    *("total_questions", "attempted", "skipped_image"),
)
PART = re.compile(r"(?:prompt_comparison_)?(.+)_20\d\d_([A-F])")
"""The name of one of IgakuQA-evaluation's files: condition and part of the exam."""


def jmle2026(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """One file a model, with what was set in its ``metadata``."""
    log = read_object(path, "a result file of JMLE2026-Bench", "replace")
    metadata, rows = need(log, "metadata", dict, str(path)), need(log, "results", list, str(path))
    name = str(metadata.get("display_name") or metadata.get("model") or path.stem)
    about = _about(metadata)
    for n, row in enumerate(rows, 1):
        where = f"{path}, result {n}"
        if not isinstance(row, dict):
            raise IgakuError(f"{where}: expected an object, found {type(row).__name__}")
        yield RecordedReply(
            where,
            name,
            "ja",
            need(row, "question_id", str, where),
            str(row.get("raw_response") or ""),
            finish="error" if row.get("error") else "stop",
            thinking=str(row.get("reasoning") or ""),
            images=metadata.get("image_mode") == "vision",
            gold=tuple(map(str, need(row, "gold", (list, str), where) if row.get("gold") else ())),
            about=about,
        )


def igakuqa_evaluation(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """One file an exam part and condition (``NAME_2022_A.json``), with replies by prompt; the condition is the model's
    name, since several conditions are runs of one model.

    Of a reply that was stored cut, the answer is what its authors read from the whole (``prediction``), and the text at
    hand stands with the thoughts: what was cut is the file, not the reply.
    """
    named = PART.fullmatch(path.stem)
    if not named:
        raise IgakuError(f"{path}: not named like IgakuQA-evaluation's files (NAME_2022_A.json)")
    log = read_object(path, "a result file of IgakuQA-evaluation", "replace")
    details, prompts = need(log, "details", dict, str(path)), log.get("prompts")
    for prompt in details:
        text = prompts.get(prompt) if isinstance(prompts, dict) else None
        about = _about({**log, **({"prompt": text} if text else {})})
        for n, row in enumerate(need(details, prompt, list, str(path)), 1):
            where = f"{path}, reply {n} to {prompt}"
            if not isinstance(row, dict):
                raise IgakuError(f"{where}: expected an object, found {type(row).__name__}")
            number = need(row, "problem_id", str, where)
            reply = RecordedReply(where, named[1], "ja", number, str(row.get("response") or ""), prompt=prompt)
            gold = tuple(str(row["gold"]).split(",")) if row.get("gold") else ()
            yield _whole(reply, row, remarks)._replace(gold=gold, about=about, images=False)


def _whole(reply: RecordedReply, row: Mapping[str, object], remarks: Remarks) -> RecordedReply:
    """A reply that failed, or was stored cut, as what it is."""
    if row.get("error"):
        return reply._replace(finish="error")
    if len(reply.text) != CUT:
        return reply
    if not (read := str(row.get("prediction") or "")):
        remarks.counts[
            f"replies were stored cut at {CUT} characters and have no other reading: they hold no answer"
        ] += 1
        return reply._replace(finish="length")
    remarks.counts[
        f"replies were stored cut at {CUT} characters: their answer is what the files' authors read from the whole "
        "reply, which cannot be checked here"
    ] += 1
    return reply._replace(text=read, thinking=reply.text)


def from_zero(text: str) -> str:
    """Choices counted from 0, as J-ClinicalBench does, as letters: ``3`` is ``d``, ``1, 3`` and ``13`` are ``b, d``."""
    if not re.fullmatch(r"[\d\s,、]+", text.strip()):
        return text
    return ", ".join(LETTERS[int(d)] for d in re.findall(r"\d", text))


def _about(given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """What a file says of its model and of how it was asked, under igaku's names; results are left out."""
    named: dict[str, object] = {_ABOUT.get(name, name): v for name, v in given.items() if name not in _RESULTS}
    named["effort"] = _effort(given.get("extra_body"))
    return tuple(
        (name, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)[:LONGEST])
        for name, v in named.items()
        if v not in (None, "", [], {})
    )


def _effort(body: object) -> object:
    """``high`` of ``{"reasoning_effort": "high"}`` or ``{"reasoning": {"effort": "high"}}``."""
    if not isinstance(body, dict):
        return None
    reasoning = body.get("reasoning")
    return body.get("reasoning_effort") or (reasoning.get("effort") if isinstance(reasoning, dict) else None)
