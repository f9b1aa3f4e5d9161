"""What follows from filled rating sheets: scores, agreement with intervals, and a judge corrected by people's marks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

from msgspec import Struct, field

from igaku.grading.rubric import share
from igaku.keys import rubric_of
from igaku.question import Question
from igaku.statistics.agreement import alpha, rates
from igaku.statistics.prediction_powered import LEAST, corrected_mean
from igaku.tables import Kind, Table, Value, View

Marks = Mapping[tuple[str, int], bool | None]
"""Item and point of its rubric -> whether it is met; None where there is no mark."""
HARMFUL, WANTED = "harmful points", "wanted points"


class Rated(NamedTuple):
    """One answer that was put before raters."""

    name: str
    model: str
    benchmark: str
    question: Question

    @property
    def document(self) -> str:
        """Its question: answers to one question are not independent."""
        return f"{self.benchmark}/{self.question.group or self.question.id}"

    @property
    def units(self) -> list[tuple[str, int]]:
        """The points that raters mark."""
        return [(self.name, n) for n in range(len(rubric_of(self.question).points))]


class Score(Struct, kw_only=True):
    """One model's mean score by one rater or judge, over the answers that this one marked in full."""

    model: str
    benchmark: str
    by: str
    answers: int
    rated: int
    score: float


class Agreement(Struct, kw_only=True):
    """How far raters, or a judge and the raters' majority, agree."""

    who: str
    marks: int
    by_all: int = field(name="by all")
    """Marks that all of them gave."""
    same: float | None
    """Share of these on which all say the same; None where there are none."""
    alpha: float | None
    """Krippendorff's alpha; None where all marks are alike, which leaves it undefined."""
    alpha_ci95: tuple[float, float] | None = None


class JudgeRates(Struct, kw_only=True):
    """A judge against the raters' majority, over all points or those of one category."""

    judge: str
    category: str
    """``all``, ``wanted points`` or ``harmful points`` (a positive or negative weight), or the questions' own."""
    met: int
    """Points that the raters find met."""
    not_met: int
    sensitivity: float | None
    """Share of the points met that the judge finds met."""
    sensitivity_ci95: tuple[float, float] | None = None
    specificity: float | None = None
    """Share of the points not met that the judge finds not met."""
    specificity_ci95: tuple[float, float] | None = None


class CorrectedScore(Struct, kw_only=True):
    """One model's mean score as people would give it, from a judge and the answers that people marked."""

    model: str
    benchmark: str
    judge: str
    by_judge: float
    by_people: float | None
    """On the answers that people marked in full."""
    marked: int
    judged: int
    score: float | None
    """None where fewer than five answers were marked."""
    ci95: tuple[float, float] | None
    weight: float | None
    """How far the judge counts, 0 to 1."""


