"""The answers to the probes of ``igaku.studies.contamination``, counted: one row a probe and score."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from igaku.question import Answer, Question
from igaku.statistics.exchangeability import above_control, exchangeable, first_best, gains, min_k, min_k_plus, verbatim
from igaku.statistics.interval import wilson
from igaku.studies.contamination_items import ProbeItem, first_part
from igaku.studies.contamination_report import Probe

Found = Sequence[tuple[ProbeItem, Answer, Answer | None]]
Units = Sequence[Sequence[tuple[Answer, Answer | None]]]


def probe_rows(
    items: Sequence[ProbeItem],
    answers: Sequence[Answer],
    stems: dict[str, Question],
    seed: int,
    others: Sequence[Answer] | None,
) -> list[Probe]:
    """One row a probe and score, from each request's answer.

    Args:
        stems: the benchmark's questions by id.
        others: the reference model's answers to the same requests.
    """
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
        (answer.text, questions[a.unit].stem[len(first_part(questions[a.unit].stem)) :])
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
