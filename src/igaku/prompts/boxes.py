"""The boxes into which a numeric question wants its digits: 「解答：①②.③」 is two digits and one decimal."""

import re
from collections.abc import Mapping

_LINE = re.compile(r"(?:解答|Answer|答案)\s*[:：]([^\n]{0,200})", re.I)
_BOX = "[①-⑨]"
_GAP = r"[ \t\u3000]{0,4}"
_BOXES = re.compile(
    rf"(?:([0-9０-９]{{1,6}}){_GAP}[,，]?{_GAP})?({_BOX}(?:{_GAP}[,，]?{_GAP}{_BOX}){{0,8}})"
    rf"(?:{_GAP}[.．・]{_GAP}({_BOX}(?:{_GAP}{_BOX}){{0,8}}))?"
)


def boxes(stem: str) -> Mapping[str, str | int] | None:
    """The boxes as they are printed, with their digits before and after the point; None where a stem has none.

    Printed digits in front of the boxes count (``1,①②③`` is four digits). Where circled digits stand outside one
    row of boxes (a translation that went wrong), nothing is made of them.
    """
    lines = _LINE.findall(stem)
    if not lines:
        return None
    found = _BOXES.search(lines[-1])
    if not found or len(re.findall(_BOX, lines[-1])) != len(re.findall(_BOX, found[0])):
        return None
    printed, whole, decimals = found[1] or "", found[2], found[3] or ""
    text = re.sub(r"\s", "", found[0]).replace("．", ".").replace("・", ".").replace("，", ",")
    return {"text": text, "digits": len(printed) + _count(whole), "decimals": _count(decimals)}


def _count(part: str) -> int:
    return len(re.findall(_BOX, part))
