"""Replies that projects published to the 116th and 120th exams: JMLE2026-Bench, IgakuQA-evaluation."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.rows import need
from igaku.keys import LETTERS
from igaku.runs.importers.recorded import RecordedReply, Remarks, read_json

CUT = 200
"""IgakuQA-evaluation stores at most this many characters of a reply: one of this length was cut."""
_PART = re.compile(r"(?:prompt_comparison_)?(.+)_20\d\d_([A-F])")


def jmle2026(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """One file a model, with what was set in its ``metadata``."""
    log = read_json(path, "a result file of JMLE2026-Bench")
    metadata, rows = need(log, "metadata", dict, str(path)), need(log, "results", list, str(path))
    name = str(metadata.get("display_name") or metadata.get("model") or path.stem)
    remarks.provenance.append(f"{name} ({path.name}): {_settings(metadata)}")
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
            gold=tuple(map(str, row.get("gold") or ())),
        )


def igakuqa_evaluation(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """One file an exam part and condition (``NAME_2022_A.json``), with replies by prompt; the condition is the model's
    name, since several conditions are runs of one model."""
    named = _PART.fullmatch(path.stem)
    if not named:
        raise IgakuError(f"{path}: not named like IgakuQA-evaluation's files (NAME_2022_A.json)")
    log = read_json(path, "a result file of IgakuQA-evaluation")
    details, cut = need(log, "details", dict, str(path)), 0
    remarks.provenance.append(f"{named[1]} ({path.name}): {_settings(log)}")
    for prompt in details:
        for n, row in enumerate(need(details, prompt, list, str(path)), 1):
            where = f"{path}, reply {n} to {prompt}"
            if not isinstance(row, dict):
                raise IgakuError(f"{where}: expected an object, found {type(row).__name__}")
            text = str(row.get("response") or "")
            cut += len(text) == CUT
            yield RecordedReply(
                where,
                named[1],
                "ja",
                need(row, "problem_id", str, where),
                text,
                prompt=prompt,
                finish="length" if len(text) == CUT else "stop",
                gold=tuple(str(row["gold"]).split(",")) if row.get("gold") else (),
            )
    if cut:
        remarks.counts[f"replies were stored cut at {CUT} characters"] += cut


def from_zero(text: str) -> str:
    """Choices counted from 0, as J-ClinicalBench does, as letters: ``3`` is ``d``, ``1, 3`` and ``13`` are ``b, d``."""
    if not re.fullmatch(r"[\d\s,、]+", text.strip()):
        return text
    return ", ".join(LETTERS[int(d)] for d in re.findall(r"\d", text))


def _settings(given: dict[str, object]) -> str:
    """``model=… timestamp=…``: what a file says of itself, its lists of replies left out."""
    short = {k: v for k, v in given.items() if k not in ("details", "summary", "prompts", "display_name")}
    return " ".join(f"{k}={v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}" for k, v in short.items())[
        :500
    ]
