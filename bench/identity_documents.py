"""Five hundred documents of our own with every identifying piece marked, and with what only looks like one.

Names, numbers, dates and places are drawn at random for each; no person stands behind any of them.
"""

import random

from igaku.corpus.my_number import last_digit

FAMILY = (
    *"佐藤 鈴木 高橋 小鳥遊 五十嵐 東海林 長谷部 渡邉 齋藤 久我 大久保 勅使河原".split(),  # noqa: SIM905
    *"宇都宮 新垣 比嘉 八重樫 三枝 安倍 若林 北条".split(),  # noqa: SIM905
)
GIVEN = (
    *"一郎 花子 健太 美咲 浩 由美子 さくら 翔太 恵 康介".split(),  # noqa: SIM905
    *"ひかり 雄一 真由美 隆 直樹 千尋 大輔 陽子 拓海 静".split(),  # noqa: SIM905
)
KANA = ("タナカ", "サトウ", "スズキ", "イガラシ", "ヤマモト")
KANA_GIVEN = ("タロウ", "ハナコ", "ケンタ", "ミサキ", "ヒロシ")
ROMAJI = ("Yamamoto Kenji", "Suzuki Hanako", "Ito Daisuke", "Kobayashi Yui")
TOWNS = (
    *("横浜市中区山下町", "神戸市中央区三宮町", "東京都新宿区西新宿"),
    *("大阪府堺市堺区南瓦町", "札幌市北区北七条西", "愛知県名古屋市中区栄"),
)
ONE_TO_NINE = "一二三四五六七八九"

IDENTIFYING = (
    "{name:F G}は{date:D}に救急搬送された。",
    "{name:FG}は労作時の胸痛を主訴に来院した。",
    "患者氏名：{name:F G}、{date:D}生まれ。",
    "患者氏名\t{name:F G}",
    "氏名（カナ）：{name:K L}",
    "{name:F G}様の検査結果を同封する。",
    "{name:F}さんは昨夜から発熱している。",
    "担当医：{name:FG}",
    "{name:F}先生に紹介した。",
    "術者は{name:F}、助手は{name:F}であった。",
    "（{name:FG} 記）",
    "長男・{name:G}が付き添った。",
    "患者 {name:R} 氏が受診した。",
    "主治医の{name:F}が家族に説明した。",
    "マイナンバー：{id:M}",
    "提出書類に {id:M} と記されていた。",
    "保険者番号 {id:8}、記号 {id:3} 番号 {id:4}",
    "カルテNo. {id:7}",
    "患者ID：{id:8}",
    "診察券番号 {id:6}を確認した。",
    "連絡先は{phone:P}である。",
    "TEL：{phone:Q}",
    "携帯 {phone:C}",
    "住所：{address:A}",
    "転居先は{address:A}である。",
    "{date:D}に入院し、{date:D}に退院した。",
    "{date:J}に手術を行った。",
    "生年月日 {date:E}",
    "{date:S}入院。",
    "{age:90}の女性。",
    "問い合わせは{mail:U}へ。",
)
OTHER = (
    "橋本病と川崎病、高安動脈炎、木村病の鑑別を述べた。",
    "妊婦さん、患者さん、看護師さん、赤ちゃん、お母さんへの説明。",
    "T12.1の圧迫骨折とS1.2の神経根症状を認める。",
    "MMTは三角筋 3/5、上腕二頭筋 4/5 であった。",
    "血圧 120/80 mmHg、脈拍 72/分、体温 36.5℃。",
    "アムロジピン 5 mg を1日1回、メトホルミン 500 mg を1日2回。",
    "KRAS G12D と EGFR T790M、BRCA1 の変異を調べた。",
    "HER2 3+、Ki-67 30 %、pT2N1M0 Stage IIB。",
    "PMID: 31234567 を引用した。",
    "WBC 12,300/μL、Hb 9.8 g/dL、CRP 5.6 mg/dL。",
    "平均年齢は92歳±3、65歳以上が80 %を占めた。",
    "千葉大学と福島県、石川県、山口県の施設で行った。",
    "森田療法と内観療法を比較した。",
    "Parkinson 病、Basedow 病、Crohn 病の治療。",
    "第120回医師国家試験の問題である。",
    "2023年度の統計では有病率は2.1 %であった。",
    "用量は 1-2-3 mg と漸増する。",
    "ワルファリン、ヘパリン、ダビガトランの違い。",
    "Babinski 反射陽性、Lasègue 徴候陰性。",
)


def documents(n: int = 500, seed: int = 7) -> list[str]:
    """Marked as ``identities.labelled`` reads it: a few sentences each, identifying and not."""
    rng = random.Random(seed)
    out = []
    for _ in range(n):
        sentences = [*rng.sample(IDENTIFYING, rng.randint(0, 3)), *rng.sample(OTHER, rng.randint(1, 3))]
        rng.shuffle(sentences)
        out.append(" ".join(_filled(s, rng) for s in sentences))
    return out


def _filled(sentence: str, rng: random.Random) -> str:
    parts, rest = [], sentence
    while "{" in rest:
        before, _, inner = rest.partition("{")
        mark, _, rest = inner.partition("}")
        kind, _, form = mark.partition(":")
        parts += [before, f"{{{kind}:{_value(form, rng)}}}"]
    return "".join([*parts, rest])


def _value(form: str, rng: random.Random) -> str:
    year, month, day = rng.randint(1930, 2024), rng.randint(1, 12), rng.randint(1, 28)
    known = {
        "F": lambda: rng.choice(FAMILY),
        "G": lambda: rng.choice(GIVEN),
        "FG": lambda: rng.choice(FAMILY) + rng.choice(GIVEN),
        "F G": lambda: f"{rng.choice(FAMILY)} {rng.choice(GIVEN)}",
        "K L": lambda: f"{rng.choice(KANA)} {rng.choice(KANA_GIVEN)}",
        "R": lambda: rng.choice(ROMAJI),
        "M": lambda: _my_number(rng),
        "P": lambda: f"0{rng.randint(3, 9)}-{rng.randint(1000, 9999)}-{rng.randint(1000, 9999)}",
        "Q": lambda: f"0{rng.randint(3, 9)}{rng.randint(10**7, 10**8 - 1)}",
        "C": lambda: f"0{rng.choice('789')}0 {rng.randint(1000, 9999)} {rng.randint(1000, 9999)}",
        "A": lambda: f"{rng.choice(TOWNS)}{rng.randint(1, 9)}-{rng.randint(1, 30)}-{rng.randint(1, 20)}",
        "D": lambda: rng.choice((f"{year}年{month}月{day}日", f"{year}/{month}/{day}", f"{year}{month:02}{day:02}")),
        "J": lambda: f"令和{ONE_TO_NINE[month % 6]}年{ONE_TO_NINE[month % 9]}月{ONE_TO_NINE[day % 9]}日",
        "E": lambda: f"昭和{rng.randint(5, 63)}年{month}月{day}日",
        "S": lambda: f"{month}/{day}",
        "90": lambda: f"{rng.randint(90, 109)}歳",
        "U": lambda: f"{rng.choice(('taro', 'hanako'))}{rng.randint(1, 99)}@example.co.jp",
    }
    return known[form]() if form in known else f"{rng.randint(10 ** (int(form) - 1), 10 ** int(form) - 1)}"


def _my_number(rng: random.Random) -> str:
    digits = "".join(str(rng.randint(0, 9)) for _ in range(11))
    text = digits + last_digit(digits)
    return rng.choice((text, f"{text[:4]} {text[4:8]} {text[8:]}"))
