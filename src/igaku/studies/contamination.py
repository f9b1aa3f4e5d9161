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

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
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
from igaku.statistics.exchangeability import above_control, exchangeable, first_best, gains, min_k, min_k_plus, verbatim
from igaku.statistics.interval import wilson
from igaku.tables import Kind, Table, Value, View, percent

COPIES = 9
"""Other versions of each unit: with nine, the canonical one is best in a tenth of the units by chance."""
IN_A_RUN = 5
"""Questions in one run of the order probe."""
NEEDS: frozenset[RequestKind] = frozenset(("tokens", "letters", "text"))
WORDS = 40
"""Tokens of a completion; and characters from which it counts as word for word."""
SHARED = {"ja": 20, "zh": 20}
"""Characters in a row that two neighbours share where they hang together: a vignette that is repeated."""
SHARED_ELSE = 60
"""The same of languages written with letters, in which "A 60-year-old man comes to" is no repeated vignette."""
_BACK = re.compile(
    r"^\s*(?:この|その|同じ|前問|上記|前記|this |that |the (?:same|above) )"
    r"|次の文(?:章)?を読み|(?:この|前記の|上記の)(?:患者|症例)",
    re.IGNORECASE,
)
"""A stem that refers to another one."""
_NUMBER = re.compile(r"(?<![\d.,/:A-Za-z])\d{2,3}(?![\d.,:]|/\d)")


