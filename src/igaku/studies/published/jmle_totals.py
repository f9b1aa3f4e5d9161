"""The 120th exam's published totals, each file's own summary beside what igaku reads from its replies."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.io.paths import find_data
from igaku.keys import LETTERS, Number
from igaku.question import Question
from igaku.runs.importers import import_run
from igaku.studies.published.figures import Difference, Figure, Judged, Right, judged

BENCH = "jmle2026"
FOLDER = "jmle2026/results"
WHAT = "right of 400; points: required / general and clinical / total; without images"
SOURCE = "JMLE2026-Bench @76c4b29, results/{}: its summary"
_SIGNS = re.compile(r"[\s*】」。.]+$|\s+")


def jmle_figures() -> list[Figure]:
    """One figure a result file; one without a value where the files are not at hand."""
    return [
        Figure(
            benchmark=BENCH,
            model=name,
            what=WHAT,
            value=_summary(log["summary"]),
            source=SOURCE.format(file),
            check="jmle2026-points",
        )
        for name, (file, log) in _logs().items()
    ] or [Figure(benchmark=BENCH, model="(every model)", what=WHAT, value="-", source=SOURCE.format(""), why=_absent())]


def jmle_points(figure: Figure) -> str:
    """As the summary has it, by the method ``letter``."""
    mine = _graded()[figure.model]
    points = dict.fromkeys(("required", "rest", "text"), 0.0)
    for g in mine:
        got = g.verdict.score * g.question.points
        points["required" if g.question.section == "required" else "rest"] += got
        points["text"] += got * g.question.text_only
    required, rest = points["required"], points["rest"]
    right = sum(g.verdict.right for g in mine)
    return f"{right}; {required:g} / {rest:g} / {required + rest:g}; {points['text']:g}"


def jmle_differences() -> list[Difference]:
    """Every question that the authors and igaku grade differently, also where two of them cancel out in the total."""
    known, out = judged(), []
    for name, (_, log) in _logs().items():
        published = {row["question_id"]: row for row in log["results"]}
        for g in _graded()[name]:
            row = published[g.question.id]
            if g.verdict.right != row["correct"]:
                out.append(_difference(name, g, row, known.get((BENCH, name, g.question.id))))
    return out


def _difference(model: str, g: Graded, row: dict[str, Any], word: Judged | None) -> Difference:
    theirs = " ".join(map(str, row.get("predicted") or ())) or "nothing"
    right, why = (word.right, word.why) if word else _spelled_otherwise(g.question, row.get("predicted") or ())
    return Difference(
        benchmark=BENCH,
        model=model,
        question=g.question.id,
        key=g.question.key.text(),
        ours=f"{' '.join(g.verdict.read) or 'nothing'} ({g.verdict.outcome})",
        published=f"{theirs} ({'right' if row['correct'] else 'wrong'})",
        right=right,
        why=why,
    )


def _spelled_otherwise(q: Question, predicted: Sequence[object]) -> tuple[Right, str]:
    """The authors compare texts: what they read is the key, with a sign, a blank or a zero more or less."""
    plain = [_SIGNS.sub("", str(p)).lower() for p in predicted]
    if isinstance(q.key, Number):
        same = len(plain) == 1 and q.key.matches(plain[0])
    else:
        same = bool(plain) and set("".join(plain)) <= set(LETTERS)
        same = same and q.key.accepts(tuple(LETTERS.index(c) for c in "".join(plain)))
    return ("igaku", "they read the key, and compare it as a text") if same else ("open", "nobody has looked yet")


def _summary(s: dict[str, Any]) -> str:
    points = " / ".join(str(s[k]) for k in ("required_score", "general_score", "score"))
    return f"{s['correct']}; {points}; {s['text_only_score']}"


def _absent() -> str:
    return f"the published replies ({FOLDER}) are not here; put them under IGAKU_DATA"


@cache
def _logs() -> dict[str, tuple[str, dict[str, Any]]]:
    found = find_data(FOLDER)
    out: dict[str, tuple[str, dict[str, Any]]] = {}
    for path in sorted(Path(found).glob("*.json")) if found else ():
        try:
            log = json.loads(path.read_text(encoding="utf-8"))
            _ = log["summary"], log["results"]
            out[str(log["metadata"]["display_name"])] = (path.name, log)
        except (ValueError, KeyError, TypeError) as error:
            raise IgakuError(f"{path}: not a result file of JMLE2026-Bench ({type(error).__name__}: {error})") from None
    return out


@cache
def _graded() -> dict[str, list[Graded]]:
    found = find_data(FOLDER)
    if found is None:
        raise IgakuError(_absent())
    out: dict[str, list[Graded]] = {}
    with TemporaryDirectory() as scratch:
        for cell_key, g in import_run("jmle2026", found, bench=BENCH, out=scratch).run.grade("letter"):
            out.setdefault(cell_key.model, []).append(g)
    return out


def forget() -> None:
    """Look for the files again."""
    _logs.cache_clear()
    _graded.cache_clear()
