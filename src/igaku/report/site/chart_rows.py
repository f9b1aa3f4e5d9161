"""Rows of the charts. ``label`` is what the page shows under the pointer."""

from msgspec import Struct


class BinRow(Struct, frozen=True, kw_only=True):
    """Answers of one respondent (``row``) with like confidence: the means and accuracy's interval, as shares."""

    row: str
    n: int
    confidence: float
    accuracy: float
    low: float
    high: float
    label: str


class YearRow(Struct, frozen=True, kw_only=True):
    """A model on one exam year: ``measure`` is accuracy, or points above ``people`` or ``others``; numbers in percent
    or points."""

    exam: str
    year: str
    model: str
    measure: str
    exam_was: str
    value: float
    low: float
    high: float
    label: str
