"""Words of the field, explained where they are shown: a line for each that a table holds and no note of it explains."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igaku.tables import Table

HEADS = {
    "respondent": "respondent: who answered, a model with what distinguishes it from the others here",
    "replies": "replies: run, where igaku asked; imported, where others did",
    "ways": "ways: how a question was asked, by prompt, order of the choices and number of examples",
    "overlong": "overlong: prompts longer than the model's context, so not asked",
    "Kendall's tau": "Kendall's tau: agreement of two rankings; 1: the same, 0: nothing in common, -1: reversed",
    "recall": "recall: share right where the key is at this position",
}
"""Head of a column -> its line; ``recall`` of positions, since kinds of discrepancy have their own."""
CELLS = {
    "letter-logprob": "letter-logprob: the choice whose letter is most probable; no text is read",
    "likelihood": "likelihood: the choice whose text is most probable after the question",
}
"""Method in a cell -> its line."""
TITLES = {"renderings": "rendering: a question by one prompt, in one order of the choices and one language"}
"""Word in a title -> its line."""
ELSEWHERE = {"recall": "positions", "replies": "standings"}
"""Head -> the only table in which it means this."""


def explained(tables: Iterable["Table"], notes: Iterable[str] = ()) -> Iterator[str]:
    """The lines for what is in the tables, each once, in the order of the lists."""
    shown, given = list(tables), list(notes)
    heads = {h for t in shown for h in t.columns if ELSEWHERE.get(h, t.name) == t.name and t.rows}
    cells = {v for t in shown for row in t.rows for v in row if isinstance(v, str)}
    titles = {word for t in shown for word in t.title.split()}
    found = [
        line
        for words, have in ((HEADS, heads), (CELLS, cells), (TITLES, titles))
        for w, line in words.items()
        if w in have
    ]
    yield from (line for line in found if not any(note.startswith(line.split(":")[0] + ":") for note in given))
