"""How often a finding of a short report is read as it is meant: stated, doubted or denied.

Statements of ECGs, Holters and echoes in English and Japanese (``bench/statements.jsonl``), written for this by a
language model that had not seen the rules; no physician has checked their truths. The rules were corrected by the sets
"seen"; "held out" was written afterwards, and nothing was changed by it.

python bench/statements.py
"""

from collections import Counter
from typing import NamedTuple

from common import keep, language, written

from igaku.cardiology.negation import certainty

KINDS = ("stated", "denied", "doubted")


class Statement(NamedTuple):
    """A report's sentence, a finding as a regular expression, and what the sentence says of it."""

    part: str
    words: str
    text: str
    truth: str


def statements() -> list[Statement]:
    """All of them, in the file's order."""
    return [Statement(**row) for row in written("statements")]


def measured(given: list[Statement]) -> list[dict[str, object]]:
    """One row a part and language: how many were read as they are meant, and what became of the others."""
    read: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for s in given:
        counts = read.setdefault((s.part, language(s.text)), Counter())
        counts[s.truth, certainty(s.text, s.words) or "not found"] += 1
    return [
        {
            "statements": part,
            "language": name,
            "number": n.total(),
            "right": f"{100 * sum(n[k, k] for k in KINDS) / n.total():.1f} %",
            "denied, read as stated": n["denied", "stated"],
            "doubted, read as stated": n["doubted", "stated"],
            "others wrong": sum(v for (truth, kind), v in n.items() if truth != kind)
            - n["denied", "stated"]
            - n["doubted", "stated"],
        }
        for (part, name), n in sorted(read.items())
    ]


if __name__ == "__main__":
    keep("statements", measured(statements()))
