"""Words above the boards that choose rows: those that differ on this site."""

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup
from msgspec import Struct

from igaku.report.site.pages.names import named
from igaku.report.site.pages.standings import SIZE_CLASSES, StandingRow
from igaku.report.site.words import word

OPTIONS: dict[str, tuple[Callable[[StandingRow], str], Sequence[str]]] = {
    "pictures": (lambda r: r.pictures, ("yes", "no")),
    "weights": (lambda r: r.weights, ("open", "api")),
    "made": (lambda r: "ja" if r.japanese else "", ("ja",)),
    "size": (lambda r: r.size_class, [c for c in SIZE_CLASSES if c != "unknown"]),
}
"""Name of a row's attribute, how it is found, and its values in order; a row may have none of them."""


class Choice(Struct, frozen=True):
    """One word: the value of the attribute that it chooses."""

    value: str
    text: Markup


class Filter(Struct, frozen=True):
    """Words of which any may hold; those of several filters must all hold."""

    name: str
    choices: list[Choice]


def filters(rows: Sequence[StandingRow]) -> list[Filter]:
    """The filters that leave out some of the rows."""
    languages = sorted({r.standing.language for r in rows})
    found = [Filter("lang", [Choice(lang, named("lang", lang)) for lang in languages])] if len(languages) > 1 else []
    for name, (of, values) in OPTIONS.items():
        have = {of(r) for r in rows}
        if len(have) > 1:
            found.append(Filter(name, [Choice(v, word(f"filter.{name}_{v}")) for v in values if v in have]))
    return found


def tags(row: StandingRow) -> Iterable[tuple[str, str]]:
    """A row's attributes, by which the filters find it."""
    return [("lang", row.standing.language), *((name, of(row)) for name, (of, _) in OPTIONS.items())]
