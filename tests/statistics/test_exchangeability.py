"""The probes' null hypotheses, on models that have seen nothing: related neighbours, a better model, an adapted one."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from igaku.question import Answer
from igaku.statistics.exchangeability import above_control, exchangeable, gains, min_k, min_k_plus, verbatim

np = pytest.importorskip("numpy")
Score = Callable[[Sequence[str]], float]
EXAMS = 200
ALLOWED = 0.05 + 2 * (0.05 * 0.95 / EXAMS) ** 0.5


def an_exam(seed: int, questions: int = 150) -> list[str]:
    """Stems of a subject's own syllables; the subject goes on or changes, so that neighbours are related."""
    rng = random.Random(seed)
    subject, out = 0, []
    for _ in range(questions):
        subject = subject if rng.random() < 0.6 else rng.randrange(20)
        words = [f"{chr(0x3042 + 2 * subject + rng.randrange(3))}{chr(0x30A2 + rng.randrange(8))}" for _ in range(12)]
        out.append("".join(words[: rng.randrange(6, 13)]))
    return out


def runs_of(exam: Sequence[str]) -> list[Sequence[str]]:
    return [exam[i : i + 5] for i in range(0, len(exam), 5)]


def bigrams(text: str) -> Counter[str]:
    return Counter(map("".join, pairwise(text)))


def likeness(run: Sequence[str]) -> float:
    """No model at all: the share of each stem's pairs of letters that stand in the stem before."""
    found = [bigrams(s) for s in run]
    return sum((a & b).total() / b.total() for a, b in pairwise(found))


def with_memory(read: Sequence[str], weight: float = 3.0) -> Score:
    """A bigram model that has read other exams, and remembers what stood before, the more the nearer."""
    pairs, letters = bigrams("\n".join(read)), Counter("\n".join(read))

    def score(run: Sequence[str]) -> float:
        text, total, gain = "\n" + "\n".join(run), 0.0, 1.0
        near: dict[str, float] = defaultdict(float)
        for a, b in pairwise(text):
            seen = pairs[a + b] + weight * near[a + b] / gain + 0.1
            total += math.log(seen / (letters[a] + weight * near[a] / gain + 10))
            gain *= 1.02
            near[a + b] += gain
            near[a] += gain
        return total

    return score


def order_p(score: Score, exam: Sequence[str], seed: int) -> float:
    return exchangeable([[score(r), score(r[::-1])] for r in runs_of(exam)], seed, draws=999).p


MODELS = {
    "likeness to the stem before": lambda: likeness,
    "a small model": lambda: with_memory(an_exam(9001)),
    "a better model": lambda: with_memory([s for k in range(20) for s in an_exam(9001 + k)], weight=8.0),
    "a model adapted to the domain": lambda: with_memory([s for k in range(60) for s in an_exam(9001 + k)]),
}


@pytest.mark.parametrize("name", MODELS)
def test_no_model_that_has_seen_nothing_prefers_an_order_to_the_same_backwards(name: str) -> None:
    score = MODELS[name]()
    exams = EXAMS if name.startswith("likeness") else EXAMS // 4
    found = sum(order_p(score, an_exam(k), k) <= 0.05 for k in range(exams)) / exams
    assert found <= 0.05 + 2 * (0.05 * 0.95 / exams) ** 0.5


def test_a_random_order_is_no_null_since_neighbours_are_related() -> None:
    """Why the backwards order: the same likeness calls most exams seen where orders are drawn at random."""
    found = 0
    for k in range(20):
        rng = random.Random(k)
        versions = [[list(r), *(rng.sample(list(r), 5) for _ in range(9))] for r in runs_of(an_exam(k))]
        found += exchangeable([[likeness(v) for v in unit] for unit in versions], k, draws=999).p <= 0.05
    assert found / 20 > 0.5


def test_a_model_that_has_read_the_exam_in_order_is_found() -> None:
    exam = an_exam(5)
    clean = with_memory(an_exam(9001))
    follows = set(pairwise(exam))
    rng = random.Random(0)

    def seen(run: Sequence[str]) -> float:
        return clean(run) + sum(4.0 * (pair in follows) for pair in pairwise(run)) + rng.gauss(0, 1)

    assert order_p(seen, exam, 0) < 0.01
    assert order_p(clean, exam, 0) > 0.01


