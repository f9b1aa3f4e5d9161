"""How sure a reply says it is: ``確信度：85%``, ``Confidence: 0.85``, ``"confidence": 0.85``, ``I am 85 % sure``.

The last statement counts. Nothing is guessed: a range, a word (high), 1 without a unit (of 1 or of 100?) and an
interval of statistics (95 % confidence interval) are no confidence. Every pattern is bounded, so that a reply is read
in linear time.
"""

import re

from igaku.grading.reply_text import clean
from igaku.io.patterns import lazy

_NAME = (
    r"(?:確信度|自信度|信頼度|確度|自信|確信|正答である確率|正答確率|正解である確率|正解の確率|正しい確率|置信度|信心|"
    r"(?<![a-z])(?:confidence|certainty)(?:[ _-](?:level|score|rating|percent|percentage))?|"
    r"(?<![a-z])probability (?:of being|that (?:i am|it is|this is|(?:my|this|the) answer is)) (?:right|correct))"
)
_UNIT = r"\s?(?P<unit>[(\[][^()\[\]\n]{0,30}[)\]])?"
_MARKS = r"[\s\"'「『【】」』|>]{0,6}"
_LEVEL = r"(?:(?:very )?(?:high|low|moderate|medium)|とても高い|高い|低い|中程度|高め|低め)"
_BETWEEN = (
    r"(?: (?:in|of|for|that) (?:(?:this|my|the) )?(?:answer|choice|[a-j](?![a-z]))(?: ?\([a-j]\))?)?"
    rf"{_MARKS}(?:[:=]|[-–](?= )|は|が|(?:is|was|of|at)(?![a-z]))?{_MARKS}(?:{_LEVEL}[\s:,、（(]{{1,3}})?"
    r"(?:(?:約|およそ|about|around|approximately|~|≈)\s?)?"
)
_NUMBER = (
    r"(?<![\d.])(?P<number>(?:\d{1,3})?\.\d{1,20}|\d{1,3})(?![\d.]*\d)"
    r"\s?(?P<after>%|パーセント|percent|/\s?10{1,2}(?!\d)|割)?(?!\s?(?:%|パーセント|percent|/\s?10|割|点満点))"
)
_NO_RANGE = r"(?!\s?(?:[-~〜–—]|から|to\b)\s?\d)"
_OF_100 = lazy(
    rf"{_NAME}{_MARKS}(?:は|が|[:=])?{_MARKS}100点満点(?:中|で|の)\s?(?P<number>\d{{1,3}})(?P<after>)(?P<unit>)点"
)
_BEFORE = lazy(r"(?<![\d.])(?P<number>0?\.\d{1,20})(?P<after>)(?P<unit>)\s?confidence\b", re.I)
_DENIED = lazy(
    r"(?:\bnot|n['’]t|\bcannot)(?: (?:at all|quite|entirely|fully|be))? \Z|\bbetween \d{1,3}\s?%? and \Z", re.I
)
_DENIES = lazy(r"ではなく|(?:とまで)?(?:は|が|も)?(?:な[いく]|あり?ません|持て)")
"""100 % の自信はない, "not 100 % sure" and "between 50 and 70 % sure" state none."""
_NAMED = lazy(f"{_NAME}{_UNIT}{_BETWEEN}{_NUMBER}{_NO_RANGE}", re.I)
_SENTENCE = lazy(
    rf"(?<![\d.~〜–—-]){_NUMBER.replace('(?P<after>', '(?P<after>(?=%|パ|p)')}"
    r"(?P<unit>)\)?\s?(?:くらい|ぐらい|程度|ほど)?(?:の?(?:確信|自信)(?!区間)|(?:confident|certain|sure)(?![a-z]))",
    re.I,
)
_TABLE = lazy(
    r"(?:^|\n)[ ]?(?P<heads>\|[^\n]{1,300}\|)[ ]?\n[ ]?\|[-:| ]{3,300}\n(?:[ ]?\|[^\n]{1,300}\n){0,20}?"
    r"[ ]?(?P<last>\|[^\n]{1,300})(?:\n(?!\|)|\s*\Z)"
)
_HEAD = lazy(rf"{_NAME}{_UNIT}", re.I)
_CELL = lazy(rf"\s?{_NUMBER}(?P<unit>)\s?(?=\||$)")
_MARKUP = str.maketrans({"*": None, "`": None, "#": None, "_": " "})
"""Bold, code and headings around label or number; ``confidence_score`` reads without its line, too."""


def read_confidence(reply: str) -> float | None:
    """The confidence that a reply states last, 0 to 1; None where it states none that is clear."""
    text = clean(reply).text.translate(_MARKUP)
    stated = [m for m in (*_NAMED.finditer(text), *_SENTENCE.finditer(text)) if not _is_denied(text, m)]
    found = [*stated, *_OF_100.finditer(text), *_BEFORE.finditer(text), *_in_table(text)]
    return _share(max(found, key=lambda m: m.start("number"))) if found else None


def _is_denied(text: str, found: re.Match[str]) -> bool:
    return bool(_DENIED.search(text[max(0, found.start() - 30) : found.start()]) or _DENIES.match(text, found.end()))


def _in_table(text: str) -> list[re.Match[str]]:
    """The number under a head that names the confidence, in the last row of a Markdown table."""
    row = _TABLE.search(text)
    if not row:
        return []
    heads = [cell.strip() for cell in row["heads"].strip(" |").split("|")]
    column = next((i for i, head in enumerate(heads) if _HEAD.fullmatch(head)), None)
    cells = list(re.finditer(r"[^|\n]+", text[row.start("last") : row.end("last")]))
    if column is None or column >= len(cells):
        return []
    start = row.start("last") + cells[column].start()
    found = _CELL.match(text, start)
    return [found] if found else []


def _share(found: re.Match[str]) -> float | None:
    """A number by its unit: after it, or in the brackets of the label (``確信度（0〜100）``)."""
    value, unit, digits = float(found["number"]), found["after"] or "", found["number"]
    if not unit and (found["unit"] or ""):
        unit = "%" if re.search(r"%|100|パーセント|percent", found["unit"], re.I) else ""
        unit = unit or ("1" if re.search(r"0\s?[-~〜–—]\s?1(?:\.0)?\D", found["unit"]) else "")
    if not unit:
        if digits == "1":
            return None
        unit = "1" if value <= 1 else "%"
    whole = {"1": 1.0, "割": 10.0}.get(unit) or (float(unit[1:]) if unit[0] == "/" else 100.0)
    return value / whole if value <= whole else None
