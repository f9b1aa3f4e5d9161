from collections import Counter

from igaku import load_benchmark
from igaku.grading.golds import check_golds
from igaku.prompts.formats import opens
from igaku.question import Number


def test_both_languages_ask_the_same() -> None:
    ja, en = (load_benchmark("mini").load(lang) for lang in ("ja", "en"))
    assert [(q.id, q.key, q.section, q.category, q.group, q.prohibited) for q in ja] == [
        (q.id, q.key, q.section, q.category, q.group, q.prohibited) for q in en
    ]
    assert len(ja) == 104


def test_kinds_and_balance() -> None:
    questions = load_benchmark("mini").load("ja")
    assert Counter(q.n_right for q in questions) == {1: 78, 2: 12, 3: 6, 0: 8}
    assert all(q.source for q in questions)
    assert sum(bool(q.prohibited) for q in questions) == 6
    assert {len(q.choices) for q in questions} == {0, 5}
    positions = Counter(q.key.accepted[0][0] for q in questions if q.n_right == 1)
    assert min(positions.values()) >= 14


def test_stems_say_how_many_exactly_where_several_are_right() -> None:
    for lang in ("ja", "en"):
        for q in load_benchmark("mini").load(lang):
            assert q.n_stated == (q.n_right if q.n_right > 1 else None), q.id


def test_gold_passes_its_own_graders() -> None:
    for lang in ("ja", "en"):
        questions = load_benchmark("mini").load(lang)
        for found in check_golds(questions):
            method, applies = found.method, found.applies
            assert (found.gold_right, found.wrong_passed, found.empty_passed) == (applies, 0, 0), found
            assert not found.first_failure and not found.faults
            numeric = sum(isinstance(q.key, Number) for q in questions)
            if method in ("named", "rubric"):
                assert applies == sum(map(opens, questions)) > 80
            else:
                assert applies in (len(questions), len(questions) - numeric)
