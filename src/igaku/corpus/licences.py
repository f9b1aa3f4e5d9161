"""Licences of a corpus's sources, from the source to the mix and the model's card; what may not be mixed stops there.

This reads names of licences and is no legal advice: what it lets pass may still be forbidden.
"""

import re
from collections.abc import Mapping

from igaku.catalog import data
from igaku.errors import IgakuError

_NO_DERIVATIVES = re.compile(
    r"(?<!no )(?<!non )(?<!not )(?<!without )\bND\b|\bno ?deriv(?!\w* (?:restrict|limit|clause|condition))"
    r"|改変(?:禁止|不可)(?!なし|では)|改変を(?:禁|認めな)",
    re.I,
)
_RESERVED = re.compile(r"all rights reserved", re.I)
_OPEN = re.compile(
    r"\b(?:BSD|MIT(?! Press)|ISC|Apache|A?GPLv?\d*|LGPLv?\d*|MPL|EPL|EUPL|CC ?0|CC ?BY|PDDL|ODbL|ODC By|CDLA)\b"
    r"|\bUnlicense|Creative ?Commons|General Public License|public domain|パブリック ?ドメイン",
    re.I,
)
"""Licences that open what a line beside them reserves: Copyright X, all rights reserved, BSD 3-Clause."""
_CLOSED = re.compile(
    r"(?<!non )(?<!not )(?:proprietary|confidential)|無断(?:転載|使用|複製|利用)|転載(?:禁止|不可)|社外秘", re.I
)
_EVALUATION = re.compile(
    r"evaluation only|(?<!not )only for evaluation|\btest only|評価(?:専用|のみ|目的のみ|に限)", re.I
)
_NON_COMMERCIAL = re.compile(
    r"\bNC\b|non ?commercial|research|academic|credentialed|UMLS|非営利|非商用|研究(?:目的|用)|商用(?:不可|禁止)", re.I
)
_SHARE_ALIKE = (
    (
        re.compile(
            r"\b(?:CC ?)?BY ?(?:NC ?SA|SA ?NC)\b|\bCC\b.*\bNC\b.*\bSA\b|Non ?Commercial.*Share ?Alike"
            "|非営利 (?:継承|同一条件)",
            re.I,
        ),
        "CC BY-NC-SA",
    ),
    (re.compile(r"\b(?:CC ?)?BY ?SA\b|\bCC\b.*\bSA\b|Share ?Alike|継承|同一条件許諾", re.I), "CC BY-SA"),
    (re.compile(r"\bAGPL|Affero", re.I), "AGPL"),
    (re.compile(r"\bGPL|(?<!Lesser )(?<!Library )General Public Licen[cs]e|GNU 一般公衆", re.I), "GPL"),
    (re.compile(r"\bGFDL|Free Documentation", re.I), "GFDL"),
    (re.compile(r"\bODbL|Open Database", re.I), "ODbL"),
)
_NOT_KNOWN = frozenset(("", "none", "none stated", "unknown", "other", "n/a", "不明", "なし", "記載なし"))
"""What people write where they know none."""


def of_benchmark(name: str) -> str:
    """The licence that the catalog gives for a benchmark's files; empty where it gives none."""
    found = {d.licence for d in data().values() if d.fetch == f"igaku data get {name}" and d.licence}
    return "; ".join(sorted(found))


def may_mix(licences: Mapping[str, str]) -> None:
    """Pass where sources under these licences may stand in one corpus.

    Args:
        licences: source -> licence; empty where none is known.

    Raises:
        IgakuError: one allows no changed copies, no copies at all or no training, or two ask each that the whole be
            under it.
    """
    for source, licence in licences.items():
        if refused := _refused(_plain(licence)):
            raise IgakuError(f"source {source} is under {licence}, which {refused}; leave it out")
    alike: dict[str, str] = {}
    for source, licence in licences.items():
        if name := _share_alike(licence):
            alike.setdefault(name, source)
    if len(alike) > 1:
        (one, a), (two, b) = list(alike.items())[:2]
        raise IgakuError(f"{one} (source {a}) and {two} (source {b}) each ask for the whole; leave one of them out")


def what_follows(licences: Mapping[str, str]) -> list[str]:
    """What a reader must know of a corpus under these licences, one sentence each."""
    closed = [f"{s} ({name})" for s, name in licences.items() if _NON_COMMERCIAL.search(_plain(name))]
    alike = [f"{s} ({name})" for s, name in licences.items() if _share_alike(name)]
    unknown = [s for s, name in licences.items() if name.strip().lower() in _NOT_KNOWN]
    rows = (
        ("not for commercial use, because of", closed),
        ("to be passed on under the same licence, because of", alike),
        ("no licence is known (write `licence:` beside the source) of", unknown),
    )
    return [f"{what} {', '.join(sources)}" for what, sources in rows if sources]


def _plain(licence: str) -> str:
    """A licence's name with blanks for hyphens and dots of any kind: cc-by-nc-sa-4.0 is CC BY-NC-SA 4.0."""
    return re.sub(r"[-‐‑–ー_・/ ]+", " ", licence)


def _refused(licence: str) -> str:
    """What of a licence forbids that its text is trained on; empty where nothing does."""
    if _RESERVED.search(licence) and not _OPEN.search(licence):
        return "allows no copies"
    rules = (
        (_NO_DERIVATIVES, "allows no changed copies"),
        (_CLOSED, "allows no copies"),
        (_EVALUATION, "is for evaluation only"),
    )
    return next((why for pattern, why in rules if pattern.search(licence)), "")


def _share_alike(licence: str) -> str:
    """The licence that asks for the whole, by its usual name; empty where none does."""
    return next((name for pattern, name in _SHARE_ALIKE if pattern.search(_plain(licence))), "")
