"""Which choices an answer names, as people write them: ``b``, ``ac``, ``a・c``, ``Ｂ``, ``②``, ``1,3``, ``2番``.

Numbers count from 1, as examination papers do. What can be read in two ways is refused: a 0 (are they counted from 0?),
``12`` among twelve choices, ``1/3`` (both, or either?), a number or letter that is also the text of another choice.
"""

import re
import unicodedata
from collections.abc import Sequence

from igaku.keys.base import LETTERS

_BETWEEN = re.compile(
    r"[\s,、。・;+&()\[\]{}「」『』【】〔〕<>\"']+|(?<=[a-z0-9])(?:と|及び|および|かつ)(?=[a-z0-9])|\band\b"
)
_NAMED = re.compile(r"^(?:選択肢|肢|choice|option)\s*(?=[a-z0-9(])")
_WHOLE = re.compile(r"^([a-z]|\d+)(?:\.0+|[.:)]|番)?$")
_EITHER = re.compile(r"/|\||\bor\b|または|又は|もしくは|あるいは")
_DATE = re.compile(r"\d月\d|\d{4}[-/]\d|\d-[a-z]{3}|[a-z]{3}-\d")


class Unreadable(ValueError):
    """Why an answer names no choices; the end of a sentence that begins with the field."""


def plain(text: str) -> str:
    """Full-width, circled and bracketed characters as the plain ones, in lower case, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def named_choices(text: str, n_choices: int, choices: Sequence[str] = ()) -> tuple[int, ...]:
    """The 0-based positions that an answer names, in its order; () for an empty one.

    Args:
        text: as a person wrote it.
        choices: the texts of the choices, where they are known: an answer must not be another choice's text.

    Raises:
        Unreadable: it names none, one beyond the choices, or may be read in two ways.
    """
    found = _read(_NAMED.sub("", plain(text)), text, n_choices, choices)
    written = unicodedata.normalize("NFKC", text).strip()
    for i, choice in enumerate(choices):
        if unicodedata.normalize("NFKC", choice).strip() == written and found != (i,):
            read, other = ", ".join(LETTERS[k] for k in found), LETTERS[i]
            named = f"write '選択肢 {read}' or '選択肢 {other}'"
            raise Unreadable(f"{text!r} is choice {read} and also the text of choice {other}; {named}")
    return found


def _read(given: str, text: str, n: int, choices: Sequence[str]) -> tuple[int, ...]:
    if _EITHER.search(given):
        raise Unreadable(f"{text!r} may mean both or either: write 'ac' for both; field 'accepted' is for either")
    tokens = [t for t in _BETWEEN.split(given) if t]
    found: list[int] = []
    for token in tokens:
        if (one := _WHOLE.match(token)) is not None:
            token = one[1]
        if re.fullmatch("[a-z]+", token):
            found += [_letter(c, n, text, choices) for c in token]
        elif token.isascii() and token.isdecimal():
            found += _numbers(token, n, text, len(tokens) > 1, choices)
        else:
            raise Unreadable(_odd(text, n, choices))
    return tuple(found)


def _letter(letter: str, n: int, text: str, choices: Sequence[str]) -> int:
    if letter not in LETTERS[:n]:
        raise Unreadable(_text_of(text, choices) or f"names {letter!r}, outside the {n} choices")
    return LETTERS.index(letter)


def _numbers(token: str, n: int, text: str, several: bool, choices: Sequence[str]) -> list[int]:
    """One number, or a run of digits where each choice has one."""
    number, digits = int(token[:9]), [int(c) for c in token[:60]]
    whole = several or len(token) == 1 or n > 9
    numbers = [number] if whole else digits
    if number == 0 or (len(token) > 1 and (token[0] == "0" or 0 in numbers)):
        zero = f"names {text!r}; choices are counted from 1 (or a): if yours begin with 0, write letters"
        raise Unreadable(_text_of(text, choices) or zero)
    if len(token) > 60 or any(k > n for k in numbers):
        beyond = next((k for k in numbers if k > n), number)
        outside = f"names '{beyond}', outside the {n} choices (numbers count from 1)"
        raise Unreadable(_text_of(text, choices) or outside)
    if n > 9 and len(token) > 1 and not several and 0 not in digits:
        apiece = " and ".join(token)
        raise Unreadable(f"{text!r} may be choice {number}, or {apiece}; write letters, or '{','.join(token)}'")
    if len(set(numbers)) < len(numbers):
        raise Unreadable(f"names a choice twice: {text!r}")
    return [k - 1 for k in numbers]


def _odd(text: str, n: int, choices: Sequence[str]) -> str:
    if found := _text_of(text, choices):
        return found
    if _DATE.search(plain(text)):
        return f"is {text!r}, a date that a spreadsheet took it for: format the column as text and write it again"
    return f"names {text.strip()[:40]!r}, which is no letter and no number of its {n} choices"


def _text_of(text: str, choices: Sequence[str]) -> str:
    """The hint where an answer is written out."""
    at = [i for i, choice in enumerate(choices) if plain(choice) == plain(text)]
    return f"is the text of choice {LETTERS[at[0]]}; write its letter" if len(at) == 1 else ""
