"""Traces of a benchmark in a model: four probes, and what each can say.

- ``order`` (test): runs of questions in the exam's order against the same runs backwards, within one section of one
  year. Neighbours are related, so that any model likes the exam's order better than a random one; backwards, the
  neighbours are the same. Questions that hang together have a direction and are left out.
- ``numbers``: a stem against copies of itself with other numbers of the same roundness (a man of 63 against 61, 64,
  66), scored by log-likelihood, Min-K% and Min-K%++. Real numbers are likelier than made-up ones to any good model,
  seen or not, and to a better one more so: a test only against a ``control``, questions of the same kind that the model
  cannot have seen. A ``reference`` model takes out what the two differ in for everybody.
- ``choices only``: the right choice picked without the stem. Choices carry hints of their own.
- ``completion``: how much of a stem's last part is continued word for word.

Needs the log-probability of a text's own tokens, which ``transformers`` gives (``--engine transformers``); see
``igaku.statistics.exchangeability`` for the tests.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.engines import Engine, EngineSpec, as_spec, using
from igaku.engines.base import require
from igaku.engines.spec import takes_settings
from igaku.errors import IgakuError
from igaku.io.locks import writes
from igaku.question import Answer, Question, RequestKind
from igaku.runs.ask import ask, job, pending
from igaku.runs.journal import Journal
from igaku.studies.contamination_items import ProbeItem, numbers, probe_items
from igaku.studies.contamination_report import ContaminationReport
from igaku.studies.contamination_rows import probe_rows

NEEDS: frozenset[RequestKind] = frozenset(("tokens", "letters", "text"))


@takes_settings()
@writes("out")
def contamination(
    model: str | EngineSpec | Engine,
    bench: str | Benchmark,
    *,
    out: str | Path,
    lang: str | None = None,
    reference: str | EngineSpec | Engine | None = None,
    control: str | Benchmark | None = None,
    limit: int = 100,
    seed: int = 0,
    on_plan: Callable[[int, int], None] | None = None,
    **settings: object,
) -> ContaminationReport:
    """Run the probes on ``limit`` questions each (and half as many runs of five); asked again, it goes on.

    Every answer stays in ``out``.

    Args:
        reference: a model that has not seen the benchmark, asked the same; the base of an adapted model, which is then
            loaded with the same settings but the adapter.
        control: a benchmark of the same kind that the model cannot have seen (a later exam, unpublished questions).
        settings: fields of ``EngineSpec``, where a model is given by name; probes need ``engine="transformers"``, the
            default.

    Raises:
        IgakuError: the engine cannot give token log-probabilities, the benchmark has too few fitting questions, or
            the control holds questions of the benchmark.
    """
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    lang = lang or loaded.languages[0]
    pool = [q for q in loaded.load(lang) if q.text_only and not q.void and q.stem.strip()]
    items = probe_items(pool, limit, seed)
    if not items:
        raise IgakuError(f"{loaded.label}: no question with a stem that a probe could use")
    items += _control(control, lang, pool, limit, seed) if control is not None else []
    at = loaded.label, lang, Path(out)
    mine = _answers(model, items, *at, on_plan, settings)
    by_name = isinstance(reference, str | EngineSpec)
    shared = {k: v for k, v in settings.items() if k != "adapter"} if by_name else {}
    others = _answers(reference, items, *at, on_plan, shared) if reference is not None else None
    stems = {q.id: q for q in pool}
    rows = probe_rows(items, mine, stems, seed, others)
    if others is None:
        return ContaminationReport(probes=rows)
    theirs = {r.probe: r.value for r in probe_rows(items, others, stems, seed, None)}
    return ContaminationReport(probes=[replace(r, reference=theirs.get(r.probe)) for r in rows])


def _answers(
    model: str | EngineSpec | Engine,
    items: Sequence[ProbeItem],
    bench: str,
    lang: str,
    out: Path,
    on_plan: Callable[[int, int], None] | None,
    settings: dict[str, object],
) -> list[Answer]:
    """The answer to each item; kept in the journal, asked once."""
    if isinstance(model, str | EngineSpec):
        spec, settings = as_spec(model, **settings), {}
        model = replace(spec, engine="transformers") if spec.engine == "auto" and not spec.base_url else spec
    with using(model, needs=NEEDS, **settings) as engine, Journal(out / "replies.jsonl") as journal:
        require(engine, ["tokens", "letters", "text"])
        jobs = [
            job(
                engine,
                a.request,
                bench=a.bench or bench,
                lang=lang,
                id=a.unit,
                prompt=f"probe {a.probe}",
                permutation=a.order,
                sample=a.version,
                keep_prompt=False,
            )
            for a in items
        ]
        if on_plan:
            on_plan(len(jobs), len(jobs) - len(pending(jobs, journal)))
        replies = ask(engine, jobs, journal)
    return [replies[one.key].answer for one in jobs]


def _control(control: str | Benchmark, lang: str, pool: Sequence[Question], n: int, seed: int) -> list[ProbeItem]:
    """The numbers probe on questions that the model cannot have seen.

    Raises:
        IgakuError: one of them is a question of the benchmark, or none can be used.
    """
    loaded = load_benchmark(control) if isinstance(control, str) else control
    questions = [q for q in loaded.load(lang) if q.text_only and not q.void and q.stem.strip()]
    stems = {q.stem for q in pool}
    if both := sum(q.stem in stems for q in questions):
        raise IgakuError(f"--control {loaded.label} holds {both} questions of the benchmark; give one that shares none")
    items = [a._replace(bench=loaded.label) for a in numbers(questions, n, seed)]
    if not items:
        raise IgakuError(f"--control {loaded.label}: no question with enough numbers in its stem")
    return items
