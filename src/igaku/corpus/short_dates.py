"""Dates of a month and a day alone: 4/1 may be a date, a part of a dose, a grade of strength or a ratio.

It is taken for a date only beside its weekday, behind a label such as 手術日, or before what happens on a day.
What is also a fraction (1/2, 3/4) is none behind a particle or 約: 患者の1/3に投与した.
"""

_SHORT = r"(?:1[0-2]|[1-9])/(?:3[01]|[12]\d|[1-9])(?![\d/])"
_FRACTION = r"(?:1/(?:[2-9]|1\d)|2/[3579]|3/[4578]|4/[57]|5/[678])(?!\d)"
_START = (
    r"(?<![\d./~〜A-Za-z-])(?<!MMT)(?<!MMT )(?<![Gg]rade )(?<![Ss]tage )"
    r"(?<!/[A-Za-z] )(?<!/[A-Za-z]{2} )(?<!/[A-Za-z]{3} )(?<!/[A-Za-z]{4} )"
    rf"(?:(?!{_FRACTION})|(?<![のがはをに約])(?<!うち))"
)
_RANGE = rf"(?: ?[~〜–-] ?(?:{_SHORT}|(?:3[01]|[12]\d|[1-9])(?!\d)))"
_WHEN = "(?:に|より|から|まで|夜間?|朝|昼|夕方?|未明|午前|午後|頃|ごろ)"
_CHANGED = "(?![^、。\n]{0,8}(?:低下|減|縮|なり|なっ|なる|達|上昇|増|改善|短縮|希釈|薄め))"
_HAPPENED = (
    "(?:受診|来院|外来|入院|退院|転院|転棟|再診|紹介|搬送|搬入|手術|施行|検査|撮影|採血|生検|発熱|発症|出現|開始|中止"
    "|終了|処方|投与|内服|死亡|永眠|出生|分娩|面談|説明)"
)
_SOON = rf"{_CHANGED}[^、。\n\d/]{{0,8}}?{_HAPPENED}"
SHORT_DATES = (
    rf"{_START}{_SHORT}(?=[ 　]?[(（][月火水木金土日](?:曜日?|・?祝)?[)）])",
    rf"(?<=日[:： 　])[ 　]?{_SHORT}(?!錠|包|量|カプセル)",
    rf"{_START}{_SHORT}(?=[ 　](?:\d{{1,2}}:\d{{2}}|\d{{1,2}}時|午[前後]))",
    rf"(?:次回|最終健診|再診|発生日?|採取日?)[ 　：:]?(?:{_SHORT})(?!錠|包|量|カプセル)",
    rf"{_START}{_SHORT}(?=[ 　]?(?:まで|より|から|以降)(?:継続|変更|再開|休薬|休診|内服|開始|[A-Z]))",
    rf"{_START}{_SHORT}(?=に?(?:生まれ|生(?!検)|付|入院|退院|受診|来院|手術|死亡|撮影|検査))",
    rf"{_START}{_SHORT}(?={_WHEN}{_SOON})",
    rf"{_START}{_SHORT}{_RANGE}(?=[ 　]?(?:{_WHEN}|の)?{_SOON})",
)
"""Rules for them; of a range both ends."""