class RatingReport(View, Struct, kw_only=True):
    """What came back: mean scores by rater and judge, their agreement, and the judges' scores corrected."""

    scores: list[Score]
    agreement: list[Agreement]
    missing: int
    rates: list[JudgeRates] = []
    corrected: list[CorrectedScore] = []

    def tables(self) -> list[Table]:
        """Scores, agreement; for judges their sensitivity and specificity, and corrected scores."""
        out = [self._scores(), self._agreement()]
        return [*out, self._rates(), self._corrected()] if self.rates else out

    def _scores(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "benchmark": "text", "by": "text"}
        columns |= {"answers": "count", "rated": "count", "score": "number"}
        rows: list[list[Value]] = [[r.model, r.benchmark, r.by, r.answers, r.rated, r.score] for r in self.scores]
        return Table(name="scores", columns=columns, rows=rows)

    def _agreement(self) -> Table:
        columns: dict[str, Kind] = {"agreement of": "text", "marks": "count", "all the same": "text"}
        columns |= {"alpha": "text", "95 %": "text"}
        rows: list[list[Value]] = [
            [r.who, r.marks, _digits(r.same), _digits(r.alpha), _bounds(r.alpha_ci95)] for r in self.agreement
        ]
        return Table(name="agreement", columns=columns, rows=rows)

    def _rates(self) -> Table:
        columns: dict[str, Kind] = {"judge": "text", "category": "text", "met": "count", "not met": "count"}
        columns |= {"sensitivity": "share", "95 %": "interval", "specificity": "share", "95 % ": "interval"}
        rows: list[list[Value]] = [[r.judge, r.category, r.met, r.not_met, *_rate_cells(r)] for r in self.rates]
        return Table(name="rates", columns=columns, rows=rows, title="The judge against the raters' majority")

    def _corrected(self) -> Table:
        columns: dict[str, Kind] = {"model": "text", "benchmark": "text", "judge": "text"}
        columns |= {"by the judge": "number", "by people": "number", "marked": "count", "judged": "count"}
        columns |= {"corrected": "number", "95 %": "text", "judge's weight": "number"}
        rows: list[list[Value]] = [
            [r.model, r.benchmark, r.judge, r.by_judge, r.by_people, r.marked, r.judged, *_corrected_cells(r)]
            for r in self.corrected
        ]
        return Table(name="corrected", columns=columns, rows=rows, title="Scores as people would give them")

    def notes(self) -> list[str]:
        """How many marks are blank, and what the corrected scores rest on."""
        blank = f"{self.missing} marks are blank; answers not marked in full are left out of that rater's score"
        out = [blank] if self.missing else []
        if self.corrected:
            out.append(
                "corrected: the judge's mean moved by what people's marks show (prediction-powered inference); it "
                f"holds if the marked answers are a random sample of all, and needs {LEAST} of them"
            )
        return out


def _corrected_cells(row: CorrectedScore) -> list[Value]:
    return [row.score, _bounds(row.ci95), row.weight]


def _rate_cells(row: JudgeRates) -> list[Value]:
    return [row.sensitivity, row.sensitivity_ci95, row.specificity, row.specificity_ci95]


def _digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _bounds(ci: tuple[float, float] | None) -> str:
    return f"{ci[0]:.3f} to {ci[1]:.3f}" if ci else ""


def rating_report(items: Sequence[Rated], sheets: Mapping[str, Marks], judges: Mapping[str, Marks]) -> RatingReport:
    """Everything that sheets and judges say of the items."""
    units = [u for i in items for u in i.units]
    of_most = {u: majority([m.get(u) for m in sheets.values()]) for u in units}
    rows = [_agreement("raters", list(sheets.values()), items)] if len(sheets) > 1 else []
    rows += [_agreement(f"{who} with the raters' majority", [marks, of_most], items) for who, marks in judges.items()]
    rows += [_agreement(f"{a} with {b}", [judges[a], judges[b]], items) for a, b in combinations(judges, 2)]
    return RatingReport(
        scores=_scores(items, {**sheets, **judges}),
        agreement=rows,
        missing=sum(marks.get(u) is None for marks in sheets.values() for u in units),
        rates=[r for who, marks in judges.items() for r in _rates(who, marks, of_most, items)],
        corrected=[r for who, marks in judges.items() for r in _corrected(who, marks, sheets, items)],
    )


def majority(marks: Sequence[bool | None]) -> bool | None:
    """What most say; None where nobody does, or as many say yes as no."""
    known = [m for m in marks if m is not None]
    return None if not known or 2 * sum(known) == len(known) else 2 * sum(known) > len(known)


def _agreement(who: str, marks: Sequence[Marks], items: Sequence[Rated]) -> Agreement:
    units = [(i.document, [m.get(u) for m in marks]) for i in items for u in i.units]
    both = [given for _, given in units if None not in given]
    value, ci = alpha(units)
    return Agreement(
        who=who,
        marks=sum(m is not None for _, given in units for m in given),
        by_all=len(both),
        same=fmean(len(set(given)) == 1 for given in both) if both else None,
        alpha=value,
        alpha_ci95=ci,
    )


