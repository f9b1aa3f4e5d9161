from collections import Counter

import pytest

from igaku import load_benchmark
from igaku.grading.golds import check_golds
from igaku.prompts.formats import opens
from igaku.question import Number
from tests.benchmarks import pairs

EMBEDDED = ("mini", "mini_hard")
NUMBERS = {
    "mini-024": 80 / 1.75**2,
    "mini-032": 100 * 90 / (90 + 180),
    "mini-034": 140 - 102 - 14,
    "mini-039": 1 / (0.12 - 0.08),
    "mini-091": 80 * 1800 / 1440 / 1.2,
    "mini-098": 9.0 + (4.0 - 2.5),
    "mini-099": 2 + 2 + 4,
    "mini-103": 150 - 32 / 0.8 - 64,
}


@pytest.mark.parametrize("name", EMBEDDED)
def test_both_languages_ask_the_same(name: str) -> None:
    assert [ja.id for ja, en in pairs.both(name) if not pairs.same_but_for_language(ja, en)] == []


def test_kinds_and_balance() -> None:
    questions = load_benchmark("mini").load("ja")
    assert len(questions) == 104
    assert Counter(q.n_right for q in questions) == {1: 78, 2: 12, 3: 6, 0: 8}
    assert all(q.source for q in questions)
    assert sum(bool(q.prohibited) for q in questions) == 6
    assert {len(q.choices) for q in questions} == {0, 5}
    positions = Counter(q.key.accepted[0][0] for q in questions if q.n_right == 1)
    assert min(positions.values()) >= 14


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_number_is_what_its_stem_works_out_to(lang: str) -> None:
    numeric = {q.id: q.key for q in load_benchmark("mini").load(lang) if isinstance(q.key, Number)}
    assert set(numeric) == set(NUMBERS)
    for name, key in numeric.items():
        decimals = len(key.values[0].partition(".")[2])
        assert key.values == (f"{NUMBERS[name]:.{decimals}f}",), name


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_neither_place_nor_length_gives_the_key_away(name: str, lang: str) -> None:
    questions = load_benchmark(name).load(lang)
    single = pairs.single(questions)
    assert pairs.chi_square(questions) < 9.49 and pairs.chi_square(single) < 9.49, "95 % point, 4 degrees of freedom"
    assert pairs.share_of_longest(single) <= 1 / 5


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_question_and_no_choice_stands_twice(lang: str) -> None:
    questions = [q for name in EMBEDDED for q in load_benchmark(name).load(lang)]
    assert len({q.id for q in questions}) == len({q.stem for q in questions}) == len(questions)
    assert all(len(set(q.choices)) == len(q.choices) for q in questions)


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_stems_say_how_many_exactly_where_several_are_right(name: str, lang: str) -> None:
    for q in load_benchmark(name).load(lang):
        assert q.n_stated == (q.n_right if q.n_right > 1 else None), q.id


@pytest.mark.parametrize("name", EMBEDDED)
def test_japanese_is_printed_as_in_the_exam(name: str) -> None:
    for q in load_benchmark(name).load("ja"):
        for text in (q.stem, *q.choices):
            assert not pairs.ABBREVIATION_IN_ROUND_BRACKETS.search(text), (q.id, text)
            assert not set("嚢剥頚") & set(text), q.id
        if isinstance(q.key, Number) and "整数で" not in q.stem:
            assert "小数点以下の数値が得られた場合には、小数第" in q.stem, q.id


def test_a_prohibited_choice_is_never_a_right_one() -> None:
    for name in EMBEDDED:
        assert all(not set(q.prohibited) & set(q.right) for q in load_benchmark(name).load("ja") if q.choices)


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_gold_passes_its_own_graders(name: str, lang: str) -> None:
    questions = load_benchmark(name).load(lang)
    numeric = sum(isinstance(q.key, Number) for q in questions)
    for found in check_golds(questions):
        method, applies = found.method, found.applies
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (applies, 0, 0), found
        assert not found.first_failure and not found.faults
        if method in ("named", "rubric"):
            assert applies == sum(map(opens, questions)) >= 25
        else:
            assert applies in (len(questions), len(questions) - numeric)
