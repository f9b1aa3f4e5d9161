"""Has a model seen a benchmark? Four probes, one of which is a test by itself, and another with a reference model.

- ``order`` (test): runs of questions in the exam's order against random orders, within one section of one year, linked
  questions left out (Oren et al. 2024). An exam as a whole is not exchangeable; within a section it nearly is.
- ``numbers``: a stem against copies of itself with other numbers of the same roundness (a man of 63 against 61, 64,
  66), scored by log-likelihood, Min-K% and Min-K%++. Real numbers are likelier than made-up ones to any good model,
  seen or not, so this
  becomes a test only against a ``reference`` that has not seen the benchmark: the base of an adapted model, say.
- ``choices only``: the right choice picked without the stem. Choices carry hints of their own.
- ``completion``: how much of a stem's last part is continued word for word.

A newer exam is no null: it differs in topic, and that alone moves every score. Needs the log-probability of a text's
own tokens, which ``transformers`` gives (``--engine transformers``); see ``igaku.statistics.exchangeability`` for the
tests.
"""

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from igaku.benchmarks import load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.engines import Engine, EngineSpec, as_spec, using
from igaku.engines.base import require
from igaku.engines.spec import takes_settings
from igaku.errors import IgakuError
from igaku.prompts import load_prompt
from igaku.prompts.orders import expand, permutation
from igaku.question import Answer, Question, Request, RequestKind, Sampling
from igaku.runs.ask import ask, job, pending
from igaku.runs.journal import Journal
from igaku.statistics.exchangeability import against, exchangeable, first_best, min_k, min_k_plus, verbatim
from igaku.statistics.interval import wilson
from igaku.tables import Kind, Table, Value, View, percent

COPIES = 9
"""Other versions of each unit: with nine, the canonical one is best in a tenth of the units by chance."""
IN_A_RUN = 5
"""Questions in one run of the order probe."""
NEEDS: frozenset[RequestKind] = frozenset(("tokens", "letters", "text"))
WORDS = 40
"""Tokens of a completion; and characters from which it counts as word for word."""
_NUMBER = re.compile(r"(?<![\d.,/:A-Za-z])\d{2,3}(?![\d.,:]|/\d)")


class Probe(Struct, frozen=True, kw_only=True):
    """One row. ``value`` and ``expected`` are what ``what`` says, ``reference`` the reference model's value; ``p``
    is None where there is no null hypothesis."""

    probe: str
    what: str
    units: int
    value: float
    expected: float | None = None
    reference: float | None = None
    ci95: tuple[float, float] | None = None
    p: float | None = None


