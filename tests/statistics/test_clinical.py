"""Scores of ward tasks are those of their definitions, stay within their intervals, and count what was not read."""

from collections.abc import Sequence

import pytest

from igaku.grading import Graded
from igaku.keys import Choices, Field, Fields, Key, Label, Span, Spans
from igaku.question import Question, Verdict
from igaku.statistics.aggregate import AGGREGATORS
from igaku.statistics.metric_interval import metric_intervals, paired_metric_interval

LABELS = ("増加", "減少", "不変")
ILL = (Label("d"),)


def item(n: int, key: Key, read: str = "", /, **parts: float) -> Graded:
    q = Question(id=str(n), lang="ja", stem="s", key=key, choices=LABELS if isinstance(key, Choices) else ())
    right = isinstance(key, Choices) and bool(read) and key.accepts(("abc".index(read),))
    outcome = "right" if right else "wrong" if read or parts else "unparsed"
    verdict = Verdict(outcome=outcome, score=float(right), read=tuple(read), parts=parts)
    return Graded(q, None, "m", verdict)


def labels(pairs: Sequence[str]) -> list[Graded]:
    """``ab``: a is right, b was read; ``a``: nothing was read."""
    return [item(n, Choices.letters(pair[0]), pair[1:]) for n, pair in enumerate(pairs)]


def test_a_rare_label_counts_as_much_as_a_common_one() -> None:
    found = AGGREGATORS["macro_f1"](labels(["aa", "aa", "aa", "ab", "ba", "cc", "a"]))
    assert found["macro_f1"] == pytest.approx((2 * 3 / (4 + 5) + 0 + 1) / 3)
    assert found["precision"] == pytest.approx(4 / 6) and found["accuracy"] == pytest.approx(4 / 7)
    assert found["micro_f1"] == pytest.approx(2 * 4 / (6 + 7))
    assert found["constant"] == pytest.approx(5 / 7)


def test_a_label_that_is_never_right_has_no_f1_of_its_own() -> None:
    assert AGGREGATORS["macro_f1"](labels(["aa", "ac"]))["macro_f1"] == pytest.approx(2 / 3)


def test_always_the_same_label_has_the_score_of_a_constant_answer() -> None:
    found = AGGREGATORS["positive_f1"](labels(["aa", "aa", "aa", "ba"]))
    assert found["positive_f1"] == found["constant"] == pytest.approx(6 / 7)
    mute = AGGREGATORS["positive_f1"](labels(["a", "a", "b"]))
    assert (mute["positive_f1"], mute["precision"], mute["accuracy"]) == (0, 0, 0)


def test_parts_and_entities_of_replies_that_cannot_be_read_are_not_found() -> None:
    stage = Fields((Field("T", ("T1",), ("T1", "T2")), Field("N", ("N0",), ("N0", "N1"))))
    read = {"gold:T": 1.0, "read:T": 1.0, "hits:T": 1.0, "gold:N": 1.0, "read:N": 1.0}
    found = AGGREGATORS["fields"]([item(1, stage, **read), item(2, stage)])
    assert [found[f"{p}:T"] for p in ("precision", "recall", "f1")] == pytest.approx([1, 0.5, 2 / 3])
    assert found["f1:N"] == 0
    ill = Spans("熱と咳", (Span(0, 1, "d"), Span(2, 3, "d")), ILL)
    found = AGGREGATORS["span_f1"]([item(1, ill, gold=2, read=3, hits=2, partial=2), item(2, ill)])
    assert [found[p] for p in ("precision", "recall", "span_f1")] == pytest.approx([2 / 3, 1 / 2, 4 / 7])


@pytest.mark.parametrize("name", ["macro_f1", "positive_f1"])
def test_scores_of_labels_lie_within_their_intervals_and_two_can_be_compared(name: str) -> None:
    good, poor = labels(["aa", "bb", "aa", "bb", "ab", "cc"] * 10), labels(["aa", "ba", "ab", "bb", "ab", "ca"] * 10)
    for items in (good, poor):
        values, found = AGGREGATORS[name](items), metric_intervals(name, items)
        assert name in found and all(low <= values[k] <= high for k, (low, high) in found.items())
        assert all(0 <= low <= high <= 1 for low, high in found.values())
    difference = paired_metric_interval(name, good, poor)
    assert difference is not None and difference.ci95[0] > 0 and difference.p < 0.05
