"""Numbers in replies: 1,200 mL, １２．５, −3.5, "= 26"; compared as numbers, never as text."""

import re
from decimal import Decimal, InvalidOperation

NUMBER = re.compile(r"(?<![\w.])[-−‐–]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![A-Za-z_.\d])[-−–]?\d+(?:\.\d+)?")
_RANGE = re.compile(r"\d\s*\S{0,4}(?:[~〜～]|から|または|又は|もしくは|か|\bto\b|\band\b|\bor\b|(?<=\d)-)\s*\d", re.I)
_DENIED = re.compile(r"\bnot\s+(?:[-−]?\d)|\d\s*\S{0,3}(?:では(?:ない|なく|ありません)|じゃない)", re.I)


def read_number(text: str, anchor: re.Pattern[str]) -> str:
    """The number a reply ends up with: after the last anchor, else its only or last-computed one; "" if unclear."""
    for match in list(anchor.finditer(text))[:-50:-1]:
        line = text[match.end() :].lstrip(" \n\t").split("\n", 1)[0]
        if (found := _last_of(line)) and not _RANGE.search(line.split("=")[-1]) and not _DENIED.search(line):
            return found
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return ""
    for line in dict.fromkeys((lines[0], lines[-1])):
        tail = line.split("=")[-1]
        numbers = {plain(n) for n in NUMBER.findall(tail)}
        if len(numbers) == 1 and not _DENIED.search(line) and (len(line) <= 40 or "=" in line):
            return numbers.pop()
    return ""


def _last_of(line: str) -> str:
    tail = line.split("=")[-1]
    numbers = NUMBER.findall(tail)
    if not numbers:
        return ""
    return plain(numbers[-1] if re.search(r"[×÷]|\d\s*[*/]\s*\d", tail) else numbers[0])


def plain(number: str) -> str:
    """``"1,200"`` as ``"1200"``, any minus sign as ``-``."""
    return re.sub(r"^[−‐–]", "-", number.replace(",", ""))


def same_number(a: str, b: str) -> bool:
    """Equal as decimal numbers: 7.20 is 7.2, 04 is 4."""
    try:
        return Decimal(a) == Decimal(b)
    except InvalidOperation:
        return False
