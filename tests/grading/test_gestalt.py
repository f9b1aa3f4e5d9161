import difflib
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku import load_benchmark
from igaku.grading.gestalt import both_ways, gestalt_ratio, nearest, published_gestalt, read_gestalt
from igaku.question import Choices, Question

text = st.text(alphabet="abcあいう心筋梗塞, .", max_size=60)


def difflib_ratio(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()


@given(text, text)
def test_ratio_is_difflibs_to_the_last_bit(a: str, b: str) -> None:
    assert gestalt_ratio(a, b) == difflib_ratio(a, b)


def test_ratio_is_difflibs_on_a_large_random_corpus_autojunk_included() -> None:
    draw = random.Random(5)
    for _ in range(400):
        alphabet = "".join(
            chr(draw.choice((0x3042, 0x4E00, 0x61)) + draw.randrange(40)) for _ in range(draw.randrange(2, 60))
        )
        a, b = ("".join(draw.choices(alphabet, k=draw.choice((5, 40, 199, 200, 201, 600)))) for _ in range(2))
        assert gestalt_ratio(a, b) == difflib_ratio(a, b)


@pytest.mark.data
def test_ratio_is_difflibs_on_real_texts() -> None:
    questions = [*load_benchmark("igakuqa-2018").load("ja")[:60], *load_benchmark("igakuqa-2018").load("en")[:60]]
    for q, other in pairwise(questions):
        for choice in q.choices:
            for reply in (q.stem, other.stem, other.choices[0] if other.choices else "x"):
                assert gestalt_ratio(choice, reply) == difflib_ratio(choice, reply)
                assert gestalt_ratio(reply, choice) == difflib_ratio(reply, choice)


@given(text, st.lists(text, min_size=1, max_size=8), st.integers(1, 3))
def test_nearest_is_the_full_comparison(reply: str, choices: list[str], k: int) -> None:
    full = sorted(((i, both_ways(c, reply)) for i, c in enumerate(choices)), key=lambda p: (-p[1], p[0]))[:k]
    assert nearest(reply, choices, k) == full


def ask(*choices: str) -> Question:
    return Question(id="1", lang="ja", stem="s", choices=choices, key=Choices.letters("a"))


CHOICES = ("急性心筋梗塞", "大動脈解離", "肺塞栓症", "自然気胸", "急性心膜炎")


@pytest.mark.parametrize(
    ("reply", "positions"),
    [
        ("急性心筋梗塞です", (0,)),
        ("「肺血栓塞栓症」", (2,)),
        ("大動脈解離\n自然気胸", (1, 3)),
        ("大動脈解離、自然気胸", (1, 3)),
        ("b. 大動脈解離", (1,)),
        ("考えてみる。いろいろある。\n答え：急性心膜炎", (4,)),
    ],
)
def test_sound_gestalt_reads_answer_lines(reply: str, positions: tuple[int, ...]) -> None:
    assert read_gestalt(reply, ask(*CHOICES)).positions == positions


def test_below_the_threshold_it_is_unparsed_never_a_lucky_hit() -> None:
    for reply in ("", "わかりません", "全く関係のない文章である", "x" * 300):
        assert read_gestalt(reply, ask(*CHOICES)).positions == ()


def test_what_is_denied_is_not_chosen() -> None:
    for reply in ("肺塞栓症ではない。", "大動脈解離は考えにくい。", "自然気胸を除外する。"):
        assert read_gestalt(reply, ask(*CHOICES)).positions == (), reply


def test_a_comma_in_a_choice_breaks_the_published_one_only() -> None:
    q = ask("red, white and blue", "green", "black")
    assert read_gestalt("red, white and blue", q).positions == (0,)
    chosen, gold = published_gestalt("red, white and blue", q)
    assert chosen != gold
