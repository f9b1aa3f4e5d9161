import math
from typing import Any

import pytest

from igaku.statistics.crossed import Crossed, Sampled, crossed, crossed_difference
from igaku.statistics.interval import student

np = pytest.importorskip("numpy")
TEMPLATES, ORDERS = 4, 5


def answers(rng: Any, n: int, middle: float, question: float, template: float) -> Any:
    """Right (1) and wrong (0) of n questions x 4 templates x 5 rotations by a logit model of crossed effects."""
    logit = (
        middle
        + rng.normal(0, question, (n, 1, 1))
        + rng.normal(0, template, (1, TEMPLATES, 1))
        + rng.normal(0, 0.7, (n, TEMPLATES, 1))
        + rng.normal(0, 1.0, (n, 1, ORDERS))
    )
    return (rng.random((n, TEMPLATES, ORDERS)) < 1 / (1 + np.exp(-logit))).astype(float)


def intervals(x: Any, groups: Any = None) -> Crossed:
    scores = x.mean(axis=(1, 2)).tolist()
    sampled = [Sampled(x.mean(axis=2).tolist())]
    return crossed(scores, groups or range(len(x)), sampled, x[0].size)


def true_share(middle: float, *deviations: float) -> float:
    """Expectation of the logit model over its effects."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    spread = math.sqrt(sum(d * d for d in deviations))
    return float((weights / (1 + np.exp(-middle - spread * points))).sum() / weights.sum())


@pytest.mark.parametrize(("middle", "template"), [(0.0, 0.5), (4.8, 0.0), (4.8, 0.5), (7.4, 0.5)])
def test_nineteen_of_twenty_intervals_hold_the_truth_near_half_and_near_one(middle: float, template: float) -> None:
    rng = np.random.default_rng(7)
    truth = true_share(middle, 3.0, template, 0.7, 1.0)
    found = [intervals(answers(rng, 100, middle, 3.0, template)).both for _ in range(300)]
    held = sum(ci is not None and ci[0] <= truth <= ci[1] for ci in found)
    assert 0.92 <= held / 300 <= 1.0  # two standard errors of 300 simulations below 95 %


@pytest.mark.parametrize("middle", [0.0, 3.0, 5.0, 8.0, 20.0, -20.0])
@pytest.mark.parametrize("template", [0.0, 1.0])
def test_the_wider_claim_is_never_the_narrower_interval(middle: float, template: float) -> None:
    rng = np.random.default_rng(3)
    for n in (2, 20, 60):
        ci = intervals(answers(rng, n, middle, 2.0, template))
        assert ci.both is not None
        assert ci.other_prompts is not None
        for narrower in (ci.other_questions, ci.other_prompts):
            assert ci.both[0] <= narrower[0] <= narrower[1] <= ci.both[1]


def test_a_model_that_prefers_a_position_is_as_sure_as_its_answers_are() -> None:
    """All rotations: its answers differ greatly by order, and its score hardly."""
    rng = np.random.default_rng(5)
    shares = np.array([0.98, 0.02, 0.02, 0.02, 0.02])
    runs = [(rng.random((60, TEMPLATES, ORDERS)) < shares).astype(float) for _ in range(200)]
    ideal = 2 * 1.96 * float(np.std([x.mean() for x in runs]))
    widths = [ci[1] - ci[0] for x in runs if (ci := intervals(x).both)]
    assert ideal < float(np.mean(widths)) < 1.6 * ideal


def test_a_model_that_always_says_a_has_next_to_no_uncertainty_and_not_none() -> None:
    x = np.zeros((60, TEMPLATES, ORDERS))
    x[:, :, 0] = 1.0
    ci = intervals(x).both
    assert ci is not None
    assert ci[0] < 0.2 < ci[1]
    assert ci[1] - ci[0] < 0.011


def test_all_right_is_no_certainty() -> None:
    ci = intervals(np.ones((60, TEMPLATES, ORDERS)))
    assert ci.both is not None
    assert ci.both[0] == pytest.approx(0.937, abs=0.003)  # as Wilson's for 60 of 60 with Student's t
    assert ci.both[1] == 1.0


def test_linked_questions_count_as_their_group_and_one_huge_group_as_little() -> None:
    rng = np.random.default_rng(2)
    x = answers(rng, 60, 1.0, 3.0, 0.3)
    pairs = np.repeat(x[:30], 2, axis=0)
    alone, linked = intervals(pairs), intervals(pairs, [i // 2 for i in range(60)])
    assert linked.other_questions[0] < alone.other_questions[0]
    huge = intervals(x, [max(0, i - 49) for i in range(60)])
    assert huge.other_questions[1] - huge.other_questions[0] > 0.5
    assert intervals(x, [0] * 60).both == (0.0, 1.0)


def test_missing_rotations_count_by_their_share() -> None:
    rng = np.random.default_rng(4)
    x = answers(rng, 80, 0.0, 1.0, 0.0) * np.array([1.0, 1.0, 1.0, 0.2, 0.2])
    scores, orders = x.mean(axis=(1, 2)).tolist(), x.mean(axis=1).tolist()

    def width(missing: float) -> float:
        ci = crossed(scores, range(80), [Sampled(orders, missing)], 20).both
        assert ci is not None
        return ci[1] - ci[0]

    assert width(0.2) < width(0.6) < width(1.0)


def test_a_difference_of_languages_covers_other_templates() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(300):
        gaps = 0.05 + rng.normal(0, 0.3, (80, 1)) + rng.normal(0, 0.05, (1, 4)) + rng.normal(0, 0.3, (80, 4))
        low, high = crossed_difference(Sampled(gaps.tolist()), range(80))
        held += low <= 0.05 <= high
    assert 0.92 <= held / 300 <= 0.99


def test_moments_agree_with_a_logit_mixed_model() -> None:
    """Against statsmodels' binomial mixed model with crossed questions and templates, fitted by variational Bayes: the
    standard error of the mean score that its deviations imply."""
    mixed = pytest.importorskip("statsmodels.genmod.bayes_mixed_glm")
    questions, prompts = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        logit = 0.5 + rng.normal(0, 1.5, (30, 1, 1)) + rng.normal(0, 0.6, (1, TEMPLATES, 1))
        x = (rng.random((30, TEMPLATES, ORDERS)) < 1 / (1 + np.exp(-logit))).astype(float)
        of_questions, of_both = logit_errors(mixed, x, rng)
        moments = intervals(x)
        assert moments.both is not None
        questions.append((moments.other_questions[1] - moments.other_questions[0]) / (2 * student(29)) / of_questions)
        prompts.append((moments.both[1] - moments.both[0]) / 2 / of_both)
    assert 0.85 < float(np.exp(np.mean(np.log(questions)))) < 1.15
    assert student(1e9) * 0.9 < float(np.exp(np.mean(np.log(prompts)))) < student(TEMPLATES - 1) * 1.1


def logit_errors(mixed: Any, x: Any, rng: Any) -> tuple[float, float]:
    """Standard error of the mean score for other questions, and for other questions in other templates."""
    n, templates = x.shape[:2]
    question, template = (a.ravel() for a in np.indices(x.shape)[:2])
    effects = np.hstack([np.eye(n)[question], np.eye(templates)[template]])
    identity = np.repeat([0, 1], [n, templates])
    model = mixed.BinomialBayesMixedGLM(x.ravel(), np.ones((x.size, 1)), effects, identity, vcp_p=1.0, fe_p=3.0)
    fit = model.fit_vb()
    middle, (question_sd, template_sd) = float(fit.fe_mean[0]), np.exp(fit.vcp_mean)
    logit = middle + rng.normal(0, question_sd, (3_000, 1)) + rng.normal(0, template_sd, (1, 200))
    share = 1 / (1 + np.exp(-logit))
    noise = float((share * (1 - share)).mean()) / x.size
    of_questions = float(share.mean(axis=1).var()) / n + noise
    return of_questions**0.5, (of_questions + float(share.mean(axis=0).var()) / templates) ** 0.5
