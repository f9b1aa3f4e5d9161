"""How much of what identifies persons is found, and how much is taken out that identifies nobody: sentences written for
igaku, with every piece marked.

python bench/identities.py
"""

import re
from collections import Counter
from pathlib import Path

from common import ROOT, keep
from identity_documents import documents

from igaku.corpus.identities import identities

MARK = re.compile(r"\{(\w+):([^}|]+)(?:\|([^}]+))?\}")


def sentences(file: Path = ROOT / "tests/assets/identities.txt") -> list[str]:
    """Marked sentences: ``identities.txt`` and ``identities_corrected.txt``, which the rules were corrected by, and
    ``identities_held_out.txt``, which was written when they stood (by a language model; no real person).
    """
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def labelled(lines: list[str]) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Each text without its marks, and (start, end, kind) of each mark; after a bar stands the part that counts."""
    out = []
    for line in lines:
        text, spans, at = "", [], 0
        for m in MARK.finditer(line):
            text += line[at : m.start()]
            spans.append((len(text), len(text) + len(m[3] or m[2]), m[1]))
            text, at = text + m[2], m.end()
        out.append((text + line[at:], spans))
    return out


def measured(lines: list[str]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By kind: marks, marks of which every character is taken out, and pieces taken out that touch no mark."""
    marked, found, wrong = Counter[str](), Counter[str](), Counter[str]()
    for text, spans in labelled(lines):
        seen = identities(text)
        for start, end, kind in spans:
            marked[kind] += 1
            covered = {i for f in seen for i in range(f.start, f.end)}
            found[kind] += set(range(start, end)) <= covered
        for f in seen:
            wrong[f.kind] += not any(f.start < end and start < f.end for start, end, _ in spans)
    return marked, found, wrong


def table(name: str, lines: list[str]) -> list[dict[str, object]]:
    """One row a kind, and one of all."""
    marked, found, wrong = measured(lines)
    counts = [(k, marked[k], found[k], wrong[k]) for k in sorted(marked)]
    counts.append(("all", marked.total(), found.total(), wrong.total()))
    return [
        {
            "texts": name,
            "kind": kind,
            "marked": n,
            "found whole": hits,
            "recall": f"{hits / n:.2f}",
            "taken wrongly": false,
            "precision": f"{hits / (hits + false):.2f}",
        }
        for kind, n, hits, false in counts
    ]


def main() -> None:
    """Measure and store."""
    files = {"sentences": "identities", "hostile lines": "identities_corrected"}
    files["held-out lines"] = "identities_held_out"
    texts = {name: sentences(ROOT / f"tests/assets/{file}.txt") for name, file in files.items()}
    texts["documents"] = documents()
    keep("identities", [row for name, lines in texts.items() for row in table(f"{len(lines)} {name}", lines)])


if __name__ == "__main__":
    main()
