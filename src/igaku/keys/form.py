"""The form in which a numeric question wants its answer: boxes ①②③ with a point, literal digits and a unit.

Exams print 「解答：①②.③/人口1,000対」 and publish the digits that fill the boxes ("100"): the value is 10.0. ① is the
name of a box and no 1. A form is written here as ``##.#``, one ``#`` a box; ``1###`` has a printed digit in front.
"""

import re
import unicodedata
from collections.abc import Mapping

_BOX = r"[\u2460-\u2468]"
_FORM = re.compile(rf"([-−－‐–]?)[ \t　]*((?:[\d０-９]+[ \t　]*[.．,，]?[ \t　]*)?{_BOX}(?:[ \t　.．,，]*{_BOX})*)")
_ASKED_FOR = re.compile(r"(?:解答|答案|答え?|[Aa]nswer|ANSWER)[ \t　]*[:：]?[ \t　]*$")
_APART = re.compile(r"(?:^|[\s(（\[［「【。、：:])$")
_ROUNDED = re.compile(r"小数(?:点以下|点)?\s*第\s*([1-9１-９])\s*位[^。]{0,24}?四捨五入")
_WHOLE = re.compile(r"小数(?:点)?以下[^。第]{0,16}四捨五入")
_SEPARATORS = re.compile(r"[\s,，、]+")
_CIRCLED = re.compile("[\u2460-\u2468\u24ea]")


def form_of(stem: str) -> str:
    """``①②.③`` as ``##.#``; empty where the stem prints no boxes, or other ones than ① ② ③ in their order.

    Boxes after 「解答」 go before others, and the last ones before earlier ones: an answer sheet may be printed below.
    Where further circled digits stand in their line (a translation that went wrong), they are no boxes.
    """
    tail = stem[-600:]
    found = list(_FORM.finditer(tail))
    announced = [m for m in found if _ASKED_FOR.search(tail[: m.start()])]
    alone = [m for m in found if m not in announced and len(_boxes(m[0])) > 1 and _APART.search(tail[: m.start()])]
    forms = (_form(m, tail) for m in (*reversed(announced), *reversed(alone)))
    return next(filter(None, forms), "")


def boxes_of(stem: str) -> Mapping[str, str | int] | None:
    """The boxes of a stem for people: as they are printed (``①②.③``), with the number of digits before the point and
    after it; printed digits count (``1①②③`` has four). None where it prints none."""
    form = form_of(stem)
    if not form:
        return None
    names = (chr(0x2460 + i) for i in range(9))
    whole, _, decimals = form.lstrip("-").partition(".")
    text = "".join(next(names) if c == "#" else c for c in form)
    return {"text": text, "digits": len(whole), "decimals": len(decimals)}


def _form(found: re.Match[str], text: str) -> str:
    boxes = _boxes(found[0])
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.end()] + text[found.end() :].partition("\n")[0]
    if boxes != [chr(0x2460 + i) for i in range(len(boxes))] or len(_boxes(line)) != len(_boxes(found[0])):
        return ""
    form = ("-" if found[1] else "") + re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", re.sub(_BOX, "#", found[2])))
    return form if form.count(".") <= 1 and not form.endswith(".") else ""


def _boxes(text: str) -> list[str]:
    return re.findall(_BOX, text)


def decimals_of(stem: str) -> int | None:
    """Decimals that the stem's rounding leaves (「小数第2位を四捨五入」 leaves 1); None where it says nothing."""
    if found := _ROUNDED.findall(stem):
        return int(unicodedata.normalize("NFKC", found[-1])) - 1
    return 0 if _WHOLE.search(stem) else None


def filled(form: str, digits: str) -> str:
    """The value that digits have in a form's boxes; empty where there are more or fewer digits than boxes."""
    if not form or not digits.isdecimal() or len(digits) != form.count("#"):
        return ""
    rest = iter(digits)
    return "".join(next(rest) if c == "#" else c for c in form)


def digits_of(number: str) -> str:
    """The digits that a number writes into boxes, sign and point left out: ``0.40`` is ``040``."""
    return re.sub(r"[-.]", "", number)


def plain_number(text: str) -> str:
    """A number as ASCII, without blanks and commas between its digits: ``2 8``, ``２，８`` and ``②⑧`` are ``28``.

    Beside plain digits a circled one is the name of a box and is left out: ``①0.36②`` is ``0.36``.
    """
    without = _CIRCLED.sub("", text)
    named = without if re.search(r"\d", without) else text
    joined = _SEPARATORS.sub("", unicodedata.normalize("NFKC", named))
    return re.sub(r"^[−‐–]", "-", joined)
