"""The key of named-entity recognition: where in a text each entity is, and of which kind."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.keys.base import KeyBase, QuestionLike


class Span(Struct, frozen=True, order=True):
    """Characters ``start`` to ``end`` (exclusive) of a text; ``start`` is -1 for words that the text does not hold."""

    start: int
    end: int
    label: str


class Label(Struct, frozen=True):
    """A kind of entity: its tag (``<d>…</d>``), and the words by which a reply may name it in a list."""

    tag: str
    words: tuple[str, ...] = ()


class Spans(KeyBase, frozen=True, tag="spans"):
    """The key of named-entity recognition; no span at all means that there is nothing to find."""

    document: str
    spans: tuple[Span, ...]
    labels: tuple[Label, ...]

    def text(self) -> str:
        """The entities with their kinds."""
        return ", ".join(f"{self.document[s.start : s.end]} ({s.label})" for s in self.spans)

    def gold_text(self, question: QuestionLike) -> str:
        """The text with its entities tagged."""
        out, at = [], 0
        for s in sorted(self.spans):
            out += [self.document[at : s.start], f"<{s.label}>{self.document[s.start : s.end]}</{s.label}>"]
            at = s.end
        return "".join([*out, self.document[at:]])

    def wrong(self, words: Sequence[str]) -> "Spans":
        """No entity where there are some; all of the text where there is none."""
        all_of_it = (Span(0, len(self.document), self.labels[0].tag),)
        return Spans(self.document, () if self.spans else all_of_it, self.labels)

    def problem(self, question: QuestionLike) -> str:
        """Entities outside the text, of an unknown kind, or one inside another."""
        tags = {label.tag for label in self.labels}
        ends = 0
        for s in sorted(self.spans):
            if not ends <= s.start < s.end <= len(self.document):
                return f"span {s.start}-{s.end} is outside its text, or overlaps another"
            if s.label not in tags:
                return f"span {s.start}-{s.end} is of the unknown kind {s.label!r}"
            ends = s.end
        return "" if self.document.strip() and tags else "the text, or the kinds of entities, are empty"
