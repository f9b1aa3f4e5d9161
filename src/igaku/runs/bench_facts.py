"""What a run says of its benchmarks: title, licence, credit line, and which key they were graded by.

Keys change: an official one comes after a data set, an error is mended. A run therefore carries the fingerprint of the
key it was made with; it is not continued, and no two runs are compared, where one question has two keys. Grading both
by one of them is a decision of the user's, since nobody else knows which is right: ``igaku grade RUN --new-keys``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from igaku.benchmarks import TABLE, family, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.io.hashing import digest
from igaku.question import Question

if TYPE_CHECKING:
    from igaku.runs.store import Run, StoredQuestion

FINGERPRINT = 12
"""Hex digits of a key's fingerprint."""
LISTED = 10
"""Changed keys that a message writes out."""

Changes = Sequence[tuple[Question, Question]]
"""A question before and after."""


class BenchFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run retains of one benchmark."""

    title: str = ""
    title_ja: str = ""
    licence: str = ""
    credit: str = ""
    """The line that must be printed wherever the questions are shown."""
    key_version: str = ""
    """Whose key it is; empty where there is only one."""
    keys: dict[str, str] = field(default_factory=dict)
    """Language -> fingerprint of the key of all its questions."""


def bench_facts(benchmark: Benchmark, languages: Iterable[str]) -> BenchFacts:
    """Of a benchmark in the languages that a run asks."""
    keys = {lang: fingerprint(benchmark.load(lang)) for lang in languages}
    return BenchFacts(
        title=benchmark.title,
        title_ja=benchmark.title_ja,
        licence=benchmark.licence,
        credit=benchmark.credit,
        key_version=benchmark.key_version,
        keys=keys,
    )


def joined_facts(old: Mapping[str, BenchFacts], new: Mapping[str, BenchFacts]) -> dict[str, BenchFacts]:
    """Facts of a run that goes on: the new ones, with the fingerprints of the languages that were there before."""
    return {
        **old,
        **{name: replace(f, keys={**old[name].keys, **f.keys}) if name in old else f for name, f in new.items()},
    }


def fingerprint(questions: Iterable[Question]) -> str:
    """The beginning of a hash over all keys, points and voids by question, whatever their order."""
    lines = sorted(f"{q.id}\t{q.key.text()}\t{q.void}\t{q.points:g}" for q in questions)
    return digest("\n".join(lines).encode(errors="replace"))[:FINGERPRINT]


def facts_of(run: "Run", bench: str) -> BenchFacts:
    """What a run says of a benchmark; what igaku knows of it where the run is from before that was kept."""
    if found := run.manifest.benchmarks.get(bench):
        return found
    if family(bench) not in TABLE:
        return BenchFacts()
    b = load_benchmark(bench)
    return BenchFacts(title=b.title, title_ja=b.title_ja, licence=b.licence, credit=b.credit, key_version=b.key_version)


def key_notes(runs: Iterable["Run"]) -> list[str]:
    """A line for each benchmark of which several versions of the key exist: which one stands."""
    notes = {}
    for run in runs:
        for bench in dict.fromkeys(t.bench for t in run.manifest.tasks):
            facts = facts_of(run, bench)
            if facts.key_version:
                marks = ", ".join(dict.fromkeys(facts.keys.values()))
                notes[f"key of {bench}: {facts.key_version}" + (f"; fingerprint {marks}" if marks else "")] = None
    return list(notes)


def graded_by(q: Question) -> tuple[object, ...]:
    """All that decides whether a reply is right, and what it is worth."""
    return q.key, q.choices, q.void, q.points


def key_changes(before: Mapping[tuple[str, str, str], Question], after: Iterable["StoredQuestion"]) -> Changes:
    """Of questions by benchmark, language and id, those that would be graded by another key."""
    pairs = ((before.get((s.bench, s.question.lang, s.question.id)), s.question) for s in after)
    return [(old, new) for old, new in pairs if old is not None and graded_by(old) != graded_by(new)]


def changes_text(changes: Changes, between: str = ", now ") -> str:
    """``q0: b, now c; q1: …``."""
    shown = [f"{new.id}: {shown_key(old)}{between}{shown_key(new)}" for old, new in changes[:LISTED]]
    return "; ".join(shown) + (f"; and {len(changes) - LISTED} more" if len(changes) > LISTED else "")


def shown_key(q: Question) -> str:
    """A key in words, and what is special about its question."""
    void = f" ({q.void})" if q.void else ""
    return f"{q.key.text() or 'none'}{void}" + (f" [{q.points:g} points]" if q.points != 1 else "")


def one_key(runs: Sequence["Run"]) -> None:
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
