"""The key of a numeric question."""

from collections.abc import Mapping, Sequence

from igaku.errors import IgakuError
from igaku.io.rows import is_number, need
from igaku.keys.base import KeyBase, QuestionLike


class Number(KeyBase, frozen=True, tag="number"):
    """The key of a numeric question: decimal strings, any of which is right (compared as numbers)."""

    in_letters = True

    accepted: tuple[str, ...]

    @classmethod
    def parsed(cls, answers: Sequence[object]) -> "Number | None":
        """Answers that are all finite numbers; None where one is not, or there is none."""
        given = [a for a in map(str, answers) if a.strip(" ,、")]
        return cls(tuple(given)) if given and all(map(is_number, given)) else None

    def text(self) -> str:
        """The numbers, with a slash between."""
        return " / ".join(self.accepted)

    def gold_text(self, question: QuestionLike) -> str:
        """The first number."""
        return self.accepted[0]

    def wrong(self, words: Sequence[str]) -> "Number":
        """One more than the first number."""
        return Number((str(float(self.accepted[0]) + 1),))

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
        key = cls.parsed(given if isinstance(given, list) else [given])
        if key is None:
            raise IgakuError(
                f"{where}: field {name!r} must be letters of the choices, or a number where there are none"
            )
        return key
