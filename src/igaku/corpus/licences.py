"""Licences of a corpus's sources, from the source to the mix and the model's card; what may not be mixed stops there.

This reads names of licences and is no legal advice: what it lets pass may still be forbidden.
"""

import re
from collections.abc import Mapping

from igaku.catalog import data
from igaku.errors import IgakuError

_NO_DERIVATIVES = re.compile(r"\bND\b|no[ -]?deriv|改変(?:禁止|不可)|改変を(?:禁|認めな)", re.I)
_NON_COMMERCIAL = re.compile(
    r"\bNC\b|non[ -]?commercial|research|credentialed|UMLS|非営利|非商用|研究(?:目的|用)", re.I
)
_SHARE_ALIKE = re.compile(r"\bCC[ -]BY(?:[ -]NC)?[ -]SA\b|\b(?:AGPL|GPL)\b", re.I)


def of_benchmark(name: str) -> str:
    """The licence that the catalog gives for a benchmark's files; empty where it gives none."""
    found = {d.licence for d in data().values() if d.fetch == f"igaku data get {name}" and d.licence}
    return "; ".join(sorted(found))


def may_mix(licences: Mapping[str, str]) -> None:
    """Pass where sources under these licences may stand in one corpus.

    Args:
        licences: source -> licence; empty where none is known.

    Raises:
        IgakuError: one allows no changed copies, or two ask each that the whole be under it.
    """
    for source, licence in licences.items():
        if _NO_DERIVATIVES.search(licence):
            raise IgakuError(f"source {source} is under {licence}, which allows no changed copies; leave it out")
    alike: dict[str, str] = {}
    for source, licence in licences.items():
        if m := _SHARE_ALIKE.search(licence):
            alike.setdefault(m[0].upper().replace(" ", "-").replace("CC-", "CC "), source)
    if len(alike) > 1:
        (one, a), (two, b) = list(alike.items())[:2]
        raise IgakuError(f"{one} (source {a}) and {two} (source {b}) each ask for the whole; leave one of them out")


def what_follows(licences: Mapping[str, str]) -> list[str]:
    """What a reader must know of a corpus under these licences, one sentence each."""
    closed = [f"{s} ({name})" for s, name in licences.items() if _NON_COMMERCIAL.search(name)]
    alike = [f"{s} ({name})" for s, name in licences.items() if _SHARE_ALIKE.search(name)]
    unknown = [s for s, name in licences.items() if name in ("", "none stated")]
    rows = (
        ("not for commercial use, because of", closed),
        ("to be passed on under the same licence, because of", alike),
        ("no licence is known (write `licence:` beside the source) of", unknown),
    )
    return [f"{what} {', '.join(sources)}" for what, sources in rows if sources]
