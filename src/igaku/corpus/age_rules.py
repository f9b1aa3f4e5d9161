"""Rules for the ages of persons of 90 years and more.

An age in other units (100 days), of something else than a person (bone age, 血管年齢) or of a group (mean age,
平均年齢) identifies nobody and may be what a text is about.
"""

_NINETY = "(?:九[〇一二三四五六七八九]|九十[一二三四五六七八九]?|百(?:[一二三四五六七八九]|十[一二三四五六七八九]?)?)"
_OLD = r"(?:9[0-9]|1[01]\d)"
_OF_OTHERS = (
    *("平均", "平均年齢", "中央値", "最高齢", "平均寿命", "平均余命", "健康寿命"),
    *("血管年齢", "骨年齢", "肺年齢", "脳年齢", "心臓年齢", "血管", "骨", "肺", "脳", "心臓"),
)
_JA_OTHERS = "".join(f"(?<!{noun}{link})" for noun in _OF_OTHERS for link in ("", "は", "が", " ", "は ", ":", "："))
_EN_OTHERS = "".join(
    f"(?<!(?i:{word} ))"
    for word in (
        *("mean", "median", "average", "bone", "skeletal", "gestational", "menstrual", "postmenstrual", "conceptional"),
        *("postnatal", "fetal", "developmental", "mental", "vascular", "heart", "lung", "brain", "biological"),
        *("corrected", "maximum", "oldest", "minimum"),
    )
)
_OTHER_UNIT = (
    r"(?![ -]?(?:days?|weeks?|wks?|months?|mos?|hours?|hrs?|hr|h|d|w|min(?:utes?)?|kg|g|mg|cm|mm|m|mL|ml|mmHg|bpm|cases"
    r"|patients|persons|people|adults|men|women)\b)"
)
_GROUP = r"(?!(?: years?)? ?(?:[+±]|(?:or|and) (?:older|over|above|more|up)|to \d))"
_JA_OTHER_UNIT = r"(?![ 　]*(?:日|週|[かヶカヵケ箇]?月|時間|分|kg|g|cm|mm|%|％|例|人|名|±))"

AGES: tuple[str, ...] = (
    rf"(?<!\d){_JA_OTHERS}(?P<it>(?:{_OLD}|{_NINETY})\s?(?:歳|才))"
    r"(?!以上|以下|未満|代|台|超|を超|〜|-|から|±|体操)",
    rf"(?<!平均)(?<!血管)(?<!骨)(?<!肺)(?<!脳)(?<!心臓)年齢[ 　]*[:：][ 　]*(?P<it>{_OLD})(?![\d.~〜歳才-]|[ 　][歳才])"
    rf"{_JA_OTHER_UNIT}",
    rf"(?<![\d.–-])(?P<it>{_OLD}(?:[ -]year[s]?[ -]old|[ -]?y\.?/?o\b\.?))",
    rf"{_EN_OTHERS}\b[Aa]ge(?:d|:)? (?P<it>{_OLD}{_OTHER_UNIT}{_GROUP}(?: years)?)(?![\d.%–-]| (?:to|and)\b)",
)
"""What is in ``it`` is the age."""
