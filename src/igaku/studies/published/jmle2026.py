"""The 120th exam: each result file of JMLE2026-Bench has a summary of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from igaku.grading import Graded
from igaku.io.json_values import read_object
from igaku.studies.published.files import Published, Read, ResultFiles


def _published(folder: Path) -> dict[str, Published]:
    what = "a result file of JMLE2026-Bench"
    logs: list[tuple[str, Any]] = [(path.name, read_object(path, what)) for path in sorted(folder.glob("*.json"))]
    return {
        str(log["metadata"]["display_name"]): Published(
            file,
            _summary(log["summary"]),
            {row["question_id"]: Read(row.get("predicted") or (), row["correct"]) for row in log["results"]},
        )
        for file, log in logs
    }


def _summary(s: dict[str, Any]) -> str:
    points = " / ".join(str(s[k]) for k in ("required_score", "general_score", "score"))
    return f"{s['correct']}; {points}; {s['text_only_score']}"


def total(mine: Sequence[Graded]) -> str:
    """As the summary has it."""
    points = dict.fromkeys(("required", "rest", "text"), 0.0)
    for g in mine:
        got = g.verdict.score * g.question.points
        points["required" if g.question.section == "required" else "rest"] += got
        points["text"] += got * g.question.text_only
    required, rest = points["required"], points["rest"]
    right = sum(g.verdict.right for g in mine)
    return f"{right}; {required:g} / {rest:g} / {required + rest:g}; {points['text']:g}"


JMLE2026 = ResultFiles(
    check="jmle2026-points",
    bench="jmle2026",
    format="jmle2026",
    folder="jmle2026/results",
    what="right of 400; points: required / general and clinical / total; without images",
    source="JMLE2026-Bench @76c4b29, results/{}: its summary",
    published=_published,
    total=total,
)
