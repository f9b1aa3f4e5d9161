"""The list of references at the end of a text, and the marks that point at it."""

import re

from igaku.corpus.removed import Removed, remover

_HEADING = re.compile(
    r"^\s*(?:#+\s*)?[【\[]?(?:参考文献|引用文献|文\s*献|References?|Bibliography)[】\]]?\s*[:：]?\s*$", re.I
)
_ENTRY = re.compile(r"^\s*(?:[\[(（]?\d{1,3}[\])）.．:：]|[•・*-])|(?:19|20)\d\d\s*[;；:：)]|\bet al\b|\bdoi\b", re.I)
_MARK = re.compile(r"( ?)\[(\d{1,3}(?:\s*([-–,、])\s*\d{1,3})*)\]")
_NOTE = re.compile(r"(?:(?<=[\u3040-\u30ff\u3400-\u9fff々。、」）])|(?<=[a-z]{4}))\^\d{1,3}(?:[-–,]\d{1,3})*\)")
_NO_CITATION = re.compile(
    r"(?:[\d%％℃^]|\d ?[A-Za-zμ/·^]{1,12}|[A-Z][A-Za-z]{0,4}"
    r"|区間|範囲|基準値?|正常値?|参考値|平均値?|中央値|比|率|度|値|数|差"
    r"|\b(?:CI|IQR|range|ratio|interval|score|level|count|mean|median|age|value|rate|OR|HR|RR|SD|to|of|is|was|were|and|or"
    r"|mg|kg|mmol|mEq|bpm|days?|weeks?|months?|years?|hours?))[はがも]?[:：= ]*\Z"
)
FURTHEST = 10
"""References from the first to the last of a range such as [3-7]; wider ranges are values."""
_SAID = re.compile(
    r"[ぁ-ん」）)\]][ 　]?\Z|\bet al\.?,? ?\Z|[a-z]{2}ed(?: by)? ?\Z|[.,;] ?\Z"
    r"|[a-z]{4}(?<!cyte)(?<!phil)(?<!elet)s ?\Z"
)
"""What stands before a range of references: a verb, the end of a clause, names, a plural other than cells. Behind a
noun a range may be the reference range of an analyte: フェリチン[5-10], potassium [4-5]."""
_COMPARED = re.compile(
    r"[ 　]?(?:未満|以上|以下|を(?:超|下回|上回|目標|目安)|前後|程度|な(?:ら|ので)|であ(?:れば|る)|とする"
    r"|の(?:場合|範囲|間)|に(?:保|維持|調整|設定)|[μ%％℃/×*^]+|[歳回日週年月例人点個本錠倍])"
)
"""What stands behind a value in brackets."""
_UNIT = re.compile(
    r"[ 　]?(?:(?:[mkdcnpfuμµ]|mc)?(?:g|L|l|m|mol|Eq|U|Pa|s|Gy|Sv|Bq|cal|Osm)|[mk]?IU|m[VA]|kV|mmHg|cmH2O|torr|[br]pm"
    r"|Hz|ppm|Fr|cc|AU|COI|units?|drops?|puffs?|tablets?|capsules?|doses?|points?|beats?|breaths?|times|percent"
    r"|copies|cells?|cases|patients?|min(?:utes?)?|h(?:ours?|rs?)?|sec(?:onds?)?|days?|weeks?|months?|years?"
    r"|[A-Za-zμ]{1,5}/[A-Za-z]+)(?![A-Za-z])"
)
_SUBJECT = re.compile(r"(?:(?<![でにと])[はがも]|\b(?:of|is|are|was|were|between|from|to)|[:：=])[ 　]?\Z")
_PREDICATE = re.compile(
    r" (?:is|are|was|were|indicates?|means?|suggests?|corresponds?|per|or (?:more|less|higher|lower))\b"
)
"""What stands before and behind a range that is a value: 1日量は[5-10] mgとする, In adults, [5-10] is normal."""


def without_references(text: str, removed: list[Removed]) -> str:
    """Strip the list of references and the marks that point at it; what follows the list is kept."""
    return _NOTE.sub(remover("citation", removed), _without_marks(_without_list(text, removed), removed))


def _without_list(text: str, removed: list[Removed]) -> str:
    lines = text.split("\n")
    heads = [i for i, line in enumerate(lines) if _HEADING.match(line)]
    if not heads:
        return text
    first = heads[-1]
    end = _end_of_list(lines, first + 1)
    if end == first + 1:
        return text
    removed.append(Removed("list of references", "\n".join(lines[first:end])))
    before, after = "\n".join(lines[:first]).rstrip(), "\n".join(lines[end:]).strip("\n")
    return f"{before}\n\n{after}".strip("\n")


def _end_of_list(lines: list[str], at: int) -> int:
    """The line after the last reference: a reference may go on in the next line, but not behind an empty one."""
    end, inside = at, False
    for i in range(at, len(lines)):
        if _ENTRY.search(lines[i]):
            end, inside = i + 1, True
        elif not lines[i].strip():
            inside = False
        elif inside and not re.match(r"\s*(?:#|[【■◆]|付録|補遺|附|表|図|Appendix|Table|Figure)", lines[i]):
            end = i + 1
        else:
            break
    return end


def _without_marks(text: str, removed: list[Removed]) -> str:
    def one(m: re.Match[str]) -> str:
        if not _cites(text, m):
            return m[0]
        removed.append(Removed("citation", m[0].strip()))
        return ""

    return _MARK.sub(one, text)


def _cites(text: str, m: re.Match[str]) -> bool:
    """Whether numbers in brackets are citations: beside a word that is neither a measure nor a number's name."""
    before = text[max(0, m.start() - 24) : m.start()]
    numbers = [int(n) for n in re.findall(r"\d+", m[2])]
    if not before.strip() or before.endswith("\n") or _NO_CITATION.search(before) or 0 in numbers:
        return False
    if _UNIT.match(text, m.end()) or _COMPARED.match(text, m.end()):
        return False
    if m[3] in ("-", "–") and not _cites_range(numbers, before, text[m.end() : m.end() + 16]):
        return False
    return not m[1] or bool(re.search(r"[a-z]{3}\.?\Z|[\]）)]\Z", before))


def _cites_range(numbers: list[int], before: str, behind: str) -> bool:
    """Whether a range in brackets may count references, by its width and by what stands on either side."""
    if _SUBJECT.search(before) or _PREDICATE.match(behind):
        return False
    return 0 < numbers[-1] - numbers[0] <= FURTHEST and bool(_SAID.search(before))