def _rates(who: str, marks: Marks, of_most: Marks, items: Sequence[Rated]) -> Iterable[JudgeRates]:
    by: dict[str, list[tuple[str, bool, bool]]] = defaultdict(list)
    for i in items:
        for u, point in zip(i.units, rubric_of(i.question).points):
            so, found = of_most.get(u), marks.get(u)
            if so is not None and found is not None:
                for category in ("all", WANTED if point.weight > 0 else HARMFUL, i.question.category):
                    by[category].append((i.document, so, found))
    by.pop("", None)
    for category, cases in by.items():
        if category == "all" or len(cases) < len(by["all"]):
            found_rates = rates(cases)
            met = sum(so for _, so, _ in cases)
            sensitivity, specificity = (found_rates.get(n, (None, None)) for n in ("sensitivity", "specificity"))
            yield JudgeRates(
                judge=who,
                category=category,
                met=met,
                not_met=len(cases) - met,
                sensitivity=sensitivity[0],
                sensitivity_ci95=sensitivity[1],
                specificity=specificity[0],
                specificity_ci95=specificity[1],
            )


def _score(item: Rated, marks: Marks) -> float | None:
    """The rubric's score by these marks; None where a point has none."""
    met = [marks.get(u) for u in item.units]
    return None if None in met else share(tuple(map(bool, met)), rubric_of(item.question))


def _scores(items: Sequence[Rated], sheets: Mapping[str, Marks]) -> list[Score]:
    """Mean score of each model by each rater and judge, over the answers that this one marked in full."""
    by: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    answers = Counter((i.model, i.benchmark) for i in items)
    for who, marks in sheets.items():
        for i in items:
            if (score := _score(i, marks)) is not None:
                by[i.model, i.benchmark, who].append(score)
    return [
        Score(model=m, benchmark=b, by=who, answers=answers[m, b], rated=len(v), score=fmean(v))
        for (m, b, who), v in by.items()
    ]


def _corrected(who: str, marks: Marks, sheets: Mapping[str, Marks], items: Sequence[Rated]) -> Iterable[CorrectedScore]:
    """For each model; people's score of an answer is the mean of the raters who marked it in full."""
    for model, benchmark in dict.fromkeys((i.model, i.benchmark) for i in items):
        people: dict[str, list[tuple[float, float]]] = defaultdict(list)
        others: dict[str, list[float]] = defaultdict(list)
        for i in (i for i in items if (i.model, i.benchmark) == (model, benchmark)):
            judged = _score(i, marks)
            given = [s for m in sheets.values() if (s := _score(i, m)) is not None]
            if judged is not None and given:
                people[i.document].append((fmean(given), judged))
            elif judged is not None:
                others[i.document].append(judged)
        if people or others:
            yield _one_corrected(who, model, benchmark, people, others)


def _one_corrected(
    who: str,
    model: str,
    benchmark: str,
    people: Mapping[str, Sequence[tuple[float, float]]],
    others: Mapping[str, Sequence[float]],
) -> CorrectedScore:
    """Several answers to one question count as one, by their mean."""
    by_people = [fmean(p for p, _ in pairs) for pairs in people.values()]
    by_judge = [fmean(j for _, j in pairs) for pairs in people.values()]
    rest = [fmean(values) for values in others.values()]
    found = corrected_mean(by_people, by_judge, rest)
    return CorrectedScore(
        model=model,
        benchmark=benchmark,
        judge=who,
        by_judge=fmean([*by_judge, *rest]),
        by_people=fmean(by_people) if by_people else None,
        marked=len(by_people),
        judged=len(by_judge) + len(rest),
        score=found.score if found else None,
        ci95=found.ci95 if found else None,
        weight=found.weight if found else None,
    )