class ContaminationReport(View, Struct, kw_only=True):
    """What each probe found."""

    probes: list[Probe]

    def tables(self) -> list[Table]:
        """One row a probe and score."""
        columns: dict[str, Kind] = {
            "probe": "text",
            "what": "text",
            "units": "count",
            "found": "share",
            "95 %": "interval",
            "expected": "text",
            "reference": "text",
            "p": "p",
        }
        rows: list[list[Value]] = [
            [r.probe, r.what, r.units, r.value, r.ci95, _share(r.expected), _share(r.reference), r.p]
            for r in self.probes
        ]
        return [Table(name="probes", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a p value does and does not say."""
        return [
            "a small p says that the model prefers the exam's own version; a large one does not say "
            "that it has never seen it"
        ]


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)


class ProbeItem(NamedTuple):
    """One request of a probe, and where its answer belongs."""

    probe: str
    unit: str
    version: int
    request: Request
    order: tuple[int, ...] = ()


@takes_settings()
def contamination(
    model: str | EngineSpec | Engine,
    bench: str | Benchmark,
    *,
    out: str | Path,
    lang: str | None = None,
    reference: str | EngineSpec | Engine | None = None,
    limit: int = 100,
    seed: int = 0,
    on_plan: Callable[[int, int], None] | None = None,
    **settings: object,
) -> ContaminationReport:
    """Run the probes on ``limit`` questions each (and runs of five) and keep every answer in ``out``; asked again, it
    goes on.

    Args:
        reference: a model that has not seen the benchmark, asked the same; the base of an adapted model, which is then
            loaded with the same settings but the adapter.
        settings: fields of ``EngineSpec``, where a model is given by name; probes need ``engine="transformers"``, the
            default.

    Raises:
        IgakuError: the engine cannot give token log-probabilities, or the benchmark has too few fitting questions.
    """
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    lang = lang or loaded.languages[0]
    pool = [q for q in loaded.load(lang) if q.text_only and not q.void and q.stem.strip()]
    items = [
        *_numbers(pool, limit, seed),
        *_orders(pool, limit, seed),
        *_choices(pool, limit, seed),
        *_completions(pool, limit, seed),
    ]
    if not items:
        raise IgakuError(f"{loaded.label}: no question with a stem that a probe could use")
    at = loaded.label, lang, Path(out)
    mine = _answers(model, items, *at, on_plan, settings)
    by_name = isinstance(reference, str | EngineSpec)
    shared = {k: v for k, v in settings.items() if k != "adapter"} if by_name else {}
    others = _answers(reference, items, *at, on_plan, shared) if reference is not None else None
    stems = {q.id: q for q in pool}
    rows = _rows(items, mine, stems, seed, others)
    if others is None:
        return ContaminationReport(probes=rows)
    theirs = {r.probe: r.value for r in _rows(items, others, stems, seed, None)}
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
                bench=bench,
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


def _rows(
    items: Sequence[ProbeItem],
    answers: Sequence[Answer],
    stems: dict[str, Question],
    seed: int,
    others: Sequence[Answer] | None,
) -> list[Probe]:
    by: dict[str, list[tuple[ProbeItem, Answer, Answer | None]]] = defaultdict(list)
    paired: Sequence[Answer | None] = others if others is not None else [None] * len(answers)
    for a, answer, other in zip(items, answers, paired):
        by[a.probe].append((a, answer, other))
    pairs = {name: [(a, answer) for a, answer, _ in found] for name, found in by.items()}
    return [
        *_tested("order", by["order"], seed),
        *_tested("numbers", by["numbers"], seed),
        *_guessed(pairs.get("choices only", []), stems),
        *_completed(pairs.get("completion", []), stems),
    ]


def _numbers(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    fitting = [(q, copies) for q in pool if len(copies := other_numbers(q.stem, COPIES, f"{seed}/{q.id}")) == COPIES]
    for q, copies in _sampled(fitting, n, seed):
        for version, text in enumerate([q.stem, *copies]):
            yield ProbeItem("numbers", q.id, version, Request(kind="tokens", prompt=text))


def _sampled(items: Sequence[Any], n: int, seed: int) -> list[Any]:
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), min(n, len(items))))]


def other_numbers(stem: str, copies: int, seed: str) -> list[str]:
    """Copies of a stem in which up to three of its two- or three-digit numbers are others of the same roundness.

    Fewer than asked for (or none) where the stem has too few such numbers.
    """
    found = list(_NUMBER.finditer(stem))[:3]
    if not found:
        return []
    rng = random.Random(seed)
    out: dict[str, None] = {}
    for _ in range(20 * copies):
        text, at = [], 0
        for m in found:
            text += [stem[at : m.start()], str(_near(int(unicodedata.normalize("NFKC", m[0])), rng))]
            at = m.end()
        copy = "".join([*text, stem[at:]])
        if copy != stem:
            out[copy] = None
        if len(out) == copies:
            break
    return list(out)


def _near(n: int, rng: random.Random) -> int:
    """Another number nearby with as many digits that is as round: people and exams prefer 60 to 61."""
    step = next(s for s in (100, 50, 10, 5, 2, 1) if n % s == 0)
    others = [
        m
        for m in range(max(10, n - 6 * step), n + 6 * step + 1)
        if next(s for s in (100, 50, 10, 5, 2, 1) if m % s == 0) == step and len(str(m)) == len(str(n))
    ]
    return rng.choice(others) if others else n


def _orders(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    """Runs of five in a row whose stems all differ."""
    strata: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for q in pool:
        if not q.group:
            strata[q.year, q.section].append(q)
    runs = [qs[i : i + IN_A_RUN] for qs in strata.values() for i in range(0, len(qs) - IN_A_RUN + 1, IN_A_RUN)]
    runs = [run for run in runs if len({q.stem for q in run}) == IN_A_RUN]
    others = [p for p in permutations(range(IN_A_RUN)) if p != tuple(range(IN_A_RUN))]
    for run in _sampled(runs, max(1, n // IN_A_RUN), seed):
        drawn = random.Random(f"{seed}/{run[0].id}").sample(others, COPIES)
        for version, order in enumerate([tuple(range(IN_A_RUN)), *drawn]):
            text = "\n\n".join(run[i].stem for i in order)
            yield ProbeItem("order", run[0].id, version, Request(kind="tokens", prompt=text))


def _choices(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    single = [q for q in pool if q.single is not None]
    for q in _sampled([q for q in single if len(q.choices) >= 3], n, seed):
        prompt = load_prompt(f"standard_{q.lang}")
        hidden = replace(q, stem="？" if q.lang != "en" else "?", context="")
        for version, order in enumerate(expand(["rotations"], len(q.choices))):
            shown = permutation(q, order)
            request = Request(
                kind="letters", prompt=prompt.render(hidden, order=shown).text, continuations=prompt.letters(q)
            )
            yield ProbeItem("choices only", q.id, version, request, shown)


def _completions(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    for q in _sampled([q for q in pool if len(q.stem) >= 80], n, seed):
        request = Request(kind="text", prompt=_first_part(q.stem), sampling=Sampling(max_tokens=WORDS))
        yield ProbeItem("completion", q.id, 0, request)


def _first_part(stem: str) -> str:
    return stem[: round(0.6 * len(stem))]


def _tested(name: str, found: Sequence[tuple[ProbeItem, Answer, Answer | None]], seed: int) -> Iterator[Probe]:
    """One row a score; a unit with a version that could not be scored is left out."""
    units: dict[str, list[tuple[Answer, Answer | None]]] = defaultdict(list)
    for a, answer, other in found:
        units[a.unit].append((answer, other))
    whole = [
        v for v in units.values() if all(x.finish == "stop" and x.logprobs for pair in v for x in pair if x is not None)
    ]
    if not whole:
        yield Probe(
            probe=name, what="no unit fits (too few numbers or single questions, or texts too long)", units=0, value=0.0
        )
        return
    scores: dict[str, Callable[[Answer], float]] = {"log-likelihood": lambda a: sum(a.logprobs)}
    if name == "numbers":
        scores |= {"Min-20 %": min_k, "Min-20 %++": min_k_plus}
    for label, score in scores.items():
        mine = [[score(x) for x, _ in versions] for versions in whole]
        theirs = [[score(y) for _, y in versions if y is not None] for versions in whole]
        first = first_best(mine)
        p = exchangeable(mine, seed).p if name == "order" else against(mine, theirs, seed).p if all(theirs) else None
        yield Probe(
            probe=f"{name}, {label}",
            what="the real version scores highest",
            units=len(mine),
            value=first,
            expected=1 / len(mine[0]) if name == "order" else None,
            ci95=wilson(first * len(mine), len(mine)),
            p=p,
        )


def _guessed(found: Sequence[tuple[ProbeItem, Answer]], questions: dict[str, Question]) -> Iterator[Probe]:
    sums: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for a, answer in found:
        for shown, value in enumerate(answer.logprobs):
            sums[a.unit][a.order[shown] if a.order else shown] += value
    full = {
        u
        for u, n in Counter(a.unit for a, answer in found if answer.logprobs).items()
        if n == len(questions[u].choices)
    }
    sums = {unit: totals for unit, totals in sums.items() if unit in full}  # all rotations, or places are not balanced
    right = [_best(totals) == _gold(questions[unit]) for unit, totals in sums.items()]
    longest = [_longest(questions[unit]) == _gold(questions[unit]) for unit in sums]
    if right:
        yield Probe(
            probe="choices only",
            what="right without the stem (expected: the longest choice)",
            units=len(right),
            value=fmean(right),
            expected=fmean(longest),
            ci95=wilson(sum(right), len(right)),
        )


def _best(totals: dict[int, float]) -> int:
    return max(totals, key=totals.__getitem__)


def _gold(q: Question) -> int:
    assert q.single is not None
    return q.single


def _longest(q: Question) -> int:
    return max(range(len(q.choices)), key=lambda i: len(q.choices[i]))


def _completed(found: Sequence[tuple[ProbeItem, Answer]], questions: dict[str, Question]) -> Iterator[Probe]:
    pairs = [
        (answer.text, questions[a.unit].stem[len(_first_part(questions[a.unit].stem)) :])
        for a, answer in found
        if answer.finish in ("stop", "length")
    ]
    if pairs:
        copied = [
            verbatim(continuation, truth) >= min(15, len("".join(truth.split()))) for continuation, truth in pairs
        ]
        yield Probe(
            probe="completion",
            what="15 characters or more of the stem's rest, word for word",
            units=len(pairs),
            value=fmean(copied),
            ci95=wilson(sum(copied), len(copied)),
        )
