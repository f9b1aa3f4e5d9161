"""Physicians rate what models wrote: blinded sheets out, filled sheets in, and how far they and a judge agree.

``export_sheets`` writes one CSV a rater and a key. A row is one answer and one point of its rubric; answers are
shuffled for each rater, models are unnamed, and the key (which answer is whose) is a file of its own that raters need
not see. ``read_sheets`` takes the filled sheets back; ``igaku.studies.raters`` says what follows from them.
"""

import csv
import json
import random
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.grading.rubric import to_judge, votes_of
from igaku.io.files import write_whole
from igaku.io.hashing import digest
from igaku.io.json_values import read_object
from igaku.io.rows import need, read_csv
from igaku.keys import rubric_of
from igaku.question import Question, Reply
from igaku.runs.manifest import JudgeVotes, TaskRun
from igaku.runs.store import Run, open_run
from igaku.studies.judge import open_answers
from igaku.studies.raters.report import Marks, Rated, RatingReport, majority, rating_report

COLUMNS = ("item", "point", "question", "answer", "what to look for", "met (1 or 0)", "comment")
MET = COLUMNS[5]
_YES, _NO = {"1", "yes", "y", "true", "○", "〇", "はい", "有"}, {"0", "no", "n", "false", "×", "✕", "いいえ", "無"}


class Item(NamedTuple):
    """One answer to one open question, as a rater sees it."""

    run: Run
    task: TaskRun
    question: Question
    reply: Reply


def export_sheets(runs: Sequence[str | Path], out: str | Path, *, raters: int = 2, seed: int = 0) -> list[Path]:
    """Write ``sheet-1.csv`` ... for physicians and ``key.json`` for whoever evaluates them.

    Raises:
        IgakuError: no open answers in the runs, or sheets are there already (they may be filled in).
    """
    out = Path(out)
    items = [item for path in runs for item in _items(open_run(path))]
    if not items:
        raise IgakuError(
            f"{', '.join(map(str, runs))}: no answers to open questions here; ask them first: igaku "
            "eval --bench clinical_open"
        )
    if raters < 1:
        raise IgakuError(f"--raters {raters}: at least one is needed")
    if (out / "key.json").exists():
        raise IgakuError(f"{out}: sheets already exist and may be filled in; give another --out")
    names = _names(items, seed)
    key = {
        name: {
            "run": str(i.run.path.resolve()),
            "bench": i.task.bench,
            "lang": i.task.lang,
            "id": i.question.id,
            "reply": i.reply.key,
            "model": i.reply.model,
        }
        for name, i in names.items()
    }
    write_whole(
        out / "key.json",
        json.dumps({"seed": seed, "raters": raters, "items": key}, ensure_ascii=False, indent=1) + "\n",
    )
    return [_sheet(out / f"sheet-{n}.csv", names, random.Random(f"{seed}/{n}")) for n in range(1, raters + 1)]


def _items(run: Run) -> Iterator[Item]:
    return (Item(run, *answer) for answer in open_answers(run))


def _names(items: Sequence[Item], seed: int) -> dict[str, Item]:
    """Names that say nothing: numbered in a random order."""
    order = sorted(items, key=lambda i: digest(f"{seed}/{i.run.path}/{i.reply.key}".encode()))
    return {f"R{n:03d}": item for n, item in enumerate(order, 1)}


def _sheet(path: Path, names: dict[str, Item], rng: random.Random) -> Path:
    order = list(names)
    rng.shuffle(order)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name in order:
            item = names[name]
            for n, point in enumerate(rubric_of(item.question).points, 1):
                writer.writerow(map(_cell, (name, n, item.question.stem, to_judge(item.reply), point.text, "", "")))
    return path


def _cell(value: object) -> object:
    """A spreadsheet runs what begins like a formula; a blank before it makes it text."""
    text = str(value)
    return f" {text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def read_sheets(folder: str | Path) -> RatingReport:
    """Scores and agreement from the filled sheets of a folder that ``export_sheets`` wrote.

    A blank mark is missing and counted; any other word than yes or no is an error that names sheet and line.
    """
    folder = Path(folder)
    names = _key(folder)
    sheets = {path.stem: _marks(path, names) for path in sorted(folder.glob("sheet-*.csv"))}
    if not any(v is not None for marks in sheets.values() for v in marks.values()):
        raise IgakuError(f"{folder}: no sheet here has a mark yet; fill the column {MET!r} with 1 or 0")
    judges = {f"judge {name}": _judge(names, j) for name, j in _judges(names).items()}
    rated = [Rated(name, i.reply.model, i.task.bench, i.question) for name, i in names.items()]
    return rating_report(rated, sheets, judges)


def _key(folder: Path) -> dict[str, Item]:
    path = folder / "key.json"
    if not path.exists():
        raise IgakuError(f"{folder}: no key.json in it; give the folder that `igaku rate export --out` wrote")
    rows = {}
    for name, row in need(read_object(path, "a key of igaku"), "items", dict, str(path)).items():
        where = f"{path}, {name}"
        if not isinstance(row, dict):
            raise IgakuError(f"{where}: expected an object, found {type(row).__name__}; restore the file")
        rows[str(name)] = need(row, "run", str, where), need(row, "reply", str, where)
    runs: dict[str, dict[str, Item]] = {}
    out = {}
    for name, (folder_of, reply) in rows.items():
        if folder_of not in runs:
            runs[folder_of] = {item.reply.key: item for item in _items(open_run(folder_of))}
        if reply not in runs[folder_of]:
            raise IgakuError(f"{path}, {name}: its answer is no longer in {folder_of}; restore the run")
        out[name] = runs[folder_of][reply]
    return out


def _marks(path: Path, names: dict[str, Item]) -> Marks:
    out: dict[tuple[str, int], bool | None] = {}
    for line, row in read_csv(path):
        where = f"{path}, line {line}"
        name, number = (need(row, c, str, where).strip() for c in ("item", "point"))
        if name not in names:
            raise IgakuError(
                f"{where}: item {name!r} is not in key.json; leave the columns 'item' and 'point' as they were"
            )
        if not number.isdecimal() or not 0 < int(number) <= len(rubric_of(names[name].question).points):
            raise IgakuError(f"{where}: point {number!r} is not one of {name}'s points")
        word = unicodedata.normalize("NFKC", need(row, MET, str, where)).strip().lower()
        if word and word not in _YES | _NO:
            raise IgakuError(f"{where}: {MET!r} must be 1 or 0 (or blank), found {word!r}")
        out[name, int(number) - 1] = None if not word else word in _YES
    return out


def _judges(names: dict[str, Item]) -> dict[str, JudgeVotes]:
    """The judges of the rated runs by name, each once."""
    return {item.run.judge_name(j): j for item in names.values() for j in item.run.manifest.judges}


def _judge(names: dict[str, Item], judged: JudgeVotes) -> Marks:
    out: dict[tuple[str, int], bool | None] = {}
    for name, item in names.items():
        mine = next((j for j in item.run.manifest.judges if (j.judge, j.prompt) == (judged.judge, judged.prompt)), None)
        size = len(rubric_of(item.question).points)
        votes = votes_of(item.run.with_votes(item.reply, mine), size) if mine else []
        out |= {(name, p): majority([v[p] for v in votes if v is not None]) for p in range(size)}
    return out
