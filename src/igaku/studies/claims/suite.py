"""The suite that a run says it was asked as, computed again, and whether the run is all of it and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from igaku.errors import IgakuError
from igaku.runs.manifest import SuiteRef
from igaku.runs.plan import Part
from igaku.runs.requests import n_shots
from igaku.runs.store import Run
from igaku.runs.suites import read_suite, suite_names, suite_parts, suite_ref
from igaku.studies.claims.check import Tally

JUDGED = "rubric"
"""A judge's method, which ``igaku judge`` adds to a run."""


def suite_check(run: Run, ref: SuiteRef, file: str | Path = "") -> Tally:
    """The suite's hash, and its blocks and questions against those that were asked.

    Args:
        file: the YAML file of a suite that is not igaku's.
    """
    tally = Tally("suite", "the run is the whole suite that it names, and the suite here has the same hash")
    name = str(file) or ref.name
    if not file and name not in suite_names():
        tally.skip(f"{ref.name} is no suite of igaku's; give its YAML file with --suite")
        return tally
    try:
        suite = read_suite(name)
        parts = suite_parts(suite)
    except IgakuError as error:
        tally.skip(str(error))
        return tally
    here = suite_ref(suite, parts)
    tally.compare(ref.name, "name and version", f"{here.name} {here.version}", f"{ref.name} {ref.version}")
    tally.compare(ref.name, "the hash of what is asked", here.content, ref.content)
    _blocks(tally, run, parts)
    return tally


def _blocks(tally: Tally, run: Run, parts: Sequence[Part]) -> None:
    """Every block of the suite with every question, and no other."""
    blocks_of_run = {(t.bench, t.lang, t.prompt, t.shots, t.order, t.question_format): t for t in run.manifest.tasks}
    for task, blocks in parts:
        for b in blocks:
            where = f"{b.bench.label} {b.lang} {b.prompt.name} {b.order}"
            block = b.bench.label, b.lang, b.prompt.name, n_shots(b.prompt, task), b.order, task.question_format
            mine = blocks_of_run.pop(block, None)
            if mine is None:
                tally.fault(where, "a part of the suite was not asked")
                continue
            tally.compare(
                where, "methods", sorted(b.methods), sorted(m for m in mine.methods if m in b.methods or m != JUDGED)
            )
            wanted = {q.id for q in b.questions}
            for name in sorted(wanted ^ set(mine.replies)):
                what = "a question was not asked" if name in wanted else "not a question of the suite"
                tally.fault(where, what, question=name)
            tally.held(len(wanted & set(mine.replies)))
    for t in blocks_of_run.values():
        tally.fault(f"{t.bench} {t.lang} {t.prompt} {t.order}", "not a part of the suite")
