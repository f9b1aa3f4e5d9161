"""What a run says of its benchmarks: title, licence, credit line, and the fingerprint of their key."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from igaku.benchmarks import TABLE, family, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.io.hashing import digest
from igaku.keys import Choices, Key, Number
from igaku.question import Question

FINGERPRINT = 12
"""Hex digits of a key's fingerprint."""


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


def bench_facts(benchmark: Benchmark, keys: Mapping[str, str]) -> BenchFacts:
    """Of a benchmark whose questions were loaded; ``keys``: language -> fingerprint of all its questions."""
    return BenchFacts(
        title=benchmark.title,
        title_ja=benchmark.title_ja,
        licence=benchmark.licence,
        credit=benchmark.credit,
        key_version=benchmark.key_version,
        keys=dict(keys),
    )


def joined_facts(old: Mapping[str, BenchFacts], new: Mapping[str, BenchFacts]) -> dict[str, BenchFacts]:
    """Facts of a run that goes on: the new ones, with the fingerprints of the languages that were there before."""
    return {
        **old,
        **{name: replace(f, keys={**old[name].keys, **f.keys}) if name in old else f for name, f in new.items()},
    }


def fingerprint(questions: Iterable[Question]) -> str:
    """The beginning of a hash over all keys, points and voids by question, whatever their order."""
    lines = sorted(f"{q.id}\t{_meaning(q.key)!r}\t{q.void}\t{q.points:g}" for q in questions)
    return digest("\n".join(lines).encode(errors="replace"))[:FINGERPRINT]


def known_facts(benchmarks: Mapping[str, BenchFacts], bench: str) -> BenchFacts:
    """What a run says of a benchmark; what igaku knows of it where the run is from before that was kept."""
    if bench in benchmarks or family(bench) not in TABLE:
        return benchmarks.get(bench, BenchFacts())
    b = load_benchmark(bench)
    return BenchFacts(title=b.title, title_ja=b.title_ja, licence=b.licence, credit=b.credit, key_version=b.key_version)


def version_notes(benchmarks: Mapping[str, BenchFacts], names: Iterable[str]) -> list[str]:
    """A line for each benchmark of which several versions of the key exist: which one stands."""
    out = []
    for bench in dict.fromkeys(names):
        facts = known_facts(benchmarks, bench)
        if facts.key_version:
            prints = ", ".join(dict.fromkeys(facts.keys.values()))
            out.append(f"key of {bench}: {facts.key_version}" + (f"; fingerprint {prints}" if prints else ""))
    return out


def graded_by(q: Question) -> tuple[object, ...]:
    """All that decides whether a reply is right, and what it is worth."""
    return _meaning(q.key), q.choices, q.void, q.points


def _meaning(key: Key) -> object:
    """A key without what makes no difference: the order of alternatives, zeros at the end of a number."""
    if isinstance(key, Choices):
        return sorted(key.accepted)
    if isinstance(key, Number):
        return sorted(f"{Decimal(value).normalize():f}" for value in key.values), key.form
    return key.text()


def shown_key(q: Question) -> str:
    """A key in words, and what is special about its question."""
    void = f" ({q.void})" if q.void else ""
    return f"{q.key.text() or 'none'}{void}" + (f" [{q.points:g} points]" if q.points != 1 else "")
