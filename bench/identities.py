"""How much of what identifies persons is found, and how much is taken out that identifies nobody: sentences written for
igaku, with every piece marked.

python bench/identities.py
"""

import re
from collections import Counter
from pathlib import Path

from common import ROOT, keep

from igaku.corpus.identities import identities

MARK = re.compile(r"\{(\w+):([^}|]+)(?:\|([^}]+))?\}")


def labelled(file: Path = ROOT / "tests/assets/identities.txt") -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Each sentence without its marks, and (start, end, kind) of each mark; after a bar stands the part that counts."""
    out = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, spans, at = "", [], 0
        for m in MARK.finditer(line):
            text += line[at : m.start()]
            spans.append((len(text), len(text) + len(m[3] or m[2]), m[1]))
            text, at = text + m[2], m.end()
        out.append((text + line[at:], spans))
    return out


def measured() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By kind: marks, marks of which every character is taken out, and pieces taken out that touch no mark."""
    marked, found, wrong = Counter[str](), Counter[str](), Counter[str]()
    for text, spans in labelled():
        seen = identities(text)
        for start, end, kind in spans:
            marked[kind] += 1
            covered = {i for f in seen for i in range(f.start, f.end)}
            found[kind] += set(range(start, end)) <= covered
        for f in seen:
            wrong[f.kind] += not any(f.start < end and start < f.end for start, end, _ in spans)
    return marked, found, wrong


def main() -> None:
    marked, found, wrong = measured()
    rows = [
        {
            "kind": k,
            "marked": marked[k],
            "found whole": found[k],
            "recall": f"{found[k] / marked[k]:.2f}",
            "taken wrongly": wrong[k],
        }
        for k in sorted(marked)
    ]
    hits, false = sum(found.values()), sum(wrong.values())
    rows.append(
        {
            "kind": "all",
            "marked": sum(marked.values()),
            "found whole": hits,
            "recall": f"{hits / sum(marked.values()):.2f}",
            "taken wrongly": f"{false} (precision {hits / (hits + false):.2f})",
        }
    )
    keep("identities", rows, f"{len(labelled())} sentences")


if __name__ == "__main__":
    main()
