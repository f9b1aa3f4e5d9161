"""The key of an annotation: expressions of a text with their kinds, or relations between two of them."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from igaku.keys.base import KeyBase, QuestionLike

NAMES = {1: ("text",), 2: ("from", "to")}
"""By the number of expressions: the fields under which a reply gives them."""


class Mention(Struct, frozen=True):
    """One thing to find: its kind, and one expression (an entity) or two (a relation, in its direction)."""

    kind: str
    parts: tuple[tuple[str, ...], ...]
    """Each expression as the spellings that are right: the source's own, and the whole stretch of a broken one."""


class Mentions(KeyBase, frozen=True, tag="mentions", omit_defaults=True):
    """The key of an annotation: a set of mentions, each counted once however often the text repeats it.

    It may be empty: there is nothing to find.
    """

    mentions: tuple[Mention, ...]
    kinds: tuple[tuple[str, str], ...]
    """Every kind that may be named, with its name in the question's language."""
    arity: int = 1
    """Expressions in a mention: 1 for entities, 2 for relations."""

    def text(self) -> str:
        """``DRUG: aspirin``, one a line."""
        return "\n".join(f"{m.kind}: {' → '.join(p[0] for p in m.parts)}" for m in self.mentions)

    def gold_text(self, question: QuestionLike) -> str:
        """A JSON list of objects with ``type`` and ``text`` (or ``from`` and ``to``)."""
        names = NAMES[self.arity]
        rows = [{"type": m.kind, **dict(zip(names, (p[0] for p in m.parts)))} for m in self.mentions]
        return json.dumps(rows, ensure_ascii=False)

    def wrong(self, words: Sequence[str]) -> "Mentions":
        """An expression that stands in no text."""
        kind = self.kinds[0][0]
        return Mentions((Mention(kind, (("本文にない表現",),) * self.arity),), self.kinds, self.arity)

    def problem(self, question: QuestionLike) -> str:
        """A kind that may not be named, an expression that is empty, or one too many or too few."""
        known = {kind for kind, _ in self.kinds}
        if self.arity not in NAMES:
            return f"a mention has one expression or two, not {self.arity}"
        for m in self.mentions:
            if m.kind not in known:
                return f"kind {m.kind!r} is not one of {', '.join(sorted(known))}"
            if len(m.parts) != self.arity or not all(p and all(s.strip() for s in p) for p in m.parts):
                return f"a mention of {m.kind} must have {self.arity} expression(s), none empty"
        return ""

    def facts(self) -> tuple[str, ...]:
        """``with mentions``."""
        return ("with mentions",) if self.mentions else ()

    @property
    def by_kind(self) -> Counter[str]:
        """How many mentions of each kind there are."""
        return Counter(m.kind for m in self.mentions)


def bare(expression: str) -> str:
    """An expression without differences of width, case and blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", expression)).lower()


def once(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Mentions without repetitions (other widths and case are the same), in order."""
    seen: dict[tuple[str, ...], Mention] = {}
    for m in mentions:
        seen.setdefault((m.kind, *(bare(p[0]) for p in m.parts)), m)
    return tuple(seen.values())
