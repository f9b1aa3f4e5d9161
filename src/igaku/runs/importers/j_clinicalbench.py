"""The replies that J-ClinicalBench published: ``TASK/MODEL/zero_shot.json`` and ``one_shot.json``, a list of rows.

A row repeats its question's key and, for most tasks, its id. Relations have no id: their rows are the first ones of the
data, in its order (the one-shot files begin with the second, since the first is the example), and are checked against
it. Sentences are found by their number and text; most of the 1,000 or 1,001 that a model was given are in a file that
upstream took out (``test_cr.json``), and are left out and counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from igaku.benchmarks import j_clinicalbench_keys as keys
from igaku.benchmarks import load_benchmark
from igaku.benchmarks.j_clinicalbench import TASKS, JClinicalBench
from igaku.errors import IgakuError
from igaku.io.json_values import parse_json
from igaku.io.read import read_text
from igaku.io.rows import need, read_jsonl
from igaku.question import Question
from igaku.runs.importers.exams import from_zero
from igaku.runs.importers.recorded import RecordedReply, Remarks

NAME = JClinicalBench.name
FOLDERS = {task.folder.rsplit("/", 1)[1]: name for name, task in TASKS.items()}
WITHOUT = "_no_options"
"""Folders of replies to a prompt that offered no list of terms end in this."""

Row = Mapping[str, object]


def task_of(path: Path) -> str:
    """The task whose replies a file holds, by its folder; ``mcqa`` where the folder is another."""
    return FOLDERS.get(path.parent.parent.name.removesuffix(WITHOUT), "mcqa")


def narrow(files: Sequence[Path], bench: str) -> list[Path]:
    """The files of one task; those of the exam questions for IgakuQA and questions of one's own.

    Raises:
        IgakuError: all tasks at once, which are scored in different ways.
    """
    if bench == NAME:
        raise IgakuError(
            f"{bench} is scored task by task; import one of them: --bench {bench}-tnm (of {', '.join(TASKS)})"
        )
    wanted = bench.removeprefix(f"{NAME}-")
    return [f for f in files if task_of(f) == (wanted if wanted in TASKS else "mcqa")] or list(files)


def read_rows(path: Path) -> list[tuple[str, Row]]:
    """The rows of a file, each with where it stands; a file is a list, or has a row a line."""
    text = read_text(path).strip()
    if text.startswith("{") and "\n{" in text:
        rows: object = [row for _, row in read_jsonl(path, "replace")]
    else:
        rows = parse_json(text, str(path), "a file of J-ClinicalBench", "replace")
    if not isinstance(rows, list):
        raise IgakuError(f"{path}: not a file of J-ClinicalBench (expected a list, found {type(rows).__name__})")
    for n, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise IgakuError(f"{path}, reply {n}: expected an object, found {type(row).__name__}")
    return [(f"{path}, reply {n}", row) for n, row in enumerate(rows, 1)]


def j_clinicalbench(path: Path, lang: str, model: str | None, remarks: Remarks) -> Iterator[RecordedReply]:
    """The rows of one file: one model, one prompt."""
    task, rows = task_of(path), read_rows(path)
    ids = ids_of(task, rows, remarks)
    prompt = path.stem + (WITHOUT if path.parent.parent.name.endswith(WITHOUT) else "")
    for (where, row), name in zip(rows, ids):
        gold = (from_zero(str(row["gold"])),) if task == "mcqa" and "gold" in row else ()
        yield RecordedReply(where, path.parent.name, "ja", name, reply_of(task, row, where), prompt=prompt, gold=gold)


def ids_of(task: str, rows: Sequence[tuple[str, Row]], remarks: Remarks) -> Iterator[str]:
    """The id of each row's question, one that no question has where it is not found."""
    return _IDS.get(task, _by_name)(task, rows, remarks)


def reply_of(task: str, row: Row, where: str) -> str:
    """What the model wrote: a text; of an exam question with one label a letter."""
    if task == "mcqa":
        label = need(row, "generated", (int, str, type(None)), where)
        return from_zero(str(row.get("generated_text") or ("" if label is None else label)))
    text: str = need(row, "generated_medra" if task == "cca" else "generated", str, where)
    return text


def _exam(task: str, rows: Sequence[tuple[str, Row]], remarks: Remarks) -> Iterator[str]:
    for where, row in rows:
        yield need(row, "sample_id", str, where)


def _by_name(task: str, rows: Sequence[tuple[str, Row]], remarks: Remarks) -> Iterator[str]:
    """The task's own id, in whichever of its fields; what the authors held for right is compared with the key."""
    questions = {q.id: q for q in load_benchmark(f"{NAME}-{task}").load()} if task in ("cca", "mr") else {}
    for where, row in rows:
        if "doctor_id" in row:
            name = f"{row.get('ds_id')}_{row['doctor_id']}"
        else:
            field = next((f for f in ("id", "doc_name", "sheet_name", "Unnamed: 0") if f in row), "id")
            name = str(need(row, field, (str, int), where))
        found = questions.get(f"{task}-{name}")
        if found and keys.expressions(row.get("gold_medra", row.get("gold")), where) != found.key:
            remarks.counts[f"replies of {task} were graded by another key there"] += 1
        yield f"{task}-{name}"


def _in_order(task: str, rows: Sequence[tuple[str, Row]], remarks: Remarks) -> Iterator[str]:
    questions = load_benchmark(f"{NAME}-{task}").load()
    given = [(row.get("relation"), row.get("source")) for _, row in rows]
    for first in (0, 1):
        mine = questions[first : first + len(rows)]
        if [(q.category, q.source) for q in mine] == given:
            return iter([q.id for q in mine])
    raise IgakuError(f"{rows[0][0]}: relation and source are not those of the data, in its order" if rows else task)


def _by_text(task: str, rows: Sequence[tuple[str, Row]], remarks: Remarks) -> Iterator[str]:
    known = {_sentence(q): q.id for q in load_benchmark(f"{NAME}-{task}").load()}
    for where, row in rows:
        text = keys.entities(row, task, where).document
        number = "-".join(map(str, need(row, "ID", list, where)))
        name = known.get((number, text), "")
        if not name:
            remarks.counts[f"replies of {task} are to sentences of a file that upstream took out"] += 1
        yield name or f"{task}-absent-{number}"


def _sentence(q: Question) -> tuple[str, str]:
    """Its number in its file, and its text."""
    return q.id.split(f"{q.section}-", 1)[1], q.documents[0]


_IDS: dict[str, Callable[[str, Sequence[tuple[str, Row]], Remarks], Iterator[str]]] = {
    "mcqa": _exam,
    "re_ent": _in_order,
    "re_time": _in_order,
    "ner_disease": _by_text,
    "ner_medication": _by_text,
}
