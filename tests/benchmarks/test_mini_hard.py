"""The harder questions: what they are made of, each number worked out anew, prompts that do not contradict them."""

import math
from collections import Counter

import pytest

import igaku
from igaku import load_benchmark
from igaku.prompts import Prompt, prompt_names
from igaku.question import Number, Question
from tests.benchmarks import pairs
from tests.prompts.test_lint import NOT_EXAMS, SINGULAR, SUPERLATIVE

NEGATIVE = {
    "ja": ("ないのはどれか", "誤っているのはどれか", "避けるべきなのはどれか"),
    "en": (" NOT ", " WRONG", " be avoided"),
}
NUMBERS = {
    "mini-127": 100 * (0.2 * 0.8) / (0.2 * 0.8 + 0.8 * (1 - 0.9)),
    "mini-128": 100 * (20 / 140) / (100 / 4.0),
    "mini-129": 340 - (2 * 131 + 640 / 18 + 49 / 2.8),
    "mini-130": 4 * 60 * (18 + 9) / 2 / (8 - 2),
    "mini-131": (46 - 12) / 4.3,
    "mini-132": 0.85 * (140 - 72) * 58 / (72 * 1.4),
    "mini-133": 400 / math.sqrt(0.81),
    "mini-134": 4 * 60 * 60 / 1000 / (150 / 50),
}


def test_kinds() -> None:
    questions = load_benchmark("mini_hard").load("ja")
    assert [q.id for q in questions] == [f"mini-{n}" for n in range(105, 165)]
    assert Counter(q.n_right for q in questions) == {1: 38, 2: 8, 3: 6, 0: 8}
    assert Counter(q.section for q in questions) == {"general": 24, "clinical": 36}
    assert sum(bool(q.prohibited) for q in questions) == 7
    assert Counter(q.group for q in questions if q.group) == {"mini-set-3": 2, "mini-set-4": 2}
    assert {len(q.choices) for q in questions} == {0, 5} and all(q.source for q in questions)


def test_one_stem_in_four_is_negative_in_both_languages() -> None:
    found = [tuple(any(w in q.stem for w in NEGATIVE[q.lang]) for q in pair) for pair in pairs.both("mini_hard")]
    assert all(ja == en for ja, en in found)
    assert sum(ja for ja, _ in found) == 17


def test_cases_give_several_findings() -> None:
    cases = [q for q in load_benchmark("mini_hard").load("ja") if q.section == "clinical" and q.choices]
    assert len(cases) == 30
    assert sum(len(q.stem) > 150 for q in cases) >= 20
    assert sum(sum(c.isdigit() for c in q.stem) >= 8 for q in cases) >= 20


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_number_is_what_its_stem_works_out_to(lang: str) -> None:
    numeric = [q for q in load_benchmark("mini_hard").load(lang) if isinstance(q.key, Number)]
    assert {q.id for q in numeric} == set(NUMBERS)
    for q in numeric:
        assert isinstance(q.key, Number)
        decimals = len(q.key.form.partition(".")[2])
        assert q.key.form and q.key.values == (f"{NUMBERS[q.id]:.{decimals}f}",), q.id
        assert len(q.key.form.replace(".", "")) == len(q.key.values[0].replace(".", "")), "its boxes are filled"
        far = abs(NUMBERS[q.id] * 10**decimals % 1 - 0.5)
        assert far > 0.05, "rounding half up or half to even, or a rounded step between, gives the same"


@pytest.mark.parametrize("name", [n for n in prompt_names() if n not in NOT_EXAMS and not n.endswith("_zh")])
def test_no_prompt_contradicts_a_stem(name: str) -> None:
    prompt = igaku.load_prompt(name)
    for q in load_benchmark("mini_hard").load("en" if prompt.card.lang == "en" else "ja"):
        if not prompt.card.n_choices or len(q.choices) in prompt.card.n_choices:
            own = _own(prompt, q)
            assert not SUPERLATIVE.search(own), q.id
            assert q.n_right < 2 or not SINGULAR.search(own), q.id


def _own(prompt: Prompt, q: Question) -> str:
    """What of a rendered prompt is the template's own."""
    rendered = prompt.render(q)
    text = rendered.text or "\n".join(m.content for m in rendered.messages)
    for words in sorted((q.stem, *q.choices), key=len, reverse=True):
        text = text.replace(words, "")
    return text
