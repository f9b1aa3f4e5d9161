import random

import numpy as np
import pytest

from igaku.statistics.usage import beaten_by, has_loop, quantile
from tests.growth import is_linear


def words(n: int, seed: int, letters: str = "abcdefghijklmnopqrstuvwxyzあいうえお") -> str:
    draw = random.Random(seed)
    return "".join(draw.choice(letters) for _ in range(n))


def longest_stretch(text: str) -> bool:
    """By trying every period: whether one stands four times in a row over 200 characters."""
    for period in range(1, len(text) // 4 + 1):
        run = 0
        for i in range(period, len(text)):
            run = run + 1 if text[i] == text[i - period] else 0
            if run + period >= max(4 * period, 200):
                return True
    return False


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 1.0])
def test_a_quantile_is_numpys(share: float) -> None:
    for n in (1, 2, 7, 40):
        values = [random.Random(n + k).uniform(0, 100) for k in range(n)]
        assert quantile(values, share) == pytest.approx(np.quantile(values, share))
    assert quantile([], share) is None


@pytest.mark.parametrize("period", [1, 2, 7, 30, 90, 400])
@pytest.mark.parametrize("before", [0, 500])
@pytest.mark.parametrize("after", ["", "\n答え: a"])
def test_a_passage_again_and_again_is_a_loop_wherever_it_stands(period: int, before: int, after: str) -> None:
    for seed in range(5):
        unit = words(period, seed)
        assert has_loop(words(before, 100 + seed) + unit * max(8, 400 // period) + after)


@pytest.mark.parametrize("period", [1, 24, 33, 50, 99, 200])
def test_no_position_of_a_loop_hides_it(period: int) -> None:
    unit = words(period, period)
    for before in range(0, 120, 7):
        assert has_loop(words(before, 7 + before) + unit * max(6, 240 // period) + words(before, before))


def test_a_long_text_without_a_loop_is_settled_quickly() -> None:
    text = "".join(f"{words(40, i)}よって、選択肢 b を選ぶのが最も妥当であると考えられる。" for i in range(1_000))
    assert not has_loop(text) and is_linear(has_loop, text)


def test_a_loop_whose_passage_repeats_within_itself_is_found() -> None:
    unit = "つまり、答えはaである。つまり、答えはaである。しかし、もう一度考える。"
    assert has_loop(words(300, 1) + unit * 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        words(20_000, 3),
        words(60, 4) * 3,
        "".join(f"{i}. 検査値を確認する。次の項目に進む。\n" for i in range(200)),
        "".join(words(80, i) + "待って、もう一度考える。もう一度、問題文を読み直してみよう。" for i in range(50)),
        "a" * 150,
    ],
)
def test_other_text_is_no_loop(text: str) -> None:
    assert not has_loop(text)


def test_what_is_found_is_always_a_stretch_that_trying_every_period_finds_too() -> None:
    found = 0
    for seed in range(60):
        draw = random.Random(seed)
        unit = words(draw.randint(1, 60), seed, "ab")
        text = words(draw.randint(0, 80), seed + 1, "ab") + unit * draw.randint(1, 9) + words(40, seed + 2, "ab")
        if has_loop(text):
            found += 1
            assert longest_stretch(text), text
    assert 5 < found < 55


def test_a_long_hostile_reply_is_read_in_linear_time() -> None:
    fibonacci = ["a", "ab"]
    while len(fibonacci[-1]) < 250_000:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    for text in (fibonacci[-1], words(300_000, 5, "ab"), ("a" * 100 + "b") * 3 + words(290_000, 6)):
        assert is_linear(has_loop, text)


def test_the_front_holds_whoever_nobody_beats_for_less() -> None:
    scores, costs = [0.9, 0.8, 0.85, 0.9, 0.7, 0.95], [10.0, 1.0, 5.0, 12.0, 2.0, None]
    assert beaten_by(scores, costs) == [None, None, None, 0, 1, None]


def test_two_that_are_equal_do_not_beat_each_other() -> None:
    assert beaten_by([0.5, 0.5], [3.0, 3.0]) == [None, None]
    assert beaten_by([0.5, 0.5], [3.0, 2.0]) == [1, None]


def test_nobody_on_the_front_is_beaten_and_everybody_else_is_by_somebody_on_it() -> None:
    draw = random.Random(7)
    scores = [draw.randint(0, 9) / 10 for _ in range(40)]
    costs: list[float | None] = [float(draw.randint(0, 9)) for _ in range(40)]
    beaten = beaten_by(scores, costs)
    front = {i for i, who in enumerate(beaten) if who is None}
    for i, who in enumerate(beaten):
        worse = [j for j in range(40) if scores[j] >= scores[i] and (costs[j] or 0) <= (costs[i] or 0)]
        strictly = [j for j in worse if (scores[j], costs[j]) != (scores[i], costs[i])]
        assert (who is None) == (not strictly)
        assert who is None or who in front
