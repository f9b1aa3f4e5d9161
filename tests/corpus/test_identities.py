"""What identifies a person is found in every writing; what only looks like it is left."""

import pytest

from igaku.corpus.identities import replaced
from igaku.corpus.my_number import is_my_number

pytest.importorskip("sudachipy")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("勅使河原健太は咳を訴えた。", "[氏名]は咳を訴えた。"),
        ("患者氏名\t八重樫 静", "患者氏名\t[氏名]"),
        ("氏名（フリガナ）：サトウ ハナコ", "氏名（フリガナ）：[氏名]"),
        ("患者 Yamamoto Kenji 氏", "患者 [氏名] 氏"),
        ("（東海林浩 記）", "（[氏名] 記）"),
        ("次女・美咲が同席した。", "次女・[氏名]が同席した。"),
        ("個人番号 987654321098", "個人番号 [番号]"),
        ("カルテNo. 7654321 を参照", "カルテNo. [番号] を参照"),
        ("保険者番号 06130001 記号 12 番号 3456", "保険者番号 [番号] 記号 [番号] 番号 [番号]"),
        ("電話 0452223333", "電話 [電話]"),
        ("神戸市中央区三宮町2-3-4に転居", "[住所]に転居"),
        ("東京都千代田区霞が関一丁目二番三号", "[住所]"),
        ("令和四年五月六日に手術", "[日付]に手術"),
        ("20221103 撮影", "[日付] 撮影"),
        ("S41.5.6生", "[日付]生"),
        ("10/4入院", "[日付]入院"),
        ("九十七歳の男性", "90歳以上の男性"),
        ("4/1に当院を受診した。", "[日付]に当院を受診した。"),
        ("10/12から抗菌薬を開始、10/20 (月)に再診", "[日付]から抗菌薬を開始、[日付] (月)に再診"),
        ("4/1〜4/5に入院、5/6-10の内服", "[日付]に入院、[日付]の内服"),
        ("手術日：11/3、7/7夜に発熱", "手術日：[日付]、[日付]夜に発熱"),
        ("22/11/3に受診、'23/4/1", "[日付]に受診、[日付]"),
        ("九六歳、年齢：99", "90歳以上、年齢：90歳以上"),
        ("A 97-year-old woman, aged 97", "A 90-or-older woman, aged 90-or-older"),
        ("92 y/o male", "90-or-older male"),
        ("Shinji Matsumoto, a 40-year-old man", "[氏名], a 40-year-old man"),
        ("患者名：NOGUCHI AKIRA、主治医：Dr. Hayashi", "患者名：[氏名]、主治医：Dr. [氏名]"),
        ("氏名：Matsuda Tomoko", "氏名：[氏名]"),
        ("Hayashi-sensei saw her", "[氏名]-sensei saw her"),
        ("(045)222-3333に連絡", "[電話]に連絡"),
        ("記号・番号：56-78・901", "記号・番号：[番号]"),
        ("受給者番号 7654321", "受給者番号 [番号]"),
        ("神戸市中央区三宮町2-3-4 パークサイド201号室", "[住所]"),
        ("患者：小鳥遊 六花（たかなし りっか）", "患者：[氏名]（[氏名]）"),
        ("山田太郎（やまだたろう）が来院", "[氏名]（[氏名]）が来院"),
        ("田中一郎（うつ）が来院", "[氏名]（うつ）が来院"),
        ("佐藤Nsより申し送り、研修医 川上", "[氏名]Nsより申し送り、研修医 [氏名]"),
        ("S.48.3.12生まれ、DOB 03/12/1948", "[日付]生まれ、DOB [日付]"),
        ("〒530−0001、中央区三宮町四丁目5番6号サンハイツ302", "[住所]、[住所]"),
        ("札幌市北区北12条西5丁目に転居、札幌市中央区南三条東2-4-6", "[住所]に転居、[住所]"),
        ("患者番号=B-765432、パスポート XY7654321", "患者番号=[番号]、パスポート [番号]"),
        ("在留カード XY76543210ZW、口座番号 普通 7654321", "在留カード [番号]、口座番号 普通 [番号]"),
        ("車のナンバー 神戸 300 さ 65-43、IPアドレス 192.0.2.10", "車のナンバー [番号]、IPアドレス [番号]"),
        ("Facebook: @hana_example", "Facebook: [番号]"),
    ],
)
def test_a_person_is_found_however_it_is_written(text: str, wanted: str) -> None:
    assert replaced(text)[0] == wanted
    assert replaced(wanted)[0] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "妊婦さん、業者さん、赤ちゃん、皆さん、お母さん",
        "橋本病、川崎病、高安動脈炎、菊池病、木村病",
        "T12.1.3の圧迫骨折、S1.2.3の神経根、H3.1.2の受容体",
        "IDは3000mgを1日3回",
        "PMID: 31234567、GRCh38、NM_000546.6",
        "MMT 3/5に低下、血圧 120/80",
        "千葉大学、福島県、山口県立病院",
        "アムロジピン、ダビガトラン、KRAS G12D、HER2、Stage IIB",
        "平均92歳±3、90歳以上",
        "4/1の量に減らした。",
        "患者の1/3に投与した。約2/3に検査を施行した。",
        "通常量の1/2から開始し、1日1/2錠を内服する。",
        "濃度は1/10に低下し投与を中止した。心尖部の1/3〜2/3に出現した。",
        "MMT 4/5から開始し、3/5〜4/5に改善、血圧120/80で入院",
        "視力は3/4に改善し退院、比は4/1となり中止",
        "照合番号 1234 5678 9012",
        "百歳体操と100歳体操に通う",
        "L4/5に施行した固定術、C5/6の手術、Grade 3/4に生検",
        "Kobe University, Ota Procedure, Hashimoto Thyroiditis, Sodium Chloride, Tokyo Medical",
        "病期区分1-2-3、市販薬1-2-3錠、区域切除 S1+2番、腰椎L4-5番、川崎市立病院 3-1-2 病棟",
        "血糖 330 で 12-34 の範囲、IP関節、登録番号 UMIN000012345、R.2.3.4版",
        "a 89-year-old man, age 92-95 years, 95% CI, aged 90 to 94",
    ],
)
def test_what_only_looks_like_a_person_is_left(text: str) -> None:
    assert replaced(text) == (text, {})


def test_a_number_of_twelve_digits_is_an_individual_number_by_its_last_digit() -> None:
    assert (
        is_my_number("123456789018")
        and not is_my_number("123456789012")
        and not is_my_number("１２３４５６７８９０１８")
    )
    assert replaced("番は 1234 5678 9018 です")[0] == "番は [番号] です"


def test_five_hundred_documents_are_found_as_measured() -> None:
    from identities import measured
    from identity_documents import documents

    marked, found, wrong = measured(documents())
    assert sum(found.values()) >= 0.96 * sum(marked.values())
    assert sum(wrong.values()) <= 0.01 * sum(found.values())
