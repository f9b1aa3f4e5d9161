"""The 119th exam: IgakuQA119's tables of graded letters, question by question."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from igaku.grading import Graded
from igaku.io.rows import read_csv
from igaku.runs.importers.medical import model119
from igaku.studies.published.files import Published, Read, ResultFiles

TRUE = "True"


def _published(folder: Path) -> dict[str, Published]:
    rows: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("*_grading_results.csv")):
        for _, row in read_csv(path):
            rows[model119(row["model"]), path.name].append(row)
    return {
        model: Published(
            file,
            _total(mine),
            {row["question_number"]: Read([row["model_answer"]], row["is_correct"] == TRUE) for row in mine},
        )
        for (model, file), mine in rows.items()
    }


def _total(rows: Sequence[dict[str, str]]) -> str:
    required = sum(float(r["score"]) for r in rows if r["is_required"] == TRUE)
    every = sum(float(r["score"]) for r in rows)
    text = sum(float(r["score"]) for r in rows if r["has_image"] != TRUE)
    right = sum(r["is_correct"] == TRUE for r in rows)
    return f"{right}; {required:g} / {every - required:g} / {every:g}; {text:g}"


def total(mine: Sequence[Graded]) -> str:
    """As the sum of the table has it."""
    got = [(g.question, g.verdict.score * g.question.points) for g in mine]
    required = sum(p for q, p in got if q.section == "required")
    every, text = sum(p for _, p in got), sum(p for q, p in got if q.text_only)
    return f"{sum(g.verdict.right for g in mine)}; {required:g} / {every - required:g} / {every:g}; {text:g}"


IGAKUQA119 = ResultFiles(
    check="igakuqa119-tables",
    bench="igakuqa119",
    format="igakuqa119",
    folder="igakuqa119/results/demo",
    what="right of 400; points: required / general and clinical / total; without images",
    source="docto-rin/IgakuQA119 @2d94239, results/demo/{}: the sum of its rows",
    published=_published,
    total=total,
)
