"""Rows → token ids with labels → sequences.

Several documents share a sequence, and none sees another: positions begin again, and attention follows positions.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from igaku.corpus.documents import Document, read_documents
from igaku.errors import IgakuError
from igaku.training.config import Data
from igaku.training.forms import ChatForm, PlainForm
from igaku.training.literal import IGNORED, Example, joined
from igaku.training.rows import Turn, conversation, preference

MISSING = "without an answer"
LONGEST = 4
"""Bytes of the longest character in UTF-8, so tokens at most."""
DROPPED, CUT = "longer than data.block ({}), left out", "longer than data.block ({}), cut at the end"


class Pair(NamedTuple):
    """A preference: the same prompt with two answers."""

    chosen: Example
    rejected: Example


class Packed(NamedTuple):
    """One packed sequence: [block] ids, labels, positions."""

    ids: list[int]
    labels: list[int]
    positions: list[int]


class Reader:
    """Rows as examples, and how many of them were left out, or cut, and why.

    Attributes:
        counts: reason -> rows.
    """

    def __init__(self, data: Data, tokenizer: Any) -> None:
        self.data = data
        kind = ChatForm if data.template == "chat" and data.form != "text" else PlainForm
        self.form = kind(tokenizer, str(data.thinking))
        self.counts: dict[str, int] = {}

    def examples(self, path: str | Path) -> list[Example]:
        """All rows of a mix as examples, in their order; errors as of ``rows``."""
        return [e for row in self.rows(path) for e in row]

    def rows(self, path: str | Path) -> list[list[Example]]:
        """The examples of each row that has any: one, or an answer of a conversation each.

        Raises:
            IgakuError: there is none, or a row's turns cannot be learnt.
        """
        out = [found for d in read_documents([Path(path)]) if (found := self._examples(d))]
        if not any(label != IGNORED for row in out for e in row for label in e.labels):
            wanted = "text" if self.data.form == "text" else "an output"
            raise IgakuError(f"{path}: nothing to learn (no row with {wanted}){self._because()}")
        return out

    def pairs(self, path: str | Path) -> list[Pair]:
        """Rows with ``prompt``, ``chosen`` and ``rejected``; errors as of ``examples``."""
        out = []
        for d in read_documents([Path(path)]):
            row = preference(d)
            both = [self.form.answer(row.prompt, turn) for turn in (row.chosen, row.rejected)]
            if len(fitting := self._fitting(both)) == len(both):
                out.append(Pair(*fitting))
        if not out:
            raise IgakuError(f"{path}: nothing to learn{self._because()}")
        return out

    @property
    def lines(self) -> list[str]:
        """What the user should know: rows left out or cut, and what was noticed of the template."""
        return self._counted() + self.form.notes

    def _examples(self, document: Document) -> list[Example]:
        turns = conversation(document) if self.data.form == "instruction" else []
        if not turns:
            return [self._text(document.text)]
        answers = [n for n, t in enumerate(turns) if t.role == "assistant" and t.content.strip() and n]
        if not answers:
            self._count(MISSING)
        found = joined([self.form.answer(_without_thoughts(turns[:n]), turns[n]) for n in answers])
        return [e for one in found for e in self._fitting([one])]

    def _text(self, text: str) -> Example:
        literal = self.form.literal
        ids = [*literal.before, *literal.ids(text), literal.end]
        return Example(ids, list(ids))

    def _fitting(self, found: list[Example]) -> list[Example]:
        """Examples that belong together, where all fit ``data.block`` or can be cut to it; else none."""
        block = self.data.block
        if all(len(e.ids) <= block for e in found):
            return found
        cut = [Example(e.ids[:block], e.labels[:block]) for e in found]
        learns = self.data.long == "cut" and all(any(x != IGNORED for x in e.labels) for e in cut)
        self._count((CUT if learns else DROPPED).format(block))
        return cut if learns else []

    def _count(self, reason: str) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + 1

    def _counted(self) -> list[str]:
        return [f"{n:,} rows {reason}" for reason, n in self.counts.items()]

    def _because(self) -> str:
        return "".join(f"; {line}" for line in self._counted())


def _without_thoughts(turns: Sequence[Turn]) -> list[Turn]:
    """Earlier turns as the model would be given them: without their thoughts."""
    return [t._replace(thoughts="") for t in turns]


def packed(found: Sequence[Example], data: Data, pad: int) -> list[Packed]:
    """Sequences of at most ``block`` tokens: packed full, or one document each at its own length.

    A longer document is cut in pieces; each piece goes into the fullest of the open sequences that has room.
    """
    pieces = [
        Example(e.ids[i : i + data.block], e.labels[i : i + data.block])
        for e in found
        for i in range(0, len(e.ids), data.block)
    ]
    if not data.pack:
        return [_laid([p], len(p.ids), pad) for p in pieces]
    bins: list[list[Example]] = []
    room: list[int] = []
    open_: list[int] = []
    for piece in pieces:
        fitting = [b for b in open_ if room[b] >= len(piece.ids)]
        if fitting:
            best = min(fitting, key=lambda b: (room[b], b))
        else:
            bins.append([])
            room.append(data.block)
            best = len(bins) - 1
            open_.append(best)
        bins[best].append(piece)
        room[best] -= len(piece.ids)
        if room[best] < 8 or len(open_) > 64:
            open_.remove(best if room[best] < 8 else min(open_, key=lambda b: room[b]))
    return [_laid(b, data.block, pad) for b in bins]


def padded(items: Sequence[Packed], pad: int) -> list[Packed]:
    """Sequences that are read together, each filled up to the longest."""
    width = max(len(i.ids) for i in items)
    return [_filled(i, width, pad) for i in items]


def _laid(members: Iterable[Example], block: int, pad: int) -> Packed:
    ids: list[int] = []
    labels: list[int] = []
    positions: list[int] = []
    for m in members:
        ids += m.ids
        labels += [IGNORED, *m.labels[1:]]  # nothing predicts the first token of a document
        positions += range(len(m.ids))
    return _filled(Packed(ids, labels, positions), block, pad)


def _filled(item: Packed, width: int, pad: int) -> Packed:
    """With padding behind, laid out as a document without a label."""
    rest = width - len(item.ids)
    return Packed([*item.ids, *[pad] * rest], [*item.labels, *[IGNORED] * rest], [*item.positions, *range(rest)])


def preview(example: Example, tokenizer: Any) -> str:
    """The tokens one by one, those that are learnt in 【】; tokens that are one character together stand together."""
    out, waiting = [], list[int]()
    for n, token in enumerate(example.ids):
        learnt = example.labels[n] != IGNORED
        waiting.append(token)
        piece = str(tokenizer.decode(waiting)).replace("\n", "⏎\n")
        ends = n + 1 == len(example.ids) or (example.labels[n + 1] != IGNORED) != learnt
        if piece.endswith("\ufffd") and not ends and len(waiting) < LONGEST:
            continue
        out.append(f"【{piece}】" if learnt else piece)
        waiting = []
    return "".join(out)
