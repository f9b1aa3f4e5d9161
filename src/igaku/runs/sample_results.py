"""A run's samples as numbers and tables (``igaku.statistics.samples``)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from igaku.grading import Graded
from igaku.runs.store import Run
from igaku.statistics.samples import AtK, Estimate, SampledQuestion, SampleMean, at_k, sample_mean, sizes
from igaku.statistics.tally import FAILURES, CellKey
from igaku.tables import Kind, Table, Value

NOTES = (
    "avg: mean over the samples of a question, then over questions; 95 %: for other questions of this kind, linked "
    "questions together; a question counts once, however many samples it has",
    "error: standard error of avg over questions and samples; 95 % is as long as the scatter of the questions' means "
    "asks for, and of few questions somewhat longer, as a rare question unlike them may not have come up",
    "sd questions: how unlike the questions' own shares of right answers are; sd samples: how far a question's samples "
    "scatter about its share",
    "drawn again: standard error of avg if all samples of these questions were drawn again; one sample: of a run with "
    "one reply a question",
    "failures: replies, of all samples, that count as wrong without a wrong answer in them",
)
NOTES_AT_K = (
    "over all draws of k of a question's samples: pass: one of them is right (unbiased, Chen et al. 2021); majority: "
    "the commonest answer is right, of tied ones their mean; ties: share of draws with several commonest answers; all "
    "right: every one is",
    "pass@k takes the best of k by the key: it says what a model can reach, not what somebody without the key gets",
)


class SampleResult(Struct, frozen=True, kw_only=True):
    """One block by one method, text-only questions and those that need an image apart."""

    key: CellKey
    text_only: bool
    found: SampleMean
    by_k: list[AtK]
    failures: dict[str, int]
    """Replies by outcome, as far as they have no answer in them."""


def sample_results(run: Run, methods: str | Iterable[str] | None = None) -> list[SampleResult]:
    """Of every block in which questions have two samples or more; questions with fewer are left out of it."""
    if not run.has_samples:
        return []
    groups: dict[tuple[CellKey, bool], dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for key, item in run.graded(methods, each_sample=True)[0]:
        groups[key, item.question.text_only][item.question.id].append(item)
    found = (_result(*where, list(by_id.values())) for where, by_id in groups.items())
    return [one for one in found if one]


def _result(key: CellKey, text_only: bool, questions: Sequence[Sequence[Graded]]) -> SampleResult | None:
    several = [q for q in questions if len(q) > 1 and all(g.verdict.scored for g in q)]
    if not several:
        return None
    each = [sampled(q) for q in several]
    outcomes = Counter(g.verdict.outcome for q in several for g in q)
    found = sample_mean(each)
    return SampleResult(
        key=key,
        text_only=text_only,
        found=found,
        by_k=[at_k(each, k) for k in sizes(found.samples)],
        failures={name: n for name, n in outcomes.items() if name in FAILURES},
    )


def sampled(samples: Sequence[Graded]) -> SampledQuestion:
    """One question's verdicts as scores and votes; a reply that failed has no vote."""
    votes = tuple("" if g.verdict.outcome in FAILURES else " ".join(g.verdict.read) for g in samples)
    q = samples[0].question
    return SampledQuestion(tuple(g.verdict.score for g in samples), votes, q.group or q.id)


def sample_tables(results: Sequence[SampleResult]) -> list[Table]:
    """Two tables: avg@n with its variances, and what k samples give; none without samples."""
    return [_means(results), _by_k(results)] if results else []


_KEY: dict[str, Kind] = dict.fromkeys(("model", "benchmark", "lang", "image", "prompt", "order", "method"), "text")


def _key_values(r: SampleResult) -> list[Value]:
    k = r.key
    return [k.model, k.benchmark, k.language, "" if r.text_only else "needs", k.prompt, k.order, k.method]


def _means(results: Sequence[SampleResult]) -> Table:
    columns: dict[str, Kind] = {
        **_KEY,
        "questions": "count",
        "samples": "count",
        "avg": "share",
        "95 %": "interval",
        **dict.fromkeys(("error", "sd questions", "sd samples", "drawn again", "one sample"), "number"),
        "failures": "text",
    }
    rows: list[list[Value]] = [
        [
            *_key_values(r),
            r.found.questions,
            r.found.samples,
            r.found.mean.value,
            r.found.mean.ci95,
            r.found.error,
            r.found.between_questions,
            r.found.between_samples,
            r.found.again,
            r.found.once,
            ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in r.failures.items()),
        ]
        for r in results
    ]
    return Table(name="samples", columns=columns, rows=rows, notes=list(NOTES))


def _values(estimate: Estimate) -> list[Value]:
    return [estimate.value, estimate.ci95]


def _by_k(results: Sequence[SampleResult]) -> Table:
    columns: dict[str, Kind] = {**_KEY, "k": "count"}
    for name in ("pass", "majority", "all right"):
        columns |= {name: "share", f"{name} 95 %": "interval"}
    rows: list[list[Value]] = [
        [*_key_values(r), one.k, *_values(one.passed), *_values(one.majority), *_values(one.all_right), one.ties]
        for r in results
        for one in r.by_k
    ]
    return Table(name="samples by k", columns={**columns, "ties": "share"}, rows=rows, notes=list(NOTES_AT_K))
