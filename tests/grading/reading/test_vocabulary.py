"""Whether a stem asks for what does not hold."""

import pytest

from igaku.grading.reading.vocabulary import asks_for_the_wrong

NEGATIVE = (
    "誤っているのはどれか。",
    "適切でないのはどれか。2つ選べ。",
    "認められないものを選べ。",
    "Which of the following is NOT a cause?",
    "Which of the following findings on ultrasound would not raise suspicion?",
    "All of the following are true, except:",
    "The zygomatic bone does not articulate with:",
    "Which doctors is/are not authorized to sign?",
    "Which is least susceptible?",
    "下列处理措施不正确的是",
)
PLAIN = (
    "誤って熱い油をこぼした。まず行うのはどれか。",
    "血縁者に患者はいない。最も考えられるのはどれか。",
    "異常を認めない。最初に行うべき検査はどれか。2つ選べ。",
    "He does not respond to voice. What should be given at once?",
    "Which of these should be given if he does not improve?",
    "Tests are normal except for the rheumatoid factor. What is the diagnosis?",
    "A false positive result was found. Which test comes next?",
    "She was not prosecuted. Treatment of choice is:",
)


@pytest.mark.parametrize("stem", NEGATIVE)
def test_a_stem_that_asks_for_the_wrong_one(stem: str) -> None:
    assert asks_for_the_wrong("80歳の男性。熱はない。" + stem)


@pytest.mark.parametrize("stem", PLAIN)
def test_a_not_in_the_case_is_none_in_the_question(stem: str) -> None:
    assert not asks_for_the_wrong(stem)
