"""J-ClinicalBench's own prompts, zero-shot and one-shot, read out of the user's copy of its files; none is in igaku.

Its slots become ours. What it fills them with is not published: lists of terms are joined, progress notes are numbered
and options are numbered from 1 (as its example is; its published labels count from 0). The one-shot prompts show
the first question of their task with its answer, which is then not asked.
"""

import json
import re
from pathlib import Path

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.j_clinicalbench import TASKS
from igaku.errors import IgakuError
from igaku.io.read import read_text
from igaku.prompts.store import register
from igaku.prompts.template import Prompt
from igaku.question import Question

NAME = "j-clinicalbench"
FIRST, SECOND = "{{ documents[0] }}", "{{ documents[1] }}"
_SLOTS = {
    "cca": {"text": FIRST, "options": SECOND},
    "mr": {"text": FIRST, "options": SECOND},
    "mcqa": {
        "text": "{{ stem }}",
        "options": '{% for c in choices %}{{ "\\n" if not loop.first }}{{ c.letter }}. {{ c.text }}{% endfor %}',
    },
    "hs_ds": {"persona": FIRST, "d_summary": SECOND, "example_res": "{{ context }}"},
    "irs": {"incident_description": FIRST, "action_token": SECOND},
    "ade": {"text": FIRST, "medication": SECOND},
}
_ONE = {"text": FIRST, "notes": FIRST}
_TOKENS = {"rouge": 2048, "span_f1": 1024, "list_f1": 512, "fields": 128}
_CARD = """+++
title = {title}
lang = "ja"
like = "J-ClinicalBench の公開プロンプトそのもの（利用者の手元のファイルから読んだもの）。"
reply = "text"
labels = "1"
max_tokens = {tokens}
shows_questions = {shown}
+++
"""


def add(folder: Path) -> list[Prompt]:
    """Register ``j-clinicalbench/TASK_zero_shot`` and ``…_one_shot`` for every task in a folder of its files.

    Raises:
        IgakuError: no prompt in the folder, a prompt without its slots, or the task's data are not at hand.
    """
    out = []
    for task in TASKS:
        for shots in ("zero_shot", "one_shot"):
            for path in sorted(folder.rglob(f"{TASKS[task].folder}/prompt_{shots}.txt"))[:1]:
                text = read_text(path, "SETTINGS_MB")
                shown = _shown(task, text) if shots == "one_shot" else []
                out.append(register(f"{NAME}/{task}_{shots}", _card(task, shots, shown) + _jinja(task, text, path)))
    if not out:
        raise IgakuError(f"{folder}: no prompt_zero_shot.txt of J-ClinicalBench in it; give its data/benchmarks")
    return out


def _card(task: str, shots: str, shown: list[str]) -> str:
    title = json.dumps(f"J-ClinicalBench {task} ({shots}), the published words", ensure_ascii=False)
    return _CARD.format(title=title, tokens=_TOKENS.get(TASKS[task].aggregate, 64), shown=json.dumps(shown))


def _jinja(task: str, text: str, path: Path) -> str:
    slots = _SLOTS.get(task, _ONE)
    pieces = re.split(rf"<({'|'.join(slots)})>", text)
    if len(pieces) == 1:
        raise IgakuError(f"{path}: none of its slots is in it ({', '.join(slots)})")
    return "".join(slots[piece] if i % 2 else _literal(piece) for i, piece in enumerate(pieces))


def _literal(text: str) -> str:
    return "{{ " + json.dumps(text, ensure_ascii=False) + " }}" if text else ""


def _shown(task: str, text: str) -> list[str]:
    """Ids of the questions that a prompt shows: those whose text is in it, else the first one, which upstream leaves
    out; of sentences only those whose text is in it."""
    questions = load_benchmark(f"j_clinicalbench-{task}").load()
    found = [q.id for q in questions if _solid(_shown_text(task, q)) in _solid(text)]
    return found or ([questions[0].id] if TASKS[task].aggregate != "span_f1" else [])


def _shown_text(task: str, q: Question) -> str:
    return q.stem if task == "mcqa" else q.documents[1 if task == "hs_ds" else 0]


def _solid(text: str) -> str:
    return re.sub(r"\s|\\n", "", text)
