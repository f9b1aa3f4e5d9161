"""Rubric points that a judge can answer with yes or no: one claim each, the same in both languages."""

import re

import pytest

from igaku import load_benchmark
from igaku.question import Question

TWO_CLAIMS = {
    "ja": re.compile(r"または|あるいは|／|かつ|(?:診断|相談|投与|測定|確認|中止|開始|挿入|評価|補充)し、"),
    "en": re.compile(r" and |, or | / |\beither\b"),
}
"""What joins two claims; an explanation in brackets may."""
BRACKETS = re.compile(r"[（(][^）)]*[）)]")
ONE_FACT = {"Mentions the position: flat with legs raised, or sitting if she is short of breath"}
IN_BRITISH_SPELLING = re.compile(
    r"aemi|haem|oedem|gynaec|paediatr|anaesth|colour|tumour|oesoph|diarrhoea|"
    r"(?:al|an|er|or|il|im|ul|ogn)is(?:e|ed|ing|ation)\b"
)


def questions(lang: str) -> list[Question]:
    return load_benchmark("clinical_open").load(lang)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_point_is_one_claim(lang: str) -> None:
    points = [p.text for q in questions(lang) for p in q.key.points]
    assert len(points) > 40
    joined = [p for p in points if p not in ONE_FACT and TWO_CLAIMS[lang].search(BRACKETS.sub("", p))]
    assert joined == []


def test_points_of_both_languages_weigh_the_same() -> None:
    japanese = {q.id: q for q in questions("ja")}
    for q in questions("en"):
        assert [p.weight for p in q.key.points] == [p.weight for p in japanese[q.id].key.points], q.id


def test_each_question_has_a_danger_and_no_claim_twice() -> None:
    for lang in ("ja", "en"):
        for q in questions(lang):
            weights = [p.weight for p in q.key.points]
            assert 6 <= len(weights) <= 12 and 1 <= sum(w < 0 for w in weights) <= 2, q.id
            assert len({p.text for p in q.key.points}) == len(weights) and q.source


def test_one_form_of_characters_and_one_spelling() -> None:
    texts = {lang: "".join(str(q) for q in questions(lang)) for lang in ("ja", "en")}
    assert not set("嚢剥頚") & set(texts["ja"]) and "じんましん" not in texts["ja"]
    english = texts["en"] + "".join(str(q) for name in ("mini", "mini_hard") for q in load_benchmark(name).load("en"))
    assert not IN_BRITISH_SPELLING.findall(english)
