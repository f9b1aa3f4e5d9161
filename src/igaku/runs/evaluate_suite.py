"""A suite asked of a model: all of its tasks as one run, which names the suite and its hash."""

from collections.abc import Callable
from pathlib import Path

from igaku.benchmarks.pass_marks import keep_exams
from igaku.engines.base import Engine
from igaku.engines.build import using_rows
from igaku.engines.effort import rows_of
from igaku.engines.spec import EngineSpec, takes_settings
from igaku.io.locks import writes
from igaku.runs.ask import OnReply
from igaku.runs.evaluate import as_it_is, carry_out
from igaku.runs.finished import Command
from igaku.runs.plan import Plan, needs_of, plan_parts, rounds
from igaku.runs.store import Run, open_run
from igaku.runs.suites import read_suite, suite_notes, suite_parts, suite_ref


@takes_settings()
@writes("out")
def evaluate_suite(
    model: str | EngineSpec | Engine,
    suite: str | Path,
    *,
    out: str | Path,
    retry_errors: bool = False,
    on_plan: Callable[[Plan], None] | None = None,
    on_reply: OnReply | None = None,
    **settings: object,
) -> Run:
    """Ask a model everything that a suite holds; asked again, it continues.

    Args:
        model: as of ``evaluate``.
        suite: a name (``igaku suites list``), or a YAML file of your own.
        out: the run's folder. It holds this suite and nothing else.
        retry_errors: as of ``evaluate``.
        on_plan: as of ``evaluate``.
        on_reply: as of ``evaluate``.
        settings: as of ``evaluate``.

    Raises:
        IgakuError: no such suite, data missing here, or as ``evaluate`` does.
    """
    read = read_suite(suite)
    parts = suite_parts(read)
    blocks = [block for _, mine in parts for block in mine]
    command = Command(model, parts, Path(out), settings, suite_ref(read, parts).label)
    if done := command.finished(retry_errors):
        return as_it_is(out, done, on_plan)
    with using_rows(model, needs=needs_of(blocks), **settings) as engine:
        for row in rows_of(engine):
            for work in rounds(row, parts, Path(out)):
                work.manifest.suite = suite_ref(read, parts)
                work.manifest.notes += suite_notes(read)
                keep_exams((b.bench for b in blocks), Path(out))
                carry_out(Path(out), row, work, retry_errors, on_plan, on_reply)
                command.add(work)
    command.end()
    return open_run(out)


@takes_settings()
def plan_suite(
    model: str | EngineSpec | Engine,
    suite: str | Path,
    *,
    out: str | Path | None = None,
    retry_errors: bool = False,
    **settings: object,
) -> Plan:
    """What ``evaluate_suite`` with the same arguments would ask; nobody is asked anything and nothing is written."""
    read = read_suite(suite)
    plan = plan_parts(model, suite_parts(read), out=out, retry_errors=retry_errors, **settings)
    plan.notes += suite_notes(read)
    return plan
