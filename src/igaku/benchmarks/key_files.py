"""Keys from a file: an official key that came after a data set, or a corrected one, wins over the benchmark's own.

``keys/NAME.csv`` (or ``.json``, ``.jsonl``) in a data folder is taken for benchmark NAME, ``my.keys.csv`` beside
``my.jsonl`` for own questions; ``igaku import`` and ``igaku grade`` take one by ``--keys FILE``. A row has the
question's id and its answer, in columns as upstream files have them (``id``, ``question_id``, 問題番号; ``answer``,
``correct_answer``, 解答): letters or numbers of choices (``ac``, ``a,c``, ``["a", "c"]``, ``1,3``, ``②``; ``a/d`` or
``a or d`` for either), a number where there are no choices, or
``excluded``, ``everybody``, ``unless-right`` (also 採点除外, 解なし, 全員正解), in a column ``void`` too. A JSON object
``{"id": "answer"}`` will do. Questions that the file does not name keep their key.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hashing import file_sha256
from igaku.io.json_values import read_json
from igaku.io.paths import find_data
from igaku.io.rows import read_csv, read_jsonl
from igaku.keys import Key, Number
from igaku.keys.choices import Choices
from igaku.keys.ordering import Ordering
from igaku.keys.written import Unreadable, named_choices
from igaku.question import Question, Void

ENDINGS = (".csv", ".json", ".jsonl")
IDS = ("id", "question_id", "problem_id", "question_number", "number", "qid", "問題番号")
ANSWERS = ("answer", "key", "gold", "correct_answer", "answers", "解答", "正解", "正答")
VOIDS: dict[str, Void] = {
    **{name: name for name in get_args(Void) if name and name != "no-key"},
    "採点除外": "excluded",
    "除外": "excluded",
    "解なし": "excluded",
    "全員正解": "everybody",
}
_EITHER = re.compile(r"\s*(?:/|\||\bor\b|または|又は)\s*")


class KeyFile(Struct, frozen=True):
    """A file of keys as its rows have them."""

    path: Path
    rows: dict[str, tuple[object, str]]
    """Question -> its answer, and why it does not count (empty where it does)."""

    @property
    def version(self) -> str:
        """What outputs call it: its name and the beginning of its hash."""
        return f"{self.path.name} (sha256 {file_sha256(self.path)[:12]})"


def keys_beside(name: str, file: Path | None) -> Path | None:
    """The keys that lie with a benchmark's data: ``keys/NAME.csv``, or ``my.keys.csv`` beside the user's ``my.jsonl``;
    None where there are none.

    Raises:
        IgakuError: several, so that nobody knows which one counts.
    """
    if file is not None:
        found = [p for p in (file.with_name(f"{file.stem}.keys{e}") for e in ENDINGS) if p.is_file()]
    else:
        found = [p for p in (find_data(f"keys/{name}{e}") for e in ENDINGS) if p]
    if len(found) > 1:
        raise IgakuError(f"{found[0]} and {found[1].name}: two files of keys for {name}; remove one")
    return found[0] if found else None


def read_key_file(path: Path) -> KeyFile:
    """A file of keys.

    Raises:
        IgakuError: unreadable, no id or answer in a row, or a question twice with two answers.
    """
    rows: dict[str, tuple[object, str]] = {}
    for where, id, answer, void in _rows(path):
        if rows.setdefault(id, (answer, void)) != (answer, void):
            raise IgakuError(f"{where}: question {id} has another key before ({rows[id][0]}, now {answer})")
    if not rows:
        raise IgakuError(f"{path}: no keys in it")
    return KeyFile(path, rows)


def _rows(path: Path) -> Iterator[tuple[str, str, object, str]]:
    """Where, question, answer, void."""
    if path.suffix == ".json":
        found = _objects(path)
    else:
        found = ((f"{path}, line {n}", row) for n, row in (read_csv if path.suffix == ".csv" else read_jsonl)(path))
    for where, row in found:
        id, answer, void = _one(row, IDS, where, "the question"), None, str(row.get("void") or "").strip()
        if void in ("", "no-key"):
            void, answer = "", _answer(row, where)
        if isinstance(answer, str) and answer.strip() in VOIDS:
            void, answer = answer.strip(), None
        if void and void not in VOIDS:
            raise IgakuError(f"{where}: {UnknownNameError('void', void, VOIDS)}")
        yield where, str(id).strip(), answer, VOIDS[void] if void else ""


def _answer(row: Mapping[str, object], where: str) -> object:
    """As it stands; each of ``accepted`` is right by itself."""
    if accepted := row.get("accepted"):
        return "/".join(map(str, accepted if isinstance(accepted, list) else str(accepted).split("|")))
    return _one(row, ANSWERS, where, "the answer")


def _one(row: Mapping[str, object], names: Sequence[str], where: str, what: str) -> object:
    for name in names:
        if row.get(name) not in (None, "", []):
            return row[name]
    raise IgakuError(f"{where}: no field for {what} ({', '.join(names[:4])} …); found: {', '.join(map(str, row))}")


def _objects(path: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    value = read_json(path)
    if isinstance(value, dict):
        lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        value = lists[0] if len(lists) == 1 else [{"id": k, "answer": v} for k, v in value.items()]
    if not isinstance(value, list) or any(not isinstance(row, dict) for row in value):
        raise IgakuError(f'{path}: expected a list of objects with id and answer, or {{"id": "answer"}}')
    for n, row in enumerate(value, 1):
        yield f"{path}, row {n}", row


def unknown_questions(keys: KeyFile, questions: Iterable[Question], label: str) -> IgakuError:
    """The error for a file that names none of the questions, with near matches for its first."""
    first = next(iter(keys.rows))
    return IgakuError(f"{keys.path}: {UnknownNameError(f'question of {label}', first, [q.id for q in questions])}")


def with_keys(questions: Iterable[Question], keys: KeyFile) -> list[Question]:
    """The questions by the keys of the file; those that it does not name as they are.

    Raises:
        IgakuError: an answer that is no key of its question.
    """
    return [_with_key(q, keys) if q.id in keys.rows else q for q in questions]


def _with_key(q: Question, keys: KeyFile) -> Question:
    answer, void = keys.rows[q.id]
    if void:
        return replace(q, void=VOIDS[void])
    key = _key(q, answer)
    if key is None or key.problem(q):
        wanted = f"letters of {q.letters}" if q.choices else "a number"
        raise IgakuError(f"{keys.path}: question {q.id}: {answer!r} is no key of it ({wanted})")
    return replace(q, key=key, void="" if q.void == "no-key" else q.void)


def _key(q: Question, answer: object) -> Key | None:
    """None where it is no letters (or number) of this question."""
    parts = answer if isinstance(answer, list) else [answer]
    texts = [t for p in parts if (t := unicodedata.normalize("NFKC", str(p)).strip().lower())]
    alternatives = [a for a in _EITHER.split(texts[0]) if a] if len(texts) == 1 else ["".join(texts)]
    if isinstance(q.key, Number) or (not q.choices and isinstance(q.key, Choices)):
        key = Number.parsed(alternatives, q.stem)
        return replace(key, form=q.key.form) if key and isinstance(q.key, Number) else key
    try:
        sets = [named_choices(a, len(q.choices), q.choices) for a in alternatives]
    except Unreadable:
        return None
    if not sets or () in sets:
        return None
    if isinstance(q.key, Ordering):
        return Ordering(sets[0]) if len(sets) == 1 else None
    return Choices(tuple(tuple(sorted(set(found))) for found in sets)) if isinstance(q.key, Choices) else None