class Probe(Struct, frozen=True, kw_only=True):
    """One row. ``value`` and ``expected`` are what ``what`` says, ``reference`` the reference model's value,
    ``control`` the model's on the control; ``p`` (one-sided) is None where there is no null hypothesis."""

    probe: str
    what: str
    units: int
    value: float
    expected: float | None = None
    reference: float | None = None
    control: float | None = None
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
            "control": "text",
            "p": "p",
        }
        rows: list[list[Value]] = [
            [r.probe, r.what, r.units, r.value, r.ci95, _share(r.expected), _share(r.reference), _share(r.control), r.p]
            for r in self.probes
        ]
        return [Table(name="probes", columns=columns, rows=rows)]

    def notes(self) -> list[str]:
        """What a p value does and does not say."""
        return [
            "no probe says that a model has seen the exam, or that it has not: a large p may be too few questions",
            "order: p of a one-sided sign test, the exam's order against the same backwards; an exam whose order has a "
            "direction of its own (easy to hard, questions that refer back) gives a small p too",
            "numbers: real numbers are likelier to any good model, and more so to a better one; so there is a p only "
            "with --control (one-sided, whether the preference is stronger here than on questions that it cannot have "
            "seen), and it holds as far as those are alike in kind",
            "the p of the three scores of numbers are of the same questions, not corrected for one another",
            "choices only, completion: no null hypothesis, so no p",
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
    bench: str = ""
    """The control's name; empty: the benchmark that is probed."""


@takes_settings()
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
    items = [
        *_numbers(pool, limit, seed),
        *_orders(pool, limit, seed),
        *_choices(pool, limit, seed),
        *_completions(pool, limit, seed),
    ]
    if not items:
        raise IgakuError(f"{loaded.label}: no question with a stem that a probe could use")
    items += _control(control, lang, pool, limit, seed) if control is not None else []
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
        by[f"{a.probe} control" if a.bench else a.probe].append((a, answer, other))
    pairs = {name: [(a, answer) for a, answer, _ in found] for name, found in by.items()}
    return [
        *_ordered(by["order"], seed),
        *_numbered(by["numbers"], by["numbers control"]),
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
    items = [a._replace(bench=loaded.label) for a in _numbers(questions, n, seed)]
    if not items:
        raise IgakuError(f"--control {loaded.label}: no question with enough numbers in its stem")
    return items


def _orders(pool: Sequence[Question], n: int, seed: int) -> Iterator[ProbeItem]:
    """Runs of five forwards and backwards."""
    for run in _sampled(runs_of_five(pool), max(1, n // 2), seed):
        for version, shown in enumerate((run, run[::-1])):
            text = "\n\n".join(q.stem for q in shown)
            yield ProbeItem("order", run[0].id, version, Request(kind="tokens", prompt=text))


def runs_of_five(pool: Sequence[Question]) -> list[list[Question]]:
    """Questions in a row, of one section of one year, whose stems all differ and do not hang together."""
    strata: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for q in pool:
        if not q.group:
            strata[q.year, q.section].append(q)
    runs = [qs[i : i + IN_A_RUN] for qs in strata.values() for i in range(0, len(qs) - IN_A_RUN + 1, IN_A_RUN)]
    return [run for run in runs if len({q.stem for q in run}) == IN_A_RUN and not _linked(run)]


def _linked(run: Sequence[Question]) -> bool:
    """Whether one of the stems refers to another, or repeats a part of the one before."""
    n = SHARED.get(run[0].lang, SHARED_ELSE)
    return any(_BACK.search(q.stem) for q in run) or any(_share_text(a.stem, b.stem, n) for a, b in pairwise(run))


def _share_text(a: str, b: str, n: int) -> bool:
    parts = {a[i : i + n] for i in range(len(a) - n + 1)}
    return any(b[i : i + n] in parts for i in range(len(b) - n + 1))


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


Found = Sequence[tuple[ProbeItem, Answer, Answer | None]]


def _whole(found: Found) -> list[list[tuple[Answer, Answer | None]]]:
    """Each unit's versions; a unit with a version that could not be scored is left out."""
    units: dict[str, list[tuple[Answer, Answer | None]]] = defaultdict(list)
    for a, answer, other in found:
        units[a.unit].append((answer, other))
    return [v for v in units.values() if all(_scored(x) for pair in v for x in pair if x is not None)]


def _scored(answer: Answer) -> bool:
    return answer.finish == "stop" and bool(answer.logprobs)


def _nothing(name: str) -> Probe:
    what = "no unit fits (too few numbers or single questions, or texts too long)"
    return Probe(probe=name, what=what, units=0, value=0.0)


def _log_likelihood(answer: Answer) -> float:
    return sum(answer.logprobs)


def _ordered(found: Found, seed: int) -> Iterator[Probe]:
    pairs = [[_log_likelihood(x) for x, _ in versions] for versions in _whole(found)]
    if not pairs:
        yield _nothing("order")
        return
    first = first_best(pairs)
    yield Probe(
        probe="order, log-likelihood",
        what="the exam's order is likelier than the same backwards",
        units=len(pairs),
        value=first,
        expected=0.5,
        ci95=wilson(first * len(pairs), len(pairs)),
        p=exchangeable(pairs, seed).p,
    )


def _numbered(found: Found, control: Found) -> Iterator[Probe]:
    """One row a score; a p where there is a control of two units or more."""
    whole, others = _whole(found), _whole(control)
    if not whole:
        yield _nothing("numbers")
        return
    scores = {"log-likelihood": _log_likelihood, "Min-20 %": min_k, "Min-20 %++": min_k_plus}
    for label, score in scores.items():
        first = first_best(_values(whole, score))
        tested = min(len(whole), len(others)) > 1
        yield Probe(
            probe=f"numbers, {label}",
            what="the real version scores highest",
            units=len(whole),
            value=first,
            control=first_best(_values(others, score)) if others else None,
            ci95=wilson(first * len(whole), len(whole)),
            p=above_control(_gains(whole, score), _gains(others, score)) if tested else None,
        )


Units = Sequence[Sequence[tuple[Answer, Answer | None]]]


def _values(units: Units, score: Callable[[Answer], float]) -> list[list[float]]:
    return [[score(x) for x, _ in versions] for versions in units]


def _gains(units: Units, score: Callable[[Answer], float]) -> list[float]:
    """The model's gains, less the reference's where there is one."""
    theirs = [[score(y) for _, y in versions if y is not None] for versions in units]
    return gains(_values(units, score), theirs if all(theirs) else None)


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
