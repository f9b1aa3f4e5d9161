"""Every pair of a board's models as one table: by how much, and whether the test shows it.

The table of 300 models would be 90,000 cells. From ``MOST`` models on, the page offers one model against all others
instead, from the pairs that are written once (``pages.pairwise``).
"""

from msgspec import Struct

from igaku.report.site.collect import display
from igaku.report.site.pages.pairwise import is_shown
from igaku.studies.boards import Board
from igaku.tables import p_value

MOST = 40
"""Most models of the whole table."""


class DifferenceCell(Struct, frozen=True):
    """Row minus column, in points of 100."""

    text: str
    p: str
    shown: bool


class DifferenceRow(Struct, frozen=True):
    """One model against all others, in the board's order; None for itself, or where no question is in common."""

    number: int
    name: str
    cells: list[DifferenceCell | None]


class Differences(Struct, frozen=True):
    """The whole table, or the models of which one is to be chosen."""

    scope: str
    """Of which board: ``text`` or ``all``."""
    rows: list[DifferenceRow]
    choices: list[str]


def differences(scope: str, board: Board | None) -> Differences | None:
    """The pairs of a board; None where there is none."""
    if board is None or not board.comparisons:
        return None
    names = [s.respondent for s in board.standings if s.ranks is not None]
    if len(names) > MOST:
        return Differences(scope, [], [display(name) for name in names])
    return Differences(scope, _rows(board, names), [])


def _rows(board: Board, names: list[str]) -> list[DifferenceRow]:
    found: dict[tuple[str, str], DifferenceCell] = {}
    for c in board.comparisons:
        for a, b, sign in ((c.a, c.b, 1), (c.b, c.a, -1)):
            text = f"{100 * sign * c.difference:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
            found[a, b] = DifferenceCell(text, p_value(c.p_adjusted), is_shown(c))
    return [DifferenceRow(k, display(a), [found.get((a, b)) for b in names]) for k, a in enumerate(names, 1)]
