"""The key of a numeric question."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from igaku.errors import IgakuError
from igaku.io.rows import is_number, need
from igaku.keys.base import KeyBase, QuestionLike
from igaku.keys.form import decimals_of, digits_of, filled, form_of, plain_number


class Number(KeyBase, frozen=True, tag="number", omit_defaults=True):
    """The key of a numeric question: decimal strings, any of which is right (compared as numbers).

    Where the stem prints boxes (``form``), an accepted string may be the digits in them: ``100`` in ``##.#`` is 10.0.
    Then the value and these digits, with their leading zeros, are both right.
    """

    in_letters = True

    accepted: tuple[str, ...]
    """As the source gives them."""
    form: str = ""
    """The boxes that the stem prints (``igaku.keys.form``); empty where it prints none."""

    @classmethod
    def parsed(cls, answers: Sequence[object], stem: str = "") -> "Number | None":
        """Answers that are all finite numbers, in the form of their stem; None where one is not, or there is none."""
        given = [a for a in map(str, answers) if a.strip(" ,、")]
        return cls(tuple(given), form_of(stem)) if given and all(map(is_number, given)) else None

    @classmethod
    def from_digits(cls, answers: Sequence[object], stem: str) -> "Number | None":
        """As ``parsed``, for a source that gives digits of forms that its stems have lost: the rounding says where the
        point was.

        ``08`` where the second decimal is rounded is 0.8. Without a leading zero the source may as well mean what it
        says: ``67`` is then 67 or 6.7.
        """
        key, decimals = cls.parsed(answers, stem), decimals_of(stem)
        if key is None or key.form or not decimals:
            return key
        if all(a.isdecimal() and a.startswith("0") and len(a) > decimals for a in key.accepted):
            return cls(key.accepted, "#" * (len(key.accepted[0]) - decimals) + "." + "#" * decimals)
        return cls((*key.accepted, *(p for a in key.accepted if (p := _pointed(a, decimals)))))

    @property
    def values(self) -> tuple[str, ...]:
        """What each accepted string means: digits in the form's boxes are the value that they have there."""
        return tuple(filled(self.form, a) or a for a in self.accepted)

    def matches(self, text: str) -> bool:
        """Whether a number as a reply gives it (``10.0``, ``1,130``, ``2 8``, ``②⑧``) is right, as a value or as the
        digits of the form's boxes."""
        read = plain_number(text)
        if any(_same(read, value) for value in self.values):
            return True
        boxes = self.form.count("#")
        return any(read == d for d in map(digits_of, self.accepted) if len(d) == boxes)

    def text(self) -> str:
        """The values, with a slash between."""
        return " / ".join(self.values)

    def gold_text(self, question: QuestionLike) -> str:
        """The first value."""
        return self.values[0]

    def wrong(self, words: Sequence[str]) -> "Number":
        """One more than the first value."""
        return Number((str(float(self.values[0]) + 1),))

    def problem(self, question: QuestionLike) -> str:
        """No number at all, or a text that is not one."""
        return "" if self.accepted and all(map(is_number, self.accepted)) else "a numeric key must hold numbers"

    def facts(self) -> tuple[str, ...]:
        """``numeric``."""
        return ("numeric",)

    @classmethod
    def from_row(cls, row: Mapping[str, object], choices: Sequence[str], where: str) -> "Number | None":
        """From ``answer`` or ``accepted``, where there are no choices."""
        if choices:
            return None
        name = "accepted" if "accepted" in row else "answer"
        given = need(row, name, (str, list), where)
        key = cls.parsed(given if isinstance(given, list) else [given], str(row.get("stem", "")))
        if key is None:
            raise IgakuError(
                f"{where}: field {name!r} must be letters of the choices, or a number where there are none"
            )
        return key


def _pointed(digits: str, decimals: int) -> str:
    """``67`` with one decimal as ``6.7``, ``75`` with two as ``0.75``; empty for a value that has its point, or for
    one digit alone."""
    if not digits.isdecimal() or len(digits) < max(2, decimals):
        return ""
    return f"{digits[:-decimals] or '0'}.{digits[-decimals:]}"


def _same(a: str, b: str) -> bool:
    try:
        return Decimal(a) == Decimal(b)
    except InvalidOperation:
        return False
