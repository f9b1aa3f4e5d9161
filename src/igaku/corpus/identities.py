"""Names, dates, telephone numbers and numbers of patients in Japanese and English text, replaced by placeholders.

By rules and not by a model: what was replaced can be explained, and the same text always gives the same result. A name
    is found where something says it is one (a title, a label, a role), or where a family name in our list of common
    ones stands before a given name's usual shape. Names without any of these are missed: how many is measured by
    ``bench/identities.py`` on sentences written for it. This lowers the risk; it is no proof of anonymity. Presidio
    was not taken: it has no Japanese recogniser, and its names come from models that must be downloaded.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

PLACEHOLDERS = {
    "name": "[氏名]",
    "date": "[日付]",
    "phone": "[電話]",
    "id": "[番号]",
    "mail": "[メール]",
    "address": "[住所]",
    "age": "90歳以上",
}
"""Kind -> what it is replaced by."""

_COMMON = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口
松本 井上 木村 斎藤 斉藤 齋藤 清水 山崎 森 阿部 池田 橋本 山下 石川 中島 前田 藤田
後藤 小川 岡田 村上 長谷川 近藤 石井 坂本 遠藤 藤井 青木 福田 西村 三浦 太田 松田
原田 岡本 中野 中川 小野 田村 竹内 金子 和田 中山 石田 上田 森田 原 柴田 酒井 工藤
横山 宮崎 宮本 内田 高木 安藤 谷口 大野 丸山 今井 藤本 村田 武田 上野 杉山 増田
平野 菅原 大塚 小島 千葉 久保 松井 岩崎 桜井 野口 松尾 野村 木下 菊地 菊池 佐野
大西 杉本 新井 浜田 市川 古川 水野 小松 島田 山内 高田 西田 飯田 荒木 川口 服部
川崎 安田 辻 秋山 土屋 三宅 松下 永井 矢野 大橋 石原 須藤 川上 本田 内藤 浅野 岩田
星野 望月 黒田 永田 関口 早川 尾崎 中西 樋口 吉村 大島 松岡 渡部 中田 上村 北村
川村 広瀬 沢田 平田 福島 熊谷 横田 松原 片山 栗原 大久保 関 西川 岩本 天野 小山
松村 荒井 小池 吉川 森本 高野 八木 堀 田口 久保田 本間 児玉 富田 小田 神田 奥村
柳沢 榎本 大谷 成田
""".split()  # noqa: SIM905
"""The commonest family names, the most frequent first."""
_FAMILY = "|".join(sorted(_COMMON, key=len, reverse=True))
_LONG = "|".join(sorted((n for n in _COMMON if len(n) > 1), key=len, reverse=True))
_KANJI = "\u4e00-\u9fff々"
_GIVEN = rf"[{_KANJI}]{{1,3}}|[\u3041-\u309f]{{2,4}}|[\u30a1-\u30faー]{{2,5}}"
_KANA_NAME = r"[\u30a1-\u30faー]{2,8}[ 　・][\u30a1-\u30faー]{2,8}"
_LABEL = (
    r"(?:患者氏名|患者名|氏名|名前|お名前|フリガナ|ふりがな|担当医|主治医|執刀医|術者|紹介医|記載者|看護師名|医師名"
    r"|続柄者名|保護者|代表者)"
)
_TITLE = r"(?:様|殿|氏(?!名|族|病)|さん|先生|医師|医長|教授|部長|院長|看護師長?|技師|師長|薬剤師|くん|君|ちゃん)"
_ERA = r"(?:明治|大正|昭和|平成|令和|[MTSHR])"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_PREFECTURE = (
    r"(?:東京都|北海道|(?:京都|大阪)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|"
    r"静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_NUMBER = r"[0-9０-９]"

RULES: tuple[tuple[str, str], ...] = (
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "phone",
        rf"(?<![\d-])(?:\+81[- ]?(?:\(0\))?|0){_NUMBER}{{1,4}}[-‐－ー(（ ]{_NUMBER}{{1,4}}[-‐－ー)） ]"
        rf"{_NUMBER}{{3,4}}(?![\d-])"
        rf"|(?<!\d)0[789]0{_NUMBER}{{8}}(?!\d)",
    ),
    (
        "id",
        r"(?:患者番号|患者ID|患者ＩＤ|診察券番号|カルテ番号|被保険者番号|保険証番号|記号番号|受付番号|検体番号"
        r"|MRN|Patient ID|ID番号|ID|ＩＤ)[ 　]*[:：#は]?[ 　]*(?P<it>[A-Za-z]{0,4}[- ]?[0-9０-９][0-9０-９-]{3,14})",
    ),
    (
        "date",
        rf"(?:(?:19|20)\d\d|{_ERA}\s?(?:\d{{1,2}}|元))(?:年|[./-])\s?(?:1[0-2]|0?[1-9])(?:月|[./-])"
        r"\s?(?:3[01]|[12]\d|0?[1-9])(?:日|(?![\d./-]))",
    ),
    ("date", r"(?<![\d./])(?:1[0-2]|[1-9])月(?:3[01]|[12]\d|[1-9])日(?!間|目|分)"),
    (
        "date",
        rf"{_MONTH} (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,? (?:19|20)\d\d"
        rf"|(?:3[01]|[12]\d|0?[1-9]) {_MONTH} (?:19|20)\d\d",
    ),
    (
        "address",
        rf"〒\s?\d{{3}}-?\d{{4}}|{_PREFECTURE}[{_KANJI}\u3041-\u30faー]{{1,7}}?[市区町村郡]"
        rf"[{_KANJI}\u3041-\u30faー]{{0,10}}\d{{1,4}}(?:丁目|番地?|号|-\d{{1,4}}|[0-9-])*",
    ),
    (
        "name",
        rf"{_LABEL}[ 　]*(?:[:：は]|[ 　](?=(?:{_FAMILY})))[ 　]*"
        rf"(?P<it>[{_KANJI}\u3041-\u30faー]{{1,4}}(?:[ 　]?(?:{_GIVEN}))?)(?=$|[ 　\n、。，,（(\[／/]|様|殿|先生|医師)",
    ),
    ("name", rf"(?<![{_KANJI}])(?P<it>(?:{_FAMILY})(?:[ 　]?(?:{_GIVEN}))?)[ 　]?{_TITLE}"),
    ("name", rf"(?<![{_KANJI}])(?P<it>(?:{_LONG})[ 　](?:[{_KANJI}]{{1,3}}|[\u3041-\u309f]{{2,4}}))(?![{_KANJI}])"),
    (
        "name",
        rf"(?:患者|症例|本人|妻|夫|長男|長女|次男|次女|母|父)(?:は|の|、|：|:)?[ 　]?"
        rf"(?P<it>(?:{_LONG})[{_KANJI}]{{1,2}})(?=[（(、。はがをと 　])",
    ),
    (
        "name",
        rf"(?<![{_KANJI}])(?P<it>(?!患者|家族|奥|皆|娘|息子|医者|看護|御|助産|同僚|先輩|後輩)"
        rf"[{_KANJI}]{{2,3}}(?:[ 　](?:{_GIVEN}))?)さん",
    ),
    ("name", rf"(?P<it>{_KANA_NAME})[ 　]?{_TITLE}"),
    ("name", r"\b(?:Mr|Mrs|Ms|Dr|Prof)\. ?(?P<it>[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?!'s (?:disease|syndrome))"),
    ("name", r"\b[Pp]atient(?: [Nn]ame)?: ?(?P<it>[A-Z][a-z]+ [A-Z][a-z]+)"),
    ("age", r"(?<!\d)(?P<it>(?:9[0-9]|1[01]\d)\s?(?:歳|才))(?!以上|以下|未満|代|〜|-|から)"),
)
_COMPILED = [(kind, re.compile(rule, re.M)) for kind, rule in RULES]
_HINTS: dict[str, re.Pattern[str]] = {"phone": re.compile(r"0\d|\+81"), "mail": re.compile("@")}
"""Cheap patterns that spare a slow rule on most texts."""
_NO_NAME = re.compile(r"^(?:原|森|関|堀|辻)$")


