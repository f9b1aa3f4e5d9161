"""A stated confidence is read where it is clear, and nowhere else."""

import json
from pathlib import Path

import pytest

from igaku.grading.confidence import read_confidence
from tests.growth import is_linear

STATED = {
    "答え：b\n確信度：85%": 0.85,
    "答え：b\n確信度：８５％": 0.85,
    "**答え**：b\n**確信度**：**70 %**": 0.7,
    "答えはb、自信度は約60パーセントです。": 0.6,
    "Answer: c\nConfidence: 0.93": 0.93,
    "Answer: c. Confidence level: about 90%": 0.9,
    '{"answer": "c", "confidence": 0.4}': 0.4,
    '{"answer": "c", "confidence_score": "75"}': 0.75,
    "I think it is c. I am 55% sure.": 0.55,
    "cだと思います。80%の確信があります。": 0.8,
    "Confidence (0-100): 1": 0.01,
    "確信度（0〜1）：1": 1.0,
    "確信度: 8/10": 0.8,
    "確信度: 100": 1.0,
    "確信度：0": 0.0,
    "確信度：8割": 0.8,
    "確信度: 40%\nいや、見直すと答えはd\n確信度: 90%": 0.9,
    "確信度\n65%": 0.65,
}
NOT_STATED = [
    "答え：b",
    "確信度：高い",
    "Confidence: high",
    "確信度：80〜90%",
    "Confidence: 80-90%",
    "確信度：0〜100%",
    "Confidence: 1",
    "確信度：150%",
    "Confidence: 8.5.2",
    "The 95% confidence interval was 0.8 to 0.9.",
    "オッズ比 2.1（95%信頼区間 1.3-3.2）",
    "感度 90%、特異度 85%である。",
    "自信がない。答え：b",
    "<think>確信度：90%</think>答え：b",
    "Overconfidence: 90%",
    "confidence interval: 95%",
]


@pytest.mark.parametrize(("reply", "share"), STATED.items())
def test_a_clear_statement_is_read(reply: str, share: float) -> None:
    assert read_confidence(reply) == pytest.approx(share)


@pytest.mark.parametrize("reply", NOT_STATED)
def test_what_is_no_clear_statement_is_not(reply: str) -> None:
    assert read_confidence(reply) is None


def test_an_unclear_last_statement_does_not_bring_back_the_one_before() -> None:
    assert read_confidence("確信度：80%\n確信度：1") is None


@pytest.mark.parametrize(
    "piece", ["確信度", "confidence ", "1", "確信度：", "9%", '"', "(", "confidence (", "確信度\n"]
)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    assert is_linear(read_confidence, piece * 200_000)


def test_replies_of_many_wordings_state_the_confidence_that_a_reader_finds() -> None:
    """280 of them, written by a model that had not seen the patterns: few are missed, and none gives another number."""
    file = Path(__file__).parents[1] / "assets" / "replies_confidence.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    found = [(r["confidence"], read_confidence(r["reply"])) for r in rows]
    assert len(found) == 280 and sum(truth is not None and got is None for truth, got in found) <= 4
    assert all(got is None or got == pytest.approx(truth) for truth, got in found)
