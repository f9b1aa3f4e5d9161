"""Which key a run says that it is graded by, and whether it is: version and fingerprint against the benchmark here."""

import re
from collections.abc import Collection, Iterable, Mapping

from igaku._version import __version__
from igaku.benchmarks.base import Benchmark
from igaku.question import Question
from igaku.runs.bench_facts import BenchFacts, fingerprint
from igaku.runs.store import Run
from igaku.studies.claims.check import Tally, short

CREDITS = ("licence", "credit")
"""What must stand wherever questions are shown."""


def named_elsewhere(facts: BenchFacts | None, here: Benchmark) -> str:
    """The key that a run names where it is another than the one here; empty where they are one, or none is named.

    A file of keys is known by its hash, whatever its name.
    """
    if facts is None or not facts.keys or _version(facts.key_version) == _version(here.key_version):
        return ""
    return facts.key_version or "the benchmark's own"


def _version(text: str) -> Collection[str]:
    """The hashes of the files that a version names; the version itself where it names none."""
    return set(re.findall(r"\(sha256 ([0-9a-f]{12})\)", text)) or {text}


def not_here(named: str, here: Benchmark) -> str:
    """Why a key cannot be checked."""
    mine = here.key_version or "the benchmark's own"
    return f"the run names the key {short(named)}, here it is {short(mine)}; give the one that it names with --keys"


def key_claims(tally: Tally, run: Run, here: Mapping[tuple[str, str], tuple[Benchmark, Iterable[Question]]]) -> None:
    """The fingerprint that a run names for each benchmark and language, computed again.

    Args:
        here: the benchmark and all its questions here, by label and language.
    """
    mine: dict[tuple[str, str], list[Question]] = {}
    for (bench, lang, name), q in run.questions.items():
        if "#" not in name:  # a statement of a question has a key of its own
            mine.setdefault((bench, lang), []).append(q)
    for bench, facts in run.manifest.benchmarks.items():
        for lang, named in facts.keys.items():
            if (bench, lang) in here and (bench, lang) in mine:
                _fingerprint(tally, facts, lang, named, mine[bench, lang], *here[bench, lang])


def _fingerprint(
    tally: Tally,
    facts: BenchFacts,
    lang: str,
    named: str,
    mine: list[Question],
    benchmark: Benchmark,
    questions: Iterable[Question],
) -> None:
    """Of the benchmark's questions by the key here, or of the run's own, where they are all of it."""
    where, whole = f"{benchmark.label} {lang}", list(questions)
    ids = {q.id for q in mine}
    known = fingerprint(whole), fingerprint(q for q in whole if q.id in ids)
    graded_by = fingerprint(mine)
    elsewhere = named_elsewhere(facts, benchmark)
    if named in known if not elsewhere else named == graded_by:
        tally.held()
    elif not elsewhere:
        tally.fault(where, "the key's fingerprint", expected=known[0], got=named)
    elif ids >= {q.id for q in whole}:
        tally.fault(where, "graded by another key than it names", expected=f"fingerprint {named}", got=graded_by)
    else:
        tally.skip(not_here(elsewhere, benchmark))


def credit_claims(tally: Tally, run: Run, here: Mapping[str, Benchmark]) -> None:
    """Licence and credit line of each benchmark, where the run is of this igaku: their words may change with it."""
    for bench, facts in run.manifest.benchmarks.items():
        if bench not in here:
            continue
        if run.manifest.igaku != __version__:
            tally.skip(f"licence and credit line of {bench} as igaku {short(run.manifest.igaku)} had them")
            continue
        wrong = next((f for f in CREDITS if getattr(facts, f) != getattr(here[bench], f)), "")
        expected, got = (getattr(one, wrong) if wrong else "" for one in (here[bench], facts))
        tally.compare(bench, wrong, expected, got)
