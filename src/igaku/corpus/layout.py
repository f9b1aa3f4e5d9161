"""Page numbers, running heads and lines that the width of a page broke.

Each is taken for what it is only by how it comes back or ends: a single 120/80 is a blood pressure, and a line that
holds a number with its unit, a side or a negation is never a running head.
"""

import re
from itertools import pairwise

from igaku.corpus.characters import japanese
from igaku.corpus.clinical import negated_or_measured
from igaku.corpus.removed import Removed

HEAD_DISTANCE = 5
"""Lines between two running heads, or two page numbers, at least."""
OFTEN = 3
"""Times that a running head, or a page number of the form 3/10, stands in a text at least."""
NARROWEST, WIDEST = 12, 80
"""Characters of a line that a page's width may have broken."""
_PAGE = re.compile(
    r"^\s*(?:[-–—―‐]\s*\d{1,4}\s*[-–—―‐]|(?:p|pp|page|頁)\.?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?"
    r"|\d{1,4}\s*(?:頁|ページ))\s*$",
    re.I,
)
_OF = re.compile(r"^\s*(\d{1,4})\s*/\s*(\d{1,4})\s*$")
_SCORES = frozenset(("5", "10"))
"""What scores are most often out of: strength (MMT) of 5, pain of 10."""
SHORT_LINE = 20
"""Characters of a line that names a score, at most; a longer one is text at the end of a page."""
_SCORE = re.compile(
    r"筋力|握力|筋$|徒手|疼痛|痛み|痛$|自覚|点数|得点|評点|スコア|スケール|重症度|段階|雑音|活気|食欲|気分"
    r"|\b(?:MMT|MRC|NRS|VAS|GCS|JCS|NYHA|Borg|Levine|Apgar|MMSE|HDS|pain|strength|power|score|scale|grade|muscle)\b",
    re.I,
)
_SENTENCE = re.compile(r"[。.!?！？」』)）]\Z")
_DIGITS = re.compile(r"\d+")
_HYPHEN = re.compile(r"(?<=[a-z]{2})-\n[ \t]*(?=[a-z]{2})")
_MANY_LINES = re.compile(r"\n{3,}")
_GOES_ON = re.compile(r"[、はがをにでとのもやへて]\Z|から\Z|より\Z")


def strip_running_heads(text: str, removed: list[Removed]) -> str:
    """Strip page numbers, and short lines that come back on every page; rows of a table stand closer and are kept."""
    if "\n" not in text:
        return text
    lines = [line.strip() for line in text.split("\n")]
    pages = _numbered(lines)
    heads = {n for n in _heads(lines) if n + 1 in pages or not _OF.match("".join(lines[n + 1 : n + 2]))}
    body: list[str] = []
    for n, line in enumerate(lines):
        if n in pages or _PAGE.match(line):
            removed.append(Removed("page number", line))
        elif n in heads:
            removed.append(Removed("running head", line))
        else:
            body.append(line)
    return _MANY_LINES.sub("\n\n", "\n".join(body)).strip("\n")


def _heads(lines: list[str]) -> set[int]:
    seen: dict[str, list[int]] = {}
    for n, line in enumerate(lines):
        if 4 <= len(line) <= 60 and line[-1] not in "。.!?！？」" and not negated_or_measured(line):
            seen.setdefault(_DIGITS.sub("0", line), []).append(n)
    return {n for at in seen.values() if _spread(at) and _pages_on([lines[n] for n in at]) for n in at}


def _spread(at: list[int]) -> bool:
    return len(at) >= OFTEN and min(b - a for a, b in pairwise(at)) >= HEAD_DISTANCE


def _pages_on(lines: list[str]) -> bool:
    """Whether lines differ by nothing, or by one number that counts pages: always further, by one or two."""
    numbers = [[int(n) for n in _DIGITS.findall(line)] for line in lines]
    changing = [c for c in zip(*numbers) if len(set(c)) > 1]
    return not changing or (len(changing) == 1 and all(0 < b - a <= 2 for a, b in pairwise(changing[0])))


def _numbered(lines: list[str]) -> set[int]:
    """Lines such as 3/10 that count the pages of one number of pages, nearly from the first to the last.

    A score that rises day by day counts on too: strength from 1/5 to 5/5 is known by the lines before it.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for n, line in enumerate(lines):
        if (m := _OF.match(line)) and int(m[1]) <= int(m[2]):
            found.setdefault(m[2], []).append((n, int(m[1])))
    rows = [
        [n for n, _ in at]
        for last, at in found.items()
        if _counts([k for _, k in at], int(last)) and _pages(lines, last, at)
    ]
    return {n for at in rows if _spread(at) for n in at}


def _pages(lines: list[str], last: str, at: list[tuple[int, int]]) -> bool:
    """Whether what stands before each number is the end of a page: no name of a score, before /5 and /10 a sentence."""
    before = [next((line for line in reversed(lines[max(0, n - 3) : n]) if line), "") for n, _ in at]
    open_ended = [b for b in before if b and not _SENTENCE.search(b)]
    if last in _SCORES:
        return not open_ended and not any(map(_SCORE.search, before))
    return not any(len(b) <= SHORT_LINE and _SCORE.search(b) for b in open_ended)


def _counts(pages: list[int], last: int) -> bool:
    """Whether pages follow one another to the last, up to one at either end."""
    return all(b - a == 1 for a, b in pairwise(pages)) and pages[0] <= 2 and pages[-1] >= last - 1


def lines_joined(text: str) -> str:
    """Join words divided at the end of a line, and Japanese sentences broken by the width of a page."""
    if "\n" not in text:
        return text.strip()
    lines = _HYPHEN.sub("", text).split("\n")
    out, start = [], 0
    for i in range(len(lines) + 1):
        if i == len(lines) or not lines[i].strip():
            out += _paragraph(lines[start:i]) + ([lines[i]] if i < len(lines) else [])
            start = i + 1
    return "\n".join(out).strip()


def _paragraph(lines: list[str]) -> list[str]:
    """Lines that stand together; those that a page's width broke are one.

    Such lines are all as long as the page allows, and the last ends a sentence. Items of a list end anywhere: elsewhere
    a line goes on only where its last word asks for more.
    """
    longest = max(map(len, lines), default=0)
    if longest > WIDEST or len(lines) < 2:
        return lines
    even = len(lines) > 2 and lines[-1][-1:] in "。」）" and all(len(x) >= longest - 2 for x in lines[:-1])
    out = [lines[0]]
    for before, line in pairwise(lines):
        long = len(before) >= max(NARROWEST, 0.7 * longest) and japanese(before[-1]) and japanese(line[0])
        if long and before[-1] not in "。」』】！？" and (even or _GOES_ON.search(before)):
            out[-1] += line
        else:
            out.append(line)
    return out
