import math
import random

import pytest

from igaku.statistics.inflation import LEAST, Effect, against_references, effects, matched, strata, stratified

Scores = tuple[list[float], list[float]]
N = 300


def drawn(
    seed: int, *, references: int = 8, better: float = 0.0, easier: float = 0.0, memory: float = 0.0
) -> tuple[Scores, list[Scores]]:
    """A model and its references on two exams of ``N`` questions; the model has memorised a share of the first."""
    rng = random.Random(seed)
    hard = [[rng.gauss(-easier * (exam == 0), 1.3) for _ in range(N)] for exam in (0, 1)]

    def answers(ability: float, exam: int, learnt: float) -> list[float]:
        return [float(rng.random() < learnt or rng.random() < 1 / (1 + math.exp(h - ability))) for h in hard[exam]]

    abilities = [better + 1.5, *(rng.gauss(1.5, 0.6) for _ in range(references))]
    first, *rest = [(answers(a, 0, 0 if k else memory), answers(a, 1, 0)) for k, a in enumerate(abilities)]
    return first, rest


def p_value(model: Scores, references: list[Scores], paired: bool = False) -> float:
    groups = [f"{i}" for i in range(len(model[0]) + len(model[1]))]
    return against_references(*effects(model, references, groups, paired)).p


def accused(times: int = 60, **settings: float) -> float:
    return sum(p_value(*drawn(seed, **settings)) < 0.05 for seed in range(times)) / times  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings", [{}, {"better": 2.0}, {"easier": 1.0}, {"easier": -1.0, "better": 2.0}, {"references": LEAST}], ids=str
)
def test_a_model_that_has_read_nothing_is_accused_no_more_than_at_the_level(settings: dict[str, float]) -> None:
    assert accused(**settings) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 60)


def test_half_of_an_exam_by_heart_is_found() -> None:
    assert accused(20, memory=0.5) >= 0.8


def test_strata_hold_questions_of_both_exams_that_two_references_got_right() -> None:
    found = strata([0, 1, 2, 2, 3, 0, 1, 2, 4], first=5)
    assert [(s.questions, s.share) for s in found] == [([2, 3, 7], pytest.approx(2 / 3))]


def test_the_effect_is_the_one_step_log_odds_ratio() -> None:
    scores = [1.0] * 30 + [0.0] * 10 + [1.0] * 20 + [0.0] * 20
    found = stratified(scores, 40, strata([2] * 80, 40), [f"{i}" for i in range(80)])
    expected, information = 40 * 50 / 80, 40 * 40 * 50 * 30 / (80 * 80 * 79)
    assert found.value == pytest.approx((30 - expected) / (information + 0.25))
    assert found.variance == pytest.approx(1 / (information + 0.25))
    assert found.value * found.slope == pytest.approx(0.25, abs=0.01)


def test_reworded_questions_count_by_pairs_that_differ() -> None:
    found = matched([1.0] * 10 + [0.0] * 4 + [1.0] * 6, [0.0] * 10 + [1.0] * 4 + [1.0] * 6, [f"{i}" for i in range(20)])
    assert found.value == pytest.approx(3 / (14 / 4 + 0.25))
    assert found.value * found.slope == pytest.approx(0.3, abs=0.03)


def test_linked_questions_say_less() -> None:
    scores = ([1.0] * 4 + [0.0] * 4) * 10
    alone = stratified(scores, 40, strata([2] * 80, 40), [f"{i}" for i in range(80)])
    linked = stratified(scores, 40, strata([2] * 80, 40), [f"{i // 4}" for i in range(80)])
    assert linked.value == alone.value
    assert linked.variance > 2 * alone.variance


def test_a_model_stands_out_only_beyond_both_the_references_spread_and_the_noise() -> None:
    def references(spread: float) -> list[Effect]:
        return [Effect(x * spread, 0.04, 0.1) for x in (-1, -0.5, 0, 0.5, 1)]

    near, far = (against_references(Effect(1.0, 0.04, 0.1), references(s)) for s in (0.1, 1.0))
    assert near.p == near.p_questions < 0.05
    assert far.p == far.p_references > 0.05
    assert (near.ci95[0] > 0, far.ci95[0] > 0) == (True, False)
    assert against_references(Effect(1.0, 0.5, 0.1), references(0.1)).p > 0.05  # few errors, much noise


def test_references_that_agree_to_the_last_question_accuse_nobody() -> None:
    alike = [Effect(0.3, 0.04, 0.1)] * 6
    assert against_references(Effect(0.5, 0.04, 0.1), alike).p > 0.05


def test_too_few_references_are_refused() -> None:
    with pytest.raises(ValueError, match="5 are needed"):
        against_references(Effect(1.0, 0.1, 0.1), [Effect(0.0, 0.1, 0.1)] * (LEAST - 1))
