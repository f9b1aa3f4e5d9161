"""The formats of recorded replies: a reader each, the files that it reads, and the methods that suit its replies."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.runs.importers import exams, j_clinicalbench, judged, medical, rows
from igaku.runs.importers.columns import read_columns
from igaku.runs.importers.inspect_logs import inspect, inspect_files
from igaku.runs.importers.lighteval import lighteval
from igaku.runs.importers.lm_eval import lm_eval
from igaku.runs.importers.recorded import Reader, Remarks

METHODS = ["letter", "letter-lenient"]
SCORED = ["letter", "likelihood", "likelihood-char", "letter-logprob"]


class Format(NamedTuple):
    """One format of recorded replies."""

    read: Reader
    files: tuple[str, ...]
    """Patterns of its files in a folder; those of the first pattern that matches are read."""
    methods: list[str]
    """Methods to show."""
    model_names: bool = False
    """Whether ``model`` is the name to give; otherwise it picks one of several."""
    graded: bool = False
    """Whether its files hold a judge's grades, which come in as votes."""
    narrow: Callable[[Sequence[Path], str], list[Path]] = lambda files, bench: list(files)
    """Which of a folder's files answer a benchmark, where the folder has those of several."""


FORMATS = {
    "jsonl": Format(rows.jsonl_rows, ("*.jsonl", "*.json"), METHODS[:1], model_names=True),
    "csv": Format(rows.csv_rows, ("*.csv",), METHODS[:1], model_names=True),
    "igakuqa": Format(medical.igakuqa, ("*-[A-F]_*.jsonl",), METHODS, narrow=medical.igakuqa_replies),
    "igakuqa119": Format(medical.igakuqa119, ("*.json", "*_grading_results.csv"), METHODS),
    "jmle2026": Format(exams.jmle2026, ("*.json",), METHODS[:1]),
    "igakuqa-evaluation": Format(exams.igakuqa_evaluation, ("*_20[0-9][0-9]_[A-F].json",), METHODS[:1]),
    "j-clinicalbench": Format(
        j_clinicalbench.j_clinicalbench, ("*_shot.json",), METHODS[:1], narrow=j_clinicalbench.narrow
    ),
    "med-harness": Format(medical.med_harness, ("*.jsonl",), ["gestalt", "exact", "letter"], model_names=True),
    "healthbench": Format(judged.graded_rubrics, ("*results*.json",), ["rubric"], model_names=True, graded=True),
    "lm-eval": Format(lm_eval, ("samples_*.jsonl",), SCORED, model_names=True),
    "inspect": Format(inspect, ("*.json", "*.eval"), METHODS[:1], model_names=True),
    "lighteval": Format(lighteval, ("details_*.parquet",), SCORED, model_names=True),
    "swallow": Format(lighteval, ("details_*.parquet",), SCORED, model_names=True),
}

PLAIN = {"jsonl": rows.jsonl_rows, "csv": rows.csv_rows}
"""Formats whose columns may have other names."""


def reader_of(format: str, columns: str | Mapping[str, str]) -> Reader:
    """The reader of a format, by the file's own names of columns where they are given.

    Raises:
        IgakuError: columns for a format that names its own, or that igaku does not read.
    """
    if not columns:
        return FORMATS[format].read
    if format not in PLAIN:
        raise IgakuError(f"--columns is for {' and '.join(PLAIN)}; {format} names its columns itself")
    return partial(PLAIN[format], columns=read_columns(columns, rows.FIELDS))


def files_of(format: str, path: Path, remarks: Remarks) -> list[Path]:
    """The file itself, or the files of a folder that are of this format.

    Raises:
        IgakuError: there is none.
    """
    patterns = FORMATS[format].files
    named = " or ".join(patterns)
    if not path.exists():
        raise IgakuError(f"{path}: not found; give a file, or a folder that holds {named}")
    if not path.is_dir():
        return [path]
    if format == "inspect":
        files, notes = inspect_files(path)
        remarks.notes += notes
    else:
        files = next((f for f in (sorted(path.rglob(p)) for p in patterns) if f), [])
    if not files:
        raise IgakuError(f"{path}: no {named} in this folder")
    return files
