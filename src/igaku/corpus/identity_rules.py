"""Rules for dates, telephones and mail; with those for names, ages, numbers and addresses, all of them."""

import re

from igaku.corpus.address_rules import ADDRESSES, DASHES
from igaku.corpus.age_rules import AGES
from igaku.corpus.name_rules import NAMES
from igaku.corpus.number_rules import NUMBERS
from igaku.corpus.short_dates import SHORT_DATES

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
_NO_COUNT = r"(?! ?(?:mg|mL|ml|g\b|%|kg|patients|cases|days|hours|weeks|months|times|have|has|be\b))"

RULES: tuple[tuple[str, str], ...] = (
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        "phone",
        rf"(?<![\d-])(?:\+81[- ]?(?:\(0\))?|0){_DIGIT}{{1,4}}[{DASHES}(（ ]{_DIGIT}{{1,4}}[{DASHES})） ]"
        rf"{_DIGIT}{{3,4}}(?![\d-])"
        rf"|[(（]0{_DIGIT}{{1,4}}[)）] ?{_DIGIT}{{1,4}}[{DASHES}]{_DIGIT}{{4}}(?![\d-])"
        rf"|(?<!\d)0[789]0{_DIGIT}{{8}}(?!\d)|(?<![\d.])0[3-9]{_DIGIT}{{8}}(?![\d.])",
    ),
    ("phone", r"(?:内線|PHS|ピッチ)[ 　:：]*(?P<it>[0-9][0-9-]{2,8})"),
    ("phone", r"(?<![\d+])\+\d{1,3}[ -]\d{2,4}[ -]\d{3,4}(?:[ -]\d{3,4})?(?!\d)|\(\d{3}\) ?\d{3}-\d{4}(?!\d)"),
    (
        "phone",
        r"(?i:\b(?:tel|phone|telephone|mobile|cell|fax|call)\b)\.?:? ?"
        r"(?P<it>\+?[\d(][\d() -]{5,16}\d(?: ?ext\.? ?\d{1,5})?)",
    ),
    *(("id", rule) for rule in NUMBERS),
    ("number", r"(?<![\d.-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-]|\.\d)"),
    (
        "date",
        rf"(?:(?:19|20)\d\d|{_ERA}\s?(?:\d{{1,2}}|元))(?:年|[./-])\s?{_M}(?:月|[./-])\s?{_D}(?:日|(?!\d|[./-]\d))",
    ),
    ("date", rf"(?:明|大|昭|平|令)(?:\d{{1,2}}|元)[./年]{_M}[./月]{_D}(?:日|(?![\d./-]))"),
    ("date", rf"(?<![A-Za-z\d])[MTSHR]\.?\s?(?:\d{{1,2}}|元)(?:年\s?{_M}月\s?{_D}日|[./-]{_M}[./-]{_D}(?={_EVENT}))"),
    (
        "date",
        rf"(?<![A-Za-z\d])(?:S\.?(?:[6-9]|[1-6]\d)|H\.?(?:[5-9]|[12]\d|3[01])|R\.?\d{{1,2}})[./]{_M}[./]{_D}(?![\d./版章節項-])",
    ),
    (
        "date",
        rf"(?:{_ERA}{_JA_DIGIT}{{1,4}}年|[一二]{_JA_DIGIT}{{3}}年)?{_JA_DIGIT}{{1,2}}月{_JA_DIGIT}{{1,3}}日(?!間|目)",
    ),
    ("date", rf"(?<![\d./A-Za-z-])['’]\d\d[/.]{_M}[/.]{_D}(?={_EVENT}|(?![\d./-]))"),
    ("date", rf"{_AT_START}(?P<it>\d\d(?P<by>[/.]){_M}(?P=by){_D})(?={_DATED})"),
    ("date", r"(?<![\d.:/-])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\d.-])"),
    ("date", r"(?<![\d./])(?:1[0-2]|[1-9])月(?:3[01]|[12]\d|[1-9])日(?!間|目|分)"),
    *(("date", rule) for rule in SHORT_DATES),
    ("date", rf"(?<![\d./])(?:{_M}/{_D}|{_D}/{_M})/(?:19|20)\d\d(?![\d/])"),
    (
        "date",
        rf"{_MONTH} (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,? (?:19|20)\d\d"
        rf"|(?<![\d-])(?:3[01]|[12]\d|0?[1-9])[ -]{_MONTH}[ -](?:19|20)\d\d",
    ),
    ("date", rf"\b{_MONTH} ?(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?=[ ,.;)]|$){_NO_COUNT}"),
    ("date", rf"(?<![\d./-])(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)? (?:of )?{_MONTH}(?![A-Za-z])(?! ?\d)"),
    ("date", rf"(?<![\d./-])(?:{_M}/{_D}|{_D}/{_M})/\d\d(?![\d/.])(?= by| at|,|\.| for|$)"),
    *(("address", rule) for rule in ADDRESSES),
    *(("name", rule) for rule in NAMES),
    *(("age", rule) for rule in AGES),
)
COMPILED = [(kind, re.compile(rule, re.M)) for kind, rule in RULES]
HINTS: dict[str, re.Pattern[str]] = {
    "phone": re.compile(r"0\d|\+\d|\(\d{3}\)|内線|PHS|ピッチ|(?i:tel|phone|mobile|cell|fax|call)"),
    "mail": re.compile("@"),
    "id": re.compile(
        "番号|枝番|No|[IＩ][DＤP]|MRN|記号|手帳|口座|支店|本店|ナンバー|車番|@|免許|旅券|パスポート|在留|ユーザー|利用者|アカウント|ログイン|職員名"
        "|(?i:account|accession|insurance|member|chart|ssn|social security|licen|policy|plate|passport)"
    ),
    "address": re.compile(r"[市区町村郡]|〒|\d [A-Z]"),
    "age": re.compile(r"9\d|1[01]\d|九|百"),
}
"""Cheap patterns that spare a slow rule on most texts."""
