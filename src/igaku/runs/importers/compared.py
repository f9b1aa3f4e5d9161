"""Imported replies held against the benchmark: what is missing, and which keys their authors graded by."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from igaku.keys import LETTERS, Choices, Number
from igaku.runs.importers.match import Questions
from igaku.runs.importers.repeats import Found


def missing(counted: Sequence[Found], questions: Questions, bench: str) -> list[str]:
    """Notes for rows that do not answer the whole benchmark; rows of one number in one line."""
    answered = Counter(row for row, _ in {(one.row, one.question.id) for one in counted})
    rows: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row, n in answered.items():
        if absent := len(questions[row[1]]) - n:
            rows[absent, len(questions[row[1]])].append(f"{row[0]} ({row[2]}, {row[1]})")
    return [
        f"{absent} of {of} questions of {bench} have no reply of {', '.join(names[:3])}"
        + (f" and {len(names) - 3} more rows" if len(names) > 3 else "")
        for (absent, of), names in rows.items()
    ]


def other_keys(counted: Sequence[Found]) -> list[str]:
    """A note where the files were graded by other keys than the benchmark's."""
    others = {one.question.id: one for one in counted if one.reply.gold and not _agrees(one)}
    if not others:
        return []
    first = next(iter(others.values()))
    theirs, ours = " ".join(first.reply.gold), first.question.key.text()
    return [f"{len(others)} keys in the files differ from igaku's ({first.question.id}: {theirs} there, {ours} here)"]


def _agrees(one: Found) -> bool:
    key, gold = one.question.key, [g.strip().lower() for g in one.reply.gold]
    if isinstance(key, Number):
        return any(map(key.matches, gold))
    letters = [c for c in "".join(gold) if c in LETTERS]
    return not isinstance(key, Choices) or key.accepts(tuple(LETTERS.index(c) for c in letters))
