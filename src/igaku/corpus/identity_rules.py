"""Rules for dates, numbers of persons, telephones, addresses and mail; with those for names and ages, all of them."""

import re

from igaku.corpus.age_rules import AGES
from igaku.corpus.name_rules import NAMES
from igaku.corpus.short_dates import SHORT_DATES

_KANJI = "\u4e00-\u9fff々"
_DIGIT = "[0-9０-９]"
_JA_DIGIT = "[〇一二三四五六七八九十百元]"
_ERA = r"(?:明治|大正|昭和|平成|令和)"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_M, _D = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_EVENT = r"(?:に)?(?:生まれ|生|入院|退院|受診|来院|手術|死亡|撮影|検査|付)"
_DATED = r"(?:に)?(?:生まれ|生|入院|退院|受診|来院|手術|死亡|撮影|付)"
"""_EVENT but for 検査, before which three values may stand: Na/K/Cl 98/4/10検査."""
_AT_START = r"(?:^[ 　]*|(?<=日[:：])[ 　]?|(?<=。))"
_PREFECTURE = (
    r"(?:東京都|北海道|(?:京都|大阪)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|"
    r"静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_HAN = "[一二三四五六七八九十]"
_LOT = rf"(?:\d{{1,4}}|{_HAN}{{1,3}}(?=丁目|番|号))(?:丁目|番地?|番|号|の\d+|-\d{{1,4}}|\d|{_HAN})*"
_HOUSE = "(?:ビル|マンション|ハイツ|コーポ|アパート|荘|タワー|棟)"
_ROOM = (
    rf"(?:[ 　]?[{_KANJI}\u30a1-\u30faーA-Za-z]{{2,12}}{_HOUSE}[^\s、。]{{0,8}}?)?"
    rf"(?:[ 　]?(?:[{_KANJI}\u30a1-\u30faーA-Za-z]{{2,14}}[ 　]?)?\d{{1,4}}号室)?"
)
_NUMBERED = (
    r"(?:患者番号|患者I[DＤ]|患者ＩＤ|診察券(?:番号|No\.?)|カルテ(?:番号|No\.?)|(?:被)?保険者番号|保険証番号|記号番号|受付番号"
    r"|(?:公費負担者|受給者|負担者|手帳|基礎年金|免許証|旅券|パスポート|会員)番号|検体番号|個人番号|マイナンバー"
    r"|(?<![A-Za-z])MRN|Patient ID|ID番号|(?<![A-Za-z])ID(?![A-Za-z])|ＩＤ)"
)
_NO_DOSE = r"(?![0-9０-９-]*[ 　]?(?:mg|g(?![A-Za-z])|mL|ml|μ|単位|IU|kg|例|人|件|年|回|日|%|％))"

RULES: tuple[tuple[str, str], ...] = (
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "phone",
        rf"(?<![\d-])(?:\+81[- ]?(?:\(0\))?|0){_DIGIT}{{1,4}}[-‐－ー(（ ]{_DIGIT}{{1,4}}[-‐－ー)） ]"
        rf"{_DIGIT}{{3,4}}(?![\d-])"
        rf"|[(（]0{_DIGIT}{{1,4}}[)）] ?{_DIGIT}{{1,4}}[-‐－ー]{_DIGIT}{{4}}(?![\d-])"
        rf"|(?<!\d)0[789]0{_DIGIT}{{8}}(?!\d)|(?<![\d.])0[3-9]{_DIGIT}{{8}}(?![\d.])",
    ),
    (
        "id",
        rf"{_NUMBERED}[ 　]*[:：#は]?[ 　]*{_NO_DOSE}(?P<it>[A-Za-z]{{0,4}}[- ]?[0-9０-９][0-9０-９-]{{3,14}}"
        r"(?:[ -][0-9]{4}){0,2})",
    ),
    ("id", rf"記号[・･·／/]番号[ 　]*[:：]?[ 　]*(?P<it>{_DIGIT}[0-9０-９・･·./-]{{2,20}}{_DIGIT})"),
    ("id", rf"(?<![A-Za-z])ID-{_NO_DOSE}(?P<it>[0-9]{{4,14}})"),
    ("id", rf"(?<=記号)[ 　:：]*(?P<it>{_DIGIT}{{1,8}})"),
    ("id", rf"(?:記号[ 　:：]*{_DIGIT}{{1,8}}[ 　・]*番号)[ 　:：]*(?P<it>{_DIGIT}{{1,8}})"),
    ("id", r"(?:LINE|X|Twitter|Instagram)[ 　]?(?:ID|アカウント)[ 　]*[:：は]?[ 　]*(?P<it>@?[A-Za-z][\w.-]{3,30})"),
    ("number", r"(?<![\d.-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-]|\.\d)"),
    ("date", rf"(?:(?:19|20)\d\d|{_ERA}\s?(?:\d{{1,2}}|元))(?:年|[./-])\s?{_M}(?:月|[./-])\s?{_D}(?:日|(?![\d./-]))"),
    ("date", rf"(?<![A-Za-z\d])[MTSHR]\s?(?:\d{{1,2}}|元)(?:年\s?{_M}月\s?{_D}日|[./-]{_M}[./-]{_D}(?={_EVENT}))"),
    ("date", rf"(?<![A-Za-z\d])(?:S(?:[6-9]|[1-6]\d)|H(?:[5-9]|[12]\d|3[01])|R\d{{1,2}})[./]{_M}[./]{_D}(?![\d./-])"),
    (
        "date",
        rf"(?:{_ERA}{_JA_DIGIT}{{1,4}}年|[一二]{_JA_DIGIT}{{3}}年)?{_JA_DIGIT}{{1,2}}月{_JA_DIGIT}{{1,3}}日(?!間|目)",
    ),
    ("date", rf"(?<![\d./A-Za-z-])['’]\d\d[/.]{_M}[/.]{_D}(?={_EVENT}|(?![\d./-]))"),
    ("date", rf"{_AT_START}(?P<it>\d\d(?P<by>[/.]){_M}(?P=by){_D})(?={_DATED})"),
    ("date", r"(?<![\d.:/-])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\d.-])"),
    ("date", r"(?<![\d./])(?:1[0-2]|[1-9])月(?:3[01]|[12]\d|[1-9])日(?!間|目|分)"),
    *(("date", rule) for rule in SHORT_DATES),
    (
        "date",
        rf"{_MONTH} (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,? (?:19|20)\d\d"
        rf"|(?:3[01]|[12]\d|0?[1-9]) {_MONTH} (?:19|20)\d\d",
    ),
    (
        "address",
        rf"〒\s?{_DIGIT}{{3}}[-－‐]?{_DIGIT}{{4}}"
        rf"|(?:{_PREFECTURE}|(?<![{_KANJI}])[{_KANJI}]{{1,4}}市)[{_KANJI}\u3041-\u30faー]{{1,7}}?[市区町村郡]"
        rf"[{_KANJI}\u3041-\u30faー]{{0,10}}?{_LOT}{_ROOM}",
    ),
    *(("name", rule) for rule in NAMES),
    *(("age", rule) for rule in AGES),
)
COMPILED = [(kind, re.compile(rule, re.M)) for kind, rule in RULES]
HINTS: dict[str, re.Pattern[str]] = {
    "phone": re.compile(r"0\d|\+81"),
    "mail": re.compile("@"),
    "age": re.compile(r"9\d|1[01]\d|九|百"),
}
"""Cheap patterns that spare a slow rule on most texts."""
