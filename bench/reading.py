"""How well answers are read from written replies: precision and recall on replies written for igaku, half of them held
out, and on published replies where the data folder holds them.

python bench/reading.py
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from common import ROOT, keep

from igaku import load_benchmark
from igaku.grading.letter import read_letters
from igaku.grading.number import same_number
from igaku.io.paths import find_data
from igaku.question import LETTERS, Choices, Number, Question

ASSETS = ROOT / "tests/assets/replies"
FILES = {"held out": "held_out", "short": "short", "short 2": "short_2", "developed with": "developed"}


class Case(NamedTuple):
    """A reply, its question, and what it says; the group that it is counted in."""

    group: str
    question: Question
    reply: str
    finish: str
    truth: str


def written(name: str) -> Iterator[Case]:
    """The replies of one file of ``tests/assets/replies``."""
    for line in (ASSETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        choices, truth = tuple(row["choices"]), row["truth"]
        key = Choices.letters("a") if choices else Number(("1",))
        question = Question(id=row["id"], lang=row["lang"], stem=row["stem"], choices=choices, key=key)
        yield Case(_group(choices, truth, row["lang"]), question, row["reply"], row.get("finish", "stop"), truth)


def _group(choices: tuple[str, ...], truth: str, lang: str) -> str:
    if not choices:
        return "numbers"
    if len(truth) > 1:
        return "several answers"
    return {"ja": "Japanese", "en": "English"}.get(lang, "other languages")


def published(strip: bool = False) -> Iterator[Case]:
    """Replies of the 120th exam as their authors read them; ``strip``: without the lines that name the answer."""
    questions = {q.id: q for q in load_benchmark("jmle2026").load("ja")}
    folder = find_data("jmle2026/results")
    for file in sorted(folder.glob("*.json")) if folder else ():
        for row in json.loads(file.read_text(encoding="utf-8"))["results"]:
            read, text = row["predicted"] or "", row["raw_response"] or ""
            if strip:
                lines = text.split("\n")
                text = "\n".join(line for line in lines if not re.search("回答|解答|答え|正解", line[:14]))
            if len(text) >= (200 if strip else 1):
                truth = "".join(sorted(read)) if isinstance(read, list) else str(read)
                yield Case("published", questions[row["question_id"]], text, "stop", truth)


def measured(cases: Iterable[Case]) -> dict[str, Counter[str]]:
    """Outcomes by group: right, wrong, unread, nothing (rightly), invented."""
    out: dict[str, Counter[str]] = {}
    for case in cases:
        outcome = _outcome(case)
        for group in (case.group, "all"):
            out.setdefault(group, Counter())[outcome] += 1
    return out


def _outcome(case: Case) -> str:
    found = read_letters(case.reply, case.question, case.finish)
    read = "".join(sorted(LETTERS[i] for i in found.positions)) or found.number
    if not case.truth:
        return "invented" if read else "nothing"
    if not read:
        return "unread"
    same = read == case.truth or (not case.question.choices and same_number(read, _digits(case.truth)))
    return "right" if same else "wrong"


def _digits(text: str) -> str:
    """The authors keep ``2 8`` and ``28**`` as they found them."""
    return re.sub(r"[^\d.\-]", "", text)


def row(name: str, group: str, c: Counter[str]) -> dict[str, object]:
    """One line of the table."""
    read, there = c["right"] + c["wrong"] + c["invented"], c["right"] + c["wrong"] + c["unread"]
    return {
        "replies": name,
        "kind": group,
        "n": sum(c.values()),
        "precision": f"{c['right'] / read:.3f}" if read else "",
        "recall": f"{c['right'] / there:.3f}" if there else "",
        "read where there is no answer": f"{c['invented']} of {c['invented'] + c['nothing']}",
    }


def main() -> None:
    rows = []
    for name, file in FILES.items():
        found = measured(written(file))
        rows += [row(name, group, found[group]) for group in sorted(found, key=lambda g: (g == "all", g))]
    if find_data("jmle2026/results"):
        rows.append(row("120th exam, 14 models", "as published", measured(published())["all"]))
        rows.append(row("120th exam, 14 models", "answer lines taken away", measured(published(strip=True))["all"]))
    keep("reading", rows, "Truth of the published replies: the reading of their authors.")


if __name__ == "__main__":
    main()
