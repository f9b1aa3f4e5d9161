"""The key of a classification in several named parts, such as T, N and M."""

from collections.abc import Sequence
from math import prod

from msgspec import Struct

from igaku.keys.base import KeyBase, QuestionLike


class Field(Struct, frozen=True):
    """One part: its name, the classes that are right, and every class that a reply may name."""

    name: str
    accepted: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The classes that are wrong."""
        return tuple(c for c in self.classes if c not in self.accepted)


class Fields(KeyBase, frozen=True, tag="fields"):
    """The key of a classification: one class for each of its named parts."""

    fields: tuple[Field, ...]

    def text(self) -> str:
        """``T: T1a / T1b; N: N0``."""
        return "; ".join(f"{f.name}: {' / '.join(f.accepted)}" for f in self.fields)

    def gold_text(self, question: QuestionLike) -> str:
        """One part a line, with its first accepted class."""
        return "\n".join(f"{f.name}: {f.accepted[0]}" for f in self.fields)

    def wrong(self, words: Sequence[str]) -> "Fields":
        """Another class in every part."""
        return Fields(tuple(Field(f.name, f.others[:1], f.classes) for f in self.fields))

    def problem(self, question: QuestionLike) -> str:
        """A part without a right class, without a wrong one, or with a right class that nobody may name."""
        for f in self.fields:
            if not f.accepted or not f.others or not set(f.accepted) <= set(f.classes):
                return f"part {f.name!r} needs right classes among its classes, and a wrong one"
        return "" if self.fields else "the key is empty"

    def chance(self, question: QuestionLike) -> float:
        """Of all classes, each as likely as another, in every part."""
        return prod(len(f.accepted) / len(f.classes) for f in self.fields)
