"""What dedup may drop: texts that add nothing; never another dose, drug, side, polarity or disease."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.corpus import dedup
from igaku.corpus.copies import adds_nothing, contains, plain_sentences, same_facts

pytest.importorskip("rensa")
INSERT = (
    "{drug}錠{dose}mgは、通常、成人には{drug}として1回{dose}mgを1日{n}回{when}に経口投与する。"
    "年齢、症状により適宜増減する。{who}には{rule}。"
)
BASE = {"drug": "テルミサルタン", "dose": "40", "n": "1", "when": "朝食後", "who": "妊婦", "rule": "投与しないこと"}
INSERTS = [
    BASE,
    BASE | {"dose": "20"},
    BASE | {"drug": "オルメサルタン"},
    BASE | {"n": "2"},
    BASE | {"when": "夕食後"},
    BASE | {"who": "授乳婦"},
    BASE | {"rule": "投与してよい"},
    BASE | {"rule": "慎重に投与すること"},
]
PAIRS = [
    ("左下腿に浮腫を認める。", "右下腿に浮腫を認める。"),
    ("項部硬直を認める。", "項部硬直を認めない。"),
    ("便潜血(+)であった。", "便潜血(-)であった。"),
    ("血清カリウムは1.5mEq/Lであった。", "血清カリウムは15mEq/Lであった。"),
    ("体温は37.5℃であった。", "体温は-37.5℃であった。"),
    ("収縮期血圧<90mmHgの患者。", "収縮期血圧>90mmHgの患者。"),
    ("胃癌の治療について述べよ。", "肺癌の治療について述べよ。"),
    ("高ナトリウム血症の原因は何か。", "低ナトリウム血症の原因は何か。"),
    ("The lesion is in the left lobe and was resected.", "The lesion is in the right lobe and was resected."),
    ("The test was negative in 12 patients.", "The test was not negative in 12 patients."),
    ("入院後に内服をやめるように伝えた。", "入院後に内服をつづけるように伝えた。"),
]


def left(tmp_path: Path, texts: list[str]) -> list[int]:
    tmp_path = tmp_path / f"{len(list(tmp_path.iterdir()))}"
    tmp_path.mkdir()
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"id": str(i), "text": t}) for i, t in enumerate(texts)))
    dedup([tmp_path / "in.jsonl"], tmp_path / "out")
    return [int(json.loads(x)["id"]) for x in (tmp_path / "out/documents.jsonl").read_text().splitlines()]


def test_package_inserts_of_other_drugs_doses_and_rules_all_stay(tmp_path: Path) -> None:
    texts = [INSERT.format(**row) for row in INSERTS]
    assert left(tmp_path, [*texts, texts[2].replace("、", " , ")]) == list(range(len(texts)))


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_two_that_say_something_else_both_stay(a: str, b: str, tmp_path: Path) -> None:
    frame = "現病歴は次のとおりである。数日前から症状が続いていた。{}経過は良好であった。"
    assert left(tmp_path, [a, b]) == [0, 1]
    assert left(tmp_path, [frame.format(a), frame.format(b)]) == [0, 1]


def test_the_same_in_other_signs_or_another_order_adds_nothing() -> None:
    text = "頸静脈怒張を認める。心尖部に収縮期雑音を聴取する。BNPは1,250pg/mLであった。"
    for other in (
        "心尖部に収縮期雑音を聴取する。 頸静脈怒張を認める。ＢＮＰは１，２５０pg／mLであった．",
        "BNPは1250pg/mLであった。頸静脈怒張を認める。心尖部に収縮期雑音を聴取する。",
        "頸静脈怒張を認める。心尖部で収縮期雑音を聴取する。BNPは1250pg/mLであった。",
    ):
        assert adds_nothing(plain_sentences(other), plain_sentences(text))


def test_a_page_holds_its_sentences_and_no_half_of_one() -> None:
    page = plain_sentences("浮腫なし。発熱あり。")
    assert contains(page, plain_sentences("発熱あり。")) and not contains(page, plain_sentences("浮腫"))


def test_a_bad_copy_goes_and_a_well_written_variant_stays() -> None:
    text = (
        "労作時の息切れを主訴に来院した。両側の肺底部に水泡音を聴取し、下腿に圧痕性の浮腫を認める。"
        "利尿薬を静注して経過をみる。"
    )
    misread = text.replace("の", "心").replace("を", "腎").replace("し", "薬")
    assert adds_nothing(plain_sentences(misread), plain_sentences(text))
    variant = text.replace("労作時", "安静時").replace("水泡音", "捻髪音").replace("利尿薬", "昇圧薬")
    assert not adds_nothing(plain_sentences(variant), plain_sentences(text))


CASES = (
    "The patient was admitted with dyspnea and a history of heart failure. Furosemide 20 mg was given. {} "
    "He improved and went home on day five."
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Chest pain was present.", "Blood cultures were negative."),
        ("Aspirin should be taken.", "The tumor was unresectable."),
        ("He reports no allergies at all.", "Symptomatic stenosis was seen."),
    ],
)
def test_an_english_text_with_another_sentence_is_no_bad_copy(a: str, b: str, tmp_path: Path) -> None:
    assert left(tmp_path, [CASES.format(a), CASES.format(b)]) == [0, 1]


def test_an_english_copy_with_errors_everywhere_goes(tmp_path: Path) -> None:
    text = CASES.format("Chest pain was absent and blood cultures were negative after two days of treatment.")
    misread = "".join("c" if n % 9 == 4 and c.isalpha() else c for n, c in enumerate(text))
    assert left(tmp_path, [text, misread]) == [0]


def test_facts_stay_the_same_in_other_words() -> None:
    assert same_facts("アスピリンを100mg投与した。", "アスピリン100mgが用いられた。")
    for other in ("アスピリンを200mg投与した。", "ヘパリンを100mg投与した。", "アスピリンを100mg投与しなかった。"):
        assert not same_facts("アスピリンを100mg投与した。", other)


@given(st.lists(st.sampled_from([INSERT.format(**row) for row in INSERTS]), min_size=2, max_size=5))
def test_a_text_adds_nothing_to_itself_and_another_insert_always_does(texts: list[str]) -> None:
    for a, b in combinations(texts, 2):
        assert adds_nothing(plain_sentences(a), plain_sentences(b)) == (a == b)
