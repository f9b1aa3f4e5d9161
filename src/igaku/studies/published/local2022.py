"""The 116th exam by local models: IgakuQA-evaluation's files, a part of the exam and a condition each.

A condition is complete where all six parts are there. Its replies were stored cut at 200 characters: of those that are
longer the authors' reading of the whole is all there is.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from igaku.grading import Graded
from igaku.io.json_values import read_object
from igaku.runs.importers.exams import CUT, PART
from igaku.studies.published.files import Published, Read, ResultFiles

PARTS = 6


def _published(folder: Path) -> dict[str, Published]:
    found: dict[str, list[tuple[dict[str, Any], list[dict[str, Any]]]]] = defaultdict(list)
    for path in sorted(folder.glob("*_2022_[A-F].json")):
        log: Any = read_object(path, "a result file of IgakuQA-evaluation")
        named = PART.fullmatch(path.stem)
        for summary in log["summary"] if named else ():
            name = f"{named[1]} ({summary['prompt_key']})" if named else ""
            found[name].append((summary, log["details"][summary["prompt_key"]]))
    return {name: _result(name, parts) for name, parts in found.items() if len(parts) == PARTS}


def _result(name: str, parts: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]]) -> Published:
    rows = [row for _, part in parts for row in part]
    cut = sum(len(row.get("response") or "") == CUT for row in rows)
    return Published(
        f"{re.sub(r' .*', '', name)}_2022_A … F.json",
        str(sum(summary["correct"] for summary, _ in parts)),
        {row["problem_id"]: Read(_answers(row), row["correct"]) for row in rows},
        unchecked=f"{cut} of {len(rows)} replies were stored cut: their answer is the authors' reading" if cut else "",
    )


def _answers(row: dict[str, Any]) -> list[object]:
    return [a for a in re.split(r"[,、]\s*", str(row.get("prediction") or "")) if a]


def total(mine: Sequence[Graded]) -> str:
    """Questions that are right."""
    return str(sum(g.verdict.right for g in mine))


LOCAL2022 = ResultFiles(
    check="igakuqa2022-right",
    bench="igakuqa-2022",
    format="igakuqa-evaluation",
    folder="igakuqa2022_localllm/results",
    what="right of 400, the five void questions among them",
    source="aki-wada/IgakuQA-evaluation @0ff4921, results/{}: its summaries",
    published=_published,
    total=total,
    name=lambda key: f"{key.model} ({key.prompt})",
    counts_void=True,
)
