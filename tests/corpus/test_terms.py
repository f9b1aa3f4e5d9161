"""What texts speak of in two languages: listed terms, numbers, abbreviations, and names by their sound."""

import pytest

from igaku.corpus.sounds import sound
from igaku.corpus.terms import Weights, terms


@pytest.mark.parametrize(
    ("katakana", "english"),
    [
        ("ワルファリン", "warfarin"),
        ("メトプロロール", "metoprolol"),
        ("コレステロール", "cholesterol"),
        ("クロピドグレル", "clopidogrel"),
        ("フロセミド", "furosemide"),
        ("アミオダロン", "amiodarone"),
    ],
)
def test_a_name_in_katakana_sounds_like_its_english_spelling(katakana: str, english: str) -> None:
    assert sound(katakana) == sound(english) != ""


def test_other_drugs_sound_otherwise_and_short_words_do_not_count() -> None:
    assert len({sound(w) for w in ("ワルファリン", "メトホルミン", "アミオダロン", "リファンピシン")}) == 4
    assert sound("ガス") == sound("acid") == ""


def test_a_term_is_one_whatever_its_words_and_language() -> None:
    ways = ("胸痛がある。", "胸が痛い。", "He has chest pain.")
    assert len(frozenset.intersection(*map(terms, ways))) == 1
    assert terms("血圧は94/60、CRP 8.4") >= {"n94", "n60", "n8.4", "lcrp"}


def test_a_word_is_listed_once() -> None:
    from igaku.corpus import terms as module

    listed, _ = module._list()
    assert len(listed) > 700 and "" not in listed and all(w == w.strip() for w in listed)


def test_texts_share_what_both_speak_of_and_nothing_with_another_subject() -> None:
    weights = Weights(["胸痛がある。", "下痢がある。", "骨折した。"])
    case = "胸痛と冷汗。血圧94/60。アスピリンとヘパリンを投与した。"
    same = weights.shared(case, "Chest pain and sweating. Pressure 94/60. Aspirin and heparin were given.")
    other = weights.shared(case, "A child with diarrhea was given zinc and fluids for 14 days.")
    assert same > 0.7 > 0.1 > other
    assert weights.shared(case, case) == pytest.approx(1)
    assert weights.shared("", "") == 0


def test_what_many_texts_speak_of_weighs_less() -> None:
    weights = Weights(["胸痛。"] * 9 + ["胸痛と下痢。"])
    a = "胸痛、下痢、骨折、貧血、喘息、便秘"
    without_common, without_rare = (weights.shared(a, t) for t in (a.replace("胸痛", ""), a.replace("下痢", "")))
    assert without_common > without_rare
