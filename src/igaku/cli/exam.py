"""``igaku exam``."""

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.options import split
from igaku.cli.output import emit, say, show_rows
from igaku.errors import IgakuError


def exam(
    run: Annotated[Path, Argument(help="A run's folder.", metavar="RUN")],
    year: Annotated[str, Option(help="One exam by its year, e.g. 2018; all if left out.")] = "",
    method: Annotated[
        str | None, Option(help="Methods, comma-separated; those the run was made for if left out.")
    ] = None,
    difficulty: Annotated[
        bool, Option("--difficulty", help="Also accuracy on questions that people find hard to easy.")
    ] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Would it have passed? Points against the exam's real pass marks (physicians 2018-2022 and 2025, pharmacists 2012-2023).

    The verdict is an estimate, and is given only for a whole exam: 必修, 一般・臨床, 禁忌肢; 必須, total, subjects.
    """
    import msgspec

    from igaku.runs.store import open_run
    from igaku.studies.exam import examine

    opened = open_run(run)
    graded = opened.grade(split(method) or None)
    results = examine(graded, year)
    if not results:
        raise IgakuError(
            f"{run}: no exam with known pass marks{f' of {year}' if year else ''} here; there are physicians' of 2018-2022 (igakuqa) "
            "and 2025 (igakuqa119), pharmacists' of 2012-2023 (yakugakuqa)"
        )
    if json:
        emit({"exams": msgspec.to_builtins(results)})
        return
    several = len({r.model for r in results}) > 1
    rows = [
        [r.exam, *([r.model] if several else []), r.language, r.prompt, r.method, *_parts(r), r.verdict, r.why]
        for r in results
    ]
    show_rows(
        [
            "exam",
            *(["model"] if several else []),
            "lang",
            "prompt",
            "method",
            "required",
            "rest or total",
            "subjects",
            "prohibited",
            "verdict",
            "because",
        ],
        rows,
        False,
        "exams",
    )
    if difficulty:
        _difficulty([(p, g) for p, g in graded if year in ("", g.question.year)], results)
    say("estimates of research tools; sources of the marks: --json")


def _parts(result: Any) -> list[str]:
    by = {p.name: p for p in result.parts}
    subjects = [p for p in result.parts if p.name.startswith("required: ")]
    short = sum(p.passed is False for p in subjects)
    prohibited = by.get("prohibited")
    return [
        _told(by["required"]),
        _told(by.get("general and clinical") or by.get("total")),
        f"{len(subjects) - short}/{len(subjects)}" if subjects else "",
        f"{prohibited.got:g} (at most {prohibited.needed:g})" if prohibited else "",
    ]


def _told(part: Any) -> str:
    if part is None:
        return ""
    mark = "" if part.passed is None else " ✓" if part.passed else " ✗"
    return f"{part.got:g}/{part.of:g}, needs {part.needed:g}{mark}"


def _difficulty(graded: Any, results: Any) -> None:
    from igaku.statistics import wilson
    from igaku.studies.exam import difficulty
    from igaku.tables import interval, percent

    rows: list[list[Any]] = []
    for cell_key in dict.fromkeys(
        p for p, _ in graded if any((p.benchmark, p.method) == (r.benchmark, r.method) for r in results)
    ):
        for low, high, n, right in difficulty([g for p, g in graded if p == cell_key]):
            rows.append(
                [
                    cell_key.model,
                    cell_key.language,
                    cell_key.method,
                    f"{percent(low)} – {percent(high)}",
                    n,
                    percent(right / n),
                    interval(wilson(right, n)),
                ]
            )
    show_rows(["model", "lang", "method", "people right", "questions", "accuracy", "95 %"], rows, False, "difficulty")