class Found(NamedTuple):
    """One identifying piece of a text."""

    start: int
    end: int
    kind: str


def identities(text: str) -> list[Found]:
    """What identifies a person, from left to right, without overlaps.

    Of two that overlap the first is taken, of two that begin together the longer.
    """
    found = sorted(_found(text), key=lambda f: (f.start, -f.end))
    out: list[Found] = []
    for f in found:
        if not out or f.start >= out[-1].end:
            out.append(f)
    return out


def replaced(text: str) -> tuple[str, dict[str, int]]:
    """The text with placeholders for what identifies a person, and the count of each kind."""
    found = identities(text)
    if not found:
        return text, {}
    parts, at, counts = [], 0, dict[str, int]()
    for f in found:
        parts += [text[at : f.start], PLACEHOLDERS[f.kind]]
        counts[f.kind] = counts.get(f.kind, 0) + 1
        at = f.end
    return "".join([*parts, text[at:]]), counts


def _found(text: str) -> Iterator[Found]:
    for kind, rule in _COMPILED:
        if (hint := _HINTS.get(kind)) and not hint.search(text):
            continue
        for m in rule.finditer(text):
            group = "it" if "it" in rule.groupindex else 0
            if kind == "name" and _NO_NAME.match(m[group]) and "先生" not in m[0]:
                continue
            yield Found(m.start(group), m.end(group), kind)
