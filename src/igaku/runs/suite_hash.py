"""The hash of a suite: everything that can change a score, and nothing that cannot.

Of each block: its questions with keys and pictures (by their contents), the template's text, the examples, the order of
the choices, the form, the methods and how replies are drawn. Names of files, folders and templates, the order of
blocks and questions, and who the questions are from change no score and are not in it. The version of the graders
comes in when a score is shown (``igaku.runs.store.SuiteRef``), so that a run graded by newer graders says so.
"""

import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from igaku.grading import METHODS
from igaku.grading.methods import BUILTIN
from igaku.io.hashing import digest
from igaku.question import Question
from igaku.runs.requests import Block, examples_of, n_shots, shots_of
from igaku.runs.specs import TaskSpec


def content_hash(parts: Iterable[tuple[TaskSpec, Iterable[Block]]]) -> str:
    """32 hex digits over the blocks of a suite."""
    blocks = {block_hash(block, task) for task, blocks in parts for block in blocks}
    return digest("".join(sorted(blocks)).encode())


def block_hash(block: Block, task: TaskSpec) -> str:
    """32 hex digits over one block."""
    n = n_shots(block.prompt, task)
    whole = {
        "language": block.lang,
        "aggregate": block.bench.aggregate,
        "questions": sorted(question_hash(q) for q in block.questions),
        "template": block.prompt.hash,
        "examples": [_plain(q) for q in shots_of(block, examples_of(block.prompt, task), n)],
        "order": block.order,
        "format": task.question_format,
        "methods": sorted([name, method_hash(name)] for name in block.methods),
        "sampling": _sampling(task),
        **({"samples": task.samples} if task.samples > 1 else {}),
    }
    return digest(msgspec.json.encode(whole, order="sorted"))


def _sampling(task: TaskSpec) -> list[float | int | None]:
    """Length, temperature (None: each model's own) and seed, where it is used."""
    own = task.temperature is None and task.samples > 1
    return [task.max_tokens, None if own else task.temperature or 0.0, task.seed if own or task.temperature else 0]


def question_hash(q: Question) -> str:
    """32 hex digits over a question: its texts, key and points, and the contents of its pictures."""
    pictures = [_picture(path) for path in q.images]
    return digest(msgspec.json.encode([_plain(q), pictures], order="sorted"))


def _plain(q: Question) -> object:
    """A question without where it is from, and without how people did on it."""
    return msgspec.to_builtins(replace(q, images=(), source="", human_accuracy=None, human_choice=()))


def _picture(path: str) -> str:
    file = Path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


@cache
def method_hash(name: str) -> str:
    """SHA-256 of the file of a method of one's own; empty for igaku's, whose version is one for all."""
    method = METHODS[name]
    if method in BUILTIN:
        return ""
    try:
        file = inspect.getsourcefile(method.grade)
    except TypeError:
        return ""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file and Path(file).is_file() else ""
