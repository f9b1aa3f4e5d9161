"""Which questions of an exam share a case, from the exam's own words and plan: src/igaku/benchmarks/groups.json.

    IGAKU_DATA=... python scripts/groups.py            write it
    IGAKU_DATA=... python scripts/groups.py --check    exit 1 where the file is not what this would write

Ids only; no texts. The rules, and what a check by hand found, stand in the file beside the groups.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from igaku.benchmarks import load_benchmark
from igaku.question import Question

FILE = Path(__file__).parents[1] / "src" / "igaku" / "benchmarks" / "groups.json"
SHARED = 40
"""Characters at the start of two stems that are never alike by chance: the longest such start of two questions that do
not hang together has fewer than 12."""
_BACK = re.compile(
    r"(?:前問|前述|上記|この(?:患者|患児|女性|男性|女児|男児|症例|妊婦)|その後|問\s?\d{3}|\d+(?:日|週間?|ヶ月|か月|カ月|年)後)"
)


def one_case(before: Question, after: Question) -> bool:
    """Two neighbours whose stems begin with the same case."""
    return before.id[:4] == after.id[:4] and before.stem[:SHARED] == after.stem[:SHARED]


def one_set(before: Question, after: Question) -> bool:
    """Two neighbours of the pharmacists' exam: a pair of its plan, or the second refers back with its first words."""
    exam, number = after.id[:3], int(after.id[3:])
    if before.id != f"{exam}{number - 1:03d}":
        return False
    return (196 <= number <= 325 and number % 2 == 1) or _BACK.match(after.stem) is not None


RULES: dict[str, tuple[Callable[[Question, Question], bool], str, str]] = {
    "igakuqa119": (
        one_case,
        f"docto-rin/IgakuQA119: neighbours whose stems begin with the same {SHARED} characters or more",
        "all 20 read: each is one case (5 pairs in B, marked as such by the exam; 5 in E, 5 triples in C and in F)",
    ),
    "yakugakuqa": (
        one_set,
        "EQUES-Inc/pharma-LLM-eval: the exam's plan (196 to 325 are pairs, an even number and the next), and questions "
        "whose first words refer back (the question before, this patient, some time later)",
        "36 pairs of the plan, drawn at random, and all 18 further links were read: each has one case or one drug in "
        "common (36 of 36: at most 8 % wrong, 95 %). Links that the stems do not show are missed in 91 to 195",
    ),
}


def groups(questions: Sequence[Question], linked: Callable[[Question, Question], bool]) -> list[list[str]]:
    """Runs of neighbours that hang together, two or more questions each."""
    runs: list[list[str]] = []
    for before, after in zip((None, *questions), questions):
        if before and linked(before, after):
            runs[-1].append(after.id)
        else:
            runs.append([after.id])
    return [run for run in runs if len(run) > 1]


def written(names: Iterable[str] = tuple(RULES)) -> str:
    """The file's text: one group a line, as its first and last id."""
    out = {}
    for name in names:
        linked, source, checked = RULES[name]
        found = groups(load_benchmark(name).load(), linked)
        out[name] = {"source": source, "checked": checked, "groups": [f"{g[0]} {g[-1]}" for g in found]}
    return json.dumps(out, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    text = written()
    if "--check" in sys.argv:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
