"""One kind of claim, checked: how many hold, how many do not, and how many cannot be checked here, and why."""

from collections import Counter
from typing import Literal

from msgspec import Struct

Status = Literal["holds", "fails", "not checked"]
MOST = 100
"""Findings of one check that a report keeps; all are counted."""
REASONS = 5
"""Reasons why something is not checked that a report writes out."""


class Finding(Struct, frozen=True, kw_only=True):
    """Something that does not hold."""

    where: str
    """Benchmark and language, or a file and a line."""
    question: str = ""
    what: str
    expected: str = ""
    got: str = ""


class Check(Struct, frozen=True, kw_only=True):
    """One kind of claim."""

    name: str
    about: str
    """What holds where it holds."""
    status: Status
    checked: int
    failing: int
    unchecked: int
    why: str
    """Why some could not be checked."""
    findings: list[Finding]


class Tally:
    """Counts of one kind of claim, while it is being checked."""

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about, self.checked = name, about, 0
        self.findings: list[Finding] = []
        self.failing = 0
        self.reasons: Counter[str] = Counter()

    def held(self, n: int = 1) -> None:
        """``n`` of them hold."""
        self.checked += n

    def fault(self, where: str, what: str, *, question: str = "", expected: object = "", got: object = "") -> None:
        """One that does not hold."""
        self.checked, self.failing = self.checked + 1, self.failing + 1
        if len(self.findings) < MOST:
            texts = {"expected": short(expected), "got": short(got)}
            self.findings.append(Finding(where=where, question=short(question), what=what, **texts))

    def compare(self, where: str, what: str, expected: object, got: object, question: str = "") -> None:
        """One that holds where both are equal."""
        if expected == got:
            self.held()
        else:
            self.fault(where, what, question=question, expected=expected, got=got)

    def skip(self, why: str, n: int = 1) -> None:
        """``n`` of them cannot be checked here."""
        self.reasons[why] += n

    def result(self) -> Check:
        """The check as it stands."""
        unchecked = sum(self.reasons.values())
        return Check(
            name=self.name,
            about=self.about,
            status="fails" if self.failing else "holds" if self.checked else "not checked",
            checked=self.checked,
            failing=self.failing,
            unchecked=unchecked,
            why=_listed(self.reasons),
            findings=self.findings,
        )


def _listed(reasons: Counter[str]) -> str:
    shown = [f"{n:,}: {why}" if n > 1 else why for why, n in reasons.most_common(REASONS)]
    return "; ".join(shown) + (f"; and {len(reasons) - REASONS:,} other reasons" if len(reasons) > REASONS else "")


def short(value: object, length: int = 120) -> str:
    """A value in a table's cell."""
    text = " ".join(str(value).split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def first_difference(expected: str, got: str, around: int = 40) -> tuple[str, str]:
    """Where two texts part: a few characters before, and what follows in each."""
    same = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
    start = max(0, same - around)
    lead = "…" if start else ""
    return lead + expected[start : same + around], lead + got[start : same + around]
