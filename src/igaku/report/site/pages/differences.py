"""Every pair of a board's models as one table: by how much, and whether the test shows it."""

from msgspec import Struct

from igaku.report.site.collect import display
from igaku.report.site.pages.pairwise import is_shown
from igaku.studies.boards import Board
from igaku.tables import p_value


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


def differences(board: Board) -> list[DifferenceRow]:
    """The table, a row a ranked model; empty where there is no pair."""
    names = [s.respondent for s in board.standings if s.ranks is not None]
    found: dict[tuple[str, str], DifferenceCell] = {}
    for c in board.comparisons:
        for a, b, sign in ((c.a, c.b, 1), (c.b, c.a, -1)):
            text = f"{100 * sign * c.difference:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
            found[a, b] = DifferenceCell(text, p_value(c.p_adjusted), is_shown(c))
    if not found:
        return []
    return [DifferenceRow(k, display(a), [found.get((a, b)) for b in names]) for k, a in enumerate(names, 1)]