def versions(rng: "np.random.Generator", units: int, preference: float) -> list[list[float]]:
    """Scores of ten versions each, of which the real one is likelier by some standard deviations."""
    out = rng.normal(0, 1, (units, 10))
    out[:, 0] += preference
    return out.tolist()


@pytest.mark.parametrize("units", [10, 30])
@pytest.mark.parametrize("model, reference", [(1.0, 0.5), (0.5, 0.5), (1.5, 0.2)], ids=["better", "alike", "adapted"])
def test_a_clean_model_that_prefers_real_numbers_more_is_not_accused(
    units: int, model: float, reference: float
) -> None:
    """A reference alone accuses the better model in half of the benchmarks of 30 units; a control does not."""
    rng, found = np.random.default_rng(units), 0
    for _ in range(EXAMS):
        mine, theirs = versions(rng, units, model), versions(rng, units, reference)
        control, of_reference = versions(rng, 40, model), versions(rng, 40, reference)
        found += above_control(gains(mine, theirs), gains(control, of_reference)) <= 0.05
    assert found / EXAMS <= ALLOWED


def test_a_reference_alone_is_no_null_for_a_better_model() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(6)
    found = [gains(versions(rng, 30, 1.0), versions(rng, 30, 0.5)) for _ in range(50)]
    ps = [stats.ttest_1samp(g, 0, alternative="greater").pvalue for g in found]
    assert sum(p <= 0.05 for p in ps) / 50 > 0.3


def test_a_control_of_another_spread_and_size_does_not_accuse() -> None:
    rng = np.random.default_rng(3)
    found = sum(
        above_control(rng.normal(0.5, 1.5, 12).tolist(), rng.normal(0.5, 0.3, 60).tolist()) <= 0.05
        for _ in range(EXAMS)
    )
    assert found / EXAMS <= ALLOWED


def test_numbers_that_were_seen_gain_more_than_those_of_the_control() -> None:
    rng = np.random.default_rng(4)
    assert above_control(gains(versions(rng, 30, 2.5)), gains(versions(rng, 30, 1.0))) < 0.001
    assert above_control([0.0, 0.0], [0.0, 0.0, 0.0]) == 1.0
    with pytest.raises(ValueError, match="two units or more"):
        above_control([1.0], [0.0, 1.0])


def test_a_gain_is_counted_in_deviations_and_less_the_references() -> None:
    assert gains([[3.0, 1.0]]) == [1.0]
    assert gains([[3.0, 1.0]], [[10.0, 90.0]]) == [2.0]
    assert gains([[1.0, 1.0]]) == [0.0]


def test_false_positives_stay_at_the_nominal_rate() -> None:
    """400 benchmarks of 30 units that nobody has seen: at most 5 % found at p <= 0.05, within simulation error."""
    rng = np.random.default_rng(0)
    ps = [
        exchangeable(rng.normal(0, rng.uniform(0.1, 9, (30, 1)), (30, 10)).tolist(), seed=k, draws=999).p
        for k in range(400)
    ]
    assert sum(p <= 0.05 for p in ps) / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5
    assert sum(p <= 0.5 for p in ps) / 400 == pytest.approx(0.5, abs=0.08)


def test_what_was_seen_is_found() -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(0, 1, (30, 10))
    seen[:, 0] += 1.0
    found = exchangeable(seen.tolist())
    assert found.p < 0.001
    assert found.first > 0.2
    flat = exchangeable([[1.0, 1.0, 1.0]] * 5)
    assert (flat.p, flat.first) == (1.0, 0.0)
    with pytest.raises(ValueError, match="at least one other"):
        exchangeable([[1.0]])


def test_min_k() -> None:
    answer = Answer(logprobs=(-1.0, -9.0, -2.0, -3.0, -1.0), means=(-2.0,) * 5, deviations=(1.0, 7.0, 1.0, 1.0, 1.0))
    assert min_k(answer, 0.4) == pytest.approx(-6.0)
    assert min_k_plus(answer, 0.4) == pytest.approx(-1.0)


def test_verbatim() -> None:
    assert verbatim("の男性 が来院した", "の男性が来た") == 5
    assert verbatim("", "x") == 0
