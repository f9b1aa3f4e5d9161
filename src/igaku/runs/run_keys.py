"""Keys change: an official one comes after a data set, an error is corrected.

A run carries the key it was made with. It is not continued, and no two runs are compared, where one question has two
keys. Grading both by one of them is the user's decision, since nobody else knows which is right:
``igaku grade RUN --new-keys``.
"""

from collections.abc import Iterable, Mapping, Sequence

from igaku.benchmarks import family
from igaku.errors import IgakuError
from igaku.question import Question
from igaku.runs.bench_facts import BenchFacts, graded_by, known_facts, shown_key, version_notes
from igaku.runs.manifest import StoredQuestion
from igaku.runs.store import Run

LISTED = 10
"""Changed keys that a message writes out."""

Changes = Sequence[tuple[Question, Question]]
"""A question before and after."""


def facts_of(run: Run, bench: str) -> BenchFacts:
    """What a run says of a benchmark (``igaku.runs.bench_facts``)."""
    return known_facts(run.manifest.benchmarks, bench)


def key_notes(runs: Iterable[Run]) -> list[str]:
    """A line for each benchmark of which several versions of the key exist: which one stands."""
    notes = (version_notes(run.manifest.benchmarks, (t.bench for t in run.manifest.tasks)) for run in runs)
    return list(dict.fromkeys(note for mine in notes for note in mine))


def key_changes(before: Mapping[tuple[str, str, str], Question], after: Iterable[StoredQuestion]) -> Changes:
    """Of questions by benchmark, language and id, those that would be graded by another key."""
    pairs = ((before.get((s.bench, s.question.lang, s.question.id)), s.question) for s in after)
    return [(old, new) for old, new in pairs if old is not None and graded_by(old) != graded_by(new)]


def changes_text(changes: Changes, between: str = ", now ") -> str:
    """``q0: b, now c; q1: …``."""
    shown = [f"{new.id}: {shown_key(old)}{between}{shown_key(new)}" for old, new in changes[:LISTED]]
    return "; ".join(shown) + (f"; and {len(changes) - LISTED} more" if len(changes) > LISTED else "")


def one_key(runs: Sequence[Run]) -> None:
    """Refuse runs of which one question has two keys.

    Raises:
        IgakuError: the questions, both keys and their runs, and how to grade all by one key.
    """
    first: dict[tuple[str, str, str], tuple[Question, Run]] = {}
    mixed: list[tuple[Question, Run, Question, Run]] = []
    for run in runs:
        for (bench, lang, id), q in run.questions.items():
            old, where = first.setdefault((family(bench), lang, id), (q, run))
            if graded_by(old) != graded_by(q):
                mixed.append((old, where, q, run))
    if not mixed:
        return
    _, one, _, other = mixed[0]
    pairs = [(old, new) for old, a, new, b in mixed if (a, b) == (one, other)]
    remedy = "igaku grade RUN --new-keys (the benchmark's present one), or --keys FILE"
    raise IgakuError(
        f"{one.path} and {other.path} are graded by two keys, which differ in {len(pairs)} questions "
        f"({changes_text(pairs, ' and ')}); grade both by one: {remedy}"
    )
