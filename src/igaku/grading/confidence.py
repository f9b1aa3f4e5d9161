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
    r"(?<![a-z])probability (?:of being|that (?:i am|it is|this is|my answer is)) (?:right|correct))"
)
_UNIT = r"\s?(?P<unit>[(\[][^()\[\]\n]{0,30}[)\]])?"
_BETWEEN = (
    r"[\s\"'「『【】」』]{0,6}(?:[:=]|は|が|is(?![a-z]))?[\s\"'「『【】」』]{0,6}"
    r"(?:(?:約|およそ|about|around|approximately|~|≈)\s?)?"
)
_NUMBER = (
    r"(?<![\d.])(?P<number>\d{1,3}(?:\.\d{1,20})?)(?![\d.]*\d)\s?(?P<after>%|パーセント|percent|/\s?10{1,2}(?!\d)|割)?"
)
_NO_RANGE = r"(?!\s?(?:[-~〜–—]|から|to\b)\s?\d)"
_NAMED = lazy(f"{_NAME}{_UNIT}{_BETWEEN}{_NUMBER}{_NO_RANGE}", re.I)
_SENTENCE = lazy(
    rf"(?<![\d.~〜–—-]){_NUMBER.replace('(?P<after>', '(?P<after>(?=%|パ|p)')}"
    r"(?P<unit>)\s?(?:の?(?:確信|自信)(?!区間)|(?:confident|certain|sure)(?![a-z]))",
    re.I,
)
_MARKUP = str.maketrans({"*": None, "`": None, "#": None, "_": " "})
"""Bold, code and headings around label or number; ``confidence_score`` reads without its line, too."""


def read_confidence(reply: str) -> float | None:
    """The confidence that a reply states last, 0 to 1; None where it states none that is clear."""
    text = clean(reply).text.translate(_MARKUP)
    found = [*_NAMED.finditer(text), *_SENTENCE.finditer(text)]
    return _share(max(found, key=re.Match.start)) if found else None


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
