"""Imported replies held against the benchmark: what is missing, whose pictures were shown, whose keys were others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from igaku.keys import LETTERS, Choices, Number
from igaku.runs.importers.match import Questions
from igaku.runs.importers.recorded import RecordedReply, listed
from igaku.runs.importers.repeats import Found

Row = tuple[str, str, str, str]
"""Model, language, prompt, order."""


LONGEST_BARE = 20
"""Characters of the longest reply that may be letters (or a number) only."""


def missing(counted: Sequence[Found], questions: Questions, bench: str) -> list[str]:
    """Notes for rows that do not answer the whole benchmark; rows that lack the same questions in one line."""
    answered: dict[Row, set[str]] = defaultdict(set)
    for one in counted:
        answered[one.row].add(one.question.id)
    lacking: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for row, ids in answered.items():
        if absent := tuple(name for name in questions[row[1]] if name not in ids):
            lacking[row[1], absent].append(f"{row[0]} ({row[2]}, {row[1]})")
    return [
        f"{len(absent)} of {len(questions[lang])} questions of {bench} have no reply of {', '.join(names[:3])}"
        + (f" and {len(names) - 3} more rows" if len(names) > 3 else "")
        + f": {listed(absent)}"
        for (lang, absent), names in lacking.items()
    ]


def without_question(replies: Iterable[RecordedReply], questions: Questions, bench: str) -> list[str]:
    """A note for ids that the benchmark has not, with a near match for the first."""
    unknown = dict.fromkeys(r.id for r in replies if r.id and r.id not in questions.get(r.lang, {}))
    if not unknown:
        return []
    return [f"left out, since {bench} has no such question: {listed(unknown)}{near(next(iter(unknown)), questions)}"]


def near(name: str, questions: Questions) -> str:
    """`` (is 120A1 meant as 120A-1?)``, or nothing."""
    known = [id for by_id in questions.values() for id in by_id]
    found = get_close_matches(name, known, n=1, cutoff=0.8)
    return f" (is {name} meant as {found[0]}?)" if found else ""


def pictures(counted: Sequence[Found]) -> tuple[set[Row], list[str]]:
    """The rows whose questions' pictures were shown, all of them; and notes for those of which it is not known, or
    where only some were."""
    rows: dict[Row, list[Found]] = defaultdict(list)
    for one in counted:
        rows[one.row].append(one)
    shown, notes, unknown, n_unknown = set(), [], dict[str, None](), 0
    for row, ones in rows.items():
        pictured = [one for one in ones if not one.question.text_only]
        sent = [one for one in pictured or ones if one.reply.images]
        if sent and len(sent) == len(pictured or sent):
            shown.add(row)
        elif sent:
            without = [one.question.id for one in pictured if not one.reply.images]
            notes.append(
                f"{row[0]} ({row[2]}): {len(without)} of {len(pictured)} questions with pictures were asked without "
                f"them ({listed(without)}), so all of them count as not shown"
            )
        elif pictured and any(one.reply.images is None for one in pictured):
            unknown[row[0]], n_unknown = None, max(n_unknown, len(pictured))
    if unknown:
        notes.append(
            f"the files do not say whether {listed(unknown, 3)} saw the pictures of {n_unknown} questions: these count "
            "as not shown (saw_images says it in jsonl and csv)"
        )
    return shown, notes


def bare_numbers(counted: Sequence[Found]) -> list[str]:
    """Notes for rows whose replies to questions with choices are numbers: these are read as counted from 1."""
    rows: dict[Row, list[str]] = defaultdict(list)
    for one in counted:
        if one.question.is_choice and one.reply.kind == "text":
            rows[one.row].append(one.reply.text.strip(" ,、.[]()"))
    notes = []
    for row, texts in rows.items():
        numbers = [t for t in texts if t.isdecimal()]
        if 2 * len(numbers) > len(texts):
            zero = "; 0 occurs: if they count from 0, shift them first" if "0" in numbers else ""
            notes.append(
                f"{len(numbers)} of {len(texts)} replies of {row[0]} ({row[2]}) to questions with choices are bare "
                f"numbers, read as counted from 1{zero}"
            )
    return notes


def letters_only(counted: Sequence[Found]) -> list[str]:
    """A note for replies of which the format says that nothing but letters was asked for, and that hold more."""
    bare = [one for one in counted if one.reply.bare]
    prose = [one for one in bare if len(one.reply.text) > LONGEST_BARE]
    if not prose:
        return []
    return [
        f"{len(prose)} of {len(bare)} replies that the format marks as letters only hold more than letters and are not "
        f"read by letter: {listed(f'{one.question.id} ({one.reply.model})' for one in prose)}"
    ]


def other_keys(counted: Sequence[Found]) -> list[str]:
    """A note where the files were graded by other keys than the benchmark's."""
    others = {one.question.id: one for one in counted if one.reply.gold and not _agrees(one)}
    if not others:
        return []
    pairs = (f"{id}: {' '.join(o.reply.gold)} there, {o.question.key.text()} here" for id, o in others.items())
    return [f"{len(others)} keys in the files differ from igaku's ({listed(pairs, sep='; ')})"]


def _agrees(one: Found) -> bool:
    key, gold = one.question.key, [g.strip().lower() for g in one.reply.gold]
    if isinstance(key, Number):
        return any(map(key.matches, gold))
    letters = [c for c in "".join(gold) if c in LETTERS]
    return not isinstance(key, Choices) or key.accepts(tuple(LETTERS.index(c) for c in letters))
