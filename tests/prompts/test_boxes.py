import pytest

from igaku import load_benchmark
from igaku.prompts.boxes import boxes


@pytest.mark.parametrize(
    ("line", "text", "digits", "decimals"),
    [
        ("解答：①②", "①②", 2, 0),
        ("解答: ①②③ mL/分", "①②③", 3, 0),
        ("解答：①．②③ g/日\n\n①　②　③\n0　0　0", "①.②③", 1, 2),
        ("解答：①②.③/人口1,000対", "①②.③", 2, 1),
        ("解答：1, ①②③ kcal", "1,①②③", 4, 0),
        ("Answer: ①. ② ③ %", "①.②③", 1, 2),
    ],
)
def test_boxes_are_read_as_they_are_printed(line: str, text: str, digits: int, decimals: int) -> None:
    assert boxes(f"投与量を求めよ。{line}") == {"text": text, "digits": digits, "decimals": decimals}


@pytest.mark.parametrize(
    "stem",
    [
        "投与量を求めよ。",
        "①浮腫②腹水のうち正しいのはどれか。",
        "解答：約30",
        "Answer: ①. 0.60 ②. 0.59",
        "Answer: 1.0-1.4.",
    ],
)
def test_what_is_no_row_of_boxes_is_not_taken_for_one(stem: str) -> None:
    assert boxes(stem) is None


@pytest.mark.data
def test_the_physicians_exam_prints_boxes_for_each_number() -> None:
    numbers = [q for q in load_benchmark("igakuqa").load("ja") if not q.choices]
    assert len(numbers) == 12
    assert all(boxes(q.stem) for q in numbers)
