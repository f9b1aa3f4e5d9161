"""What ``igaku years`` prints: a row a model and exam year, and what the picture cannot say."""

from msgspec import Struct

from igaku.runs.counted import LeftOut
from igaku.studies.model_dates import ModelDate, When
from igaku.tables import Kind, Table, Value, View


class Above(Struct, frozen=True, kw_only=True):
    """How much higher a model's mean score is, as a share, on ``n`` questions that both have."""

    difference: float
    ci95: tuple[float, float]
    n: int


class ExamYear(Struct, frozen=True, kw_only=True):
    """One model on one year of an exam."""

    benchmark: str
    language: str
    year: str
    model: str
    date: ModelDate | None
    exam_was: When
    """On which side of the model's date the exam's year lies."""
    n: int
    accuracy: float
    ci95: tuple[float, float]
    people: float | None = None
    """Mean share of people right, over the questions where it is known."""
    above_people: Above | None = None
    others: int = 0
    """Other models that answered questions of this year."""
    above_others: Above | None = None


class YearsReport(View, Struct, frozen=True, kw_only=True):
    """Every model on every exam year, by exam, model and year."""

    years: list[ExamYear]
    left_out: dict[str, LeftOut] = {}
    """Exam and language -> questions that are in no number."""

    def tables(self) -> list[Table]:
        """One row a model and year."""
        columns: dict[str, Kind] = {
            "exam": "text",
            "lang": "text",
            "model": "text",
            "model's date": "text",
            "year": "text",
            "exam was": "text",
            "questions": "count",
            "accuracy": "share",
            "95 %": "interval",
            "people": "share",
            "above people, points": "points",
            "95 % (people)": "points interval",
            "others": "count",
            "above others, points": "points",
            "95 % (others)": "points interval",
        }
        return [Table(name="years", columns=columns, rows=[_row(y) for y in self.years])]

    def notes(self) -> list[str]:
        """What is compared with what, and what the picture cannot say."""
        return [
            "a picture and no test: there is no p, and nothing here shows that a model has read an exam, or has not",
            "above people: mean difference to the share of people who were right, on the same questions; above others: "
            "to the mean of the other models here that answered the question; intervals are paired, linked questions "
            "together, and not corrected for the number of rows",
            "exam was before or after: the exam's year against the year in which the model's training text ends "
            "(cut-off), or in which it was released where that is not known; an exam before a release may lie after "
            "the cut-off, and a text may be published later than its exam",
            "a newer model is better on every year; exams change in difficulty and subjects, and people prepare for "
            "the last ones; being in the training text is not the same as being remembered; the others may have read "
            "the same exam, which hides it",
            *(f"{name}: left out: {out}" for name, out in self.left_out.items() if str(out)),
            *self._undated(),
        ]

    def _undated(self) -> list[str]:
        models = sorted({y.model for y in self.years if y.date is None})
        return [f"no date is known of {', '.join(models)}; --dates gives one"] if models else []


def _row(y: ExamYear) -> list[Value]:
    people, others = y.above_people, y.above_others
    return [
        *(y.benchmark, y.language, y.model, f"{y.date.basis} {y.date.date}" if y.date else "", y.year, y.exam_was),
        *(y.n, y.accuracy, y.ci95, None if y.people is None else y.people),
        *(people.difference if people else None, people.ci95 if people else None),
        *(y.others, others.difference if others else None, others.ci95 if others else None),
    ]
