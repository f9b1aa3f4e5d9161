"""Accuracy by exam year beside a model's date, held to people and to the other models: a picture and no test.

A model that has read an exam may do better on it than on exams of later years. So may any model in a year that was
easy. Beside the accuracy stand therefore the points above the people who sat the exam, and above the other models of
the same runs, on the same questions: a year that is easy for everybody raises neither.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.runs.counted import Counted, LeftOut, by_main_method, counts, left_out, system_of
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.interval import clustered
from igaku.statistics.paired import Outcomes, compare
from igaku.statistics.respondents import RespondentId, respondent_names
from igaku.studies.boards import Ways, outcomes_over_ways, row_name
from igaku.studies.model_dates import ModelDate, date_of, is_year, read_dates, when
from igaku.studies.years_report import Above, ExamYear, YearsReport


def years(
    *runs: Run | str | Path | Sequence[Run | str | Path],
    dates: str | Path | Mapping[str, ModelDate] | None = None,
    without: Names = None,
    method: Names = None,
) -> YearsReport:
    """Each model's accuracy by exam year, beside people's and the other models' on the same questions.

    Args:
        runs: runs or their folders.
        dates: a TOML file with the models' dates, which go before those of ``models.toml`` and the catalog.
        without: names of models to leave out, such as a majority of students.
        method: one grading method for all runs; each model's main one if left out.

    Raises:
        IgakuError: no exam question with a year in the runs, or a fault in the file of dates.
        UnknownNameError: a model to leave out that is in none of the runs.
    """
    given = read_dates(dates) if isinstance(dates, str | Path) else dates or {}
    opened = {f"{k}": run for k, run in enumerate(open_runs(*runs))}
    items = by_main_method(opened, method)
    models = sorted({c.key.model for c in items})
    ways, out = _by_year(items, opened, _left(without, models))
    known = {model: date_of(model, given, list(opened.values())) for model in models}
    labels = respondent_names(list(dict.fromkeys(who for found in ways.values() for who in found)))
    rows = [row for exam, found in ways.items() for row in _exam_year(exam, found, labels, known)]
    if not rows:
        raise IgakuError("no exam question with a year and an accuracy in these runs")
    return YearsReport(years=sorted(rows, key=lambda y: (y.benchmark, y.language, y.model, y.year)), left_out=out)


Exam = tuple[str, str, str]


def _left(without: Names, models: Sequence[str]) -> set[str]:
    for name in names(without):
        if name not in models:
            raise UnknownNameError("model", name, models)
    return set(names(without))


def _by_year(
    items: Sequence[Counted], runs: Mapping[str, Run], without: set[str]
) -> tuple[dict[Exam, dict[RespondentId, Ways]], dict[str, LeftOut]]:
    """Verdicts by exam, language and year, then by model and way; and what is left out of each exam."""
    systems = {label: system_of(run) for label, run in runs.items()}
    found: dict[Exam, dict[RespondentId, Ways]] = defaultdict(dict)
    every: dict[str, list[Counted]] = defaultdict(list)
    for c in items:
        fits = c.key.aggregate == "accuracy" and c.key.question_format == "choices" and c.key.model not in without
        if fits and is_year(c.graded.question.year):
            exam = family(c.key.benchmark), c.key.language, c.graded.question.year
            who = RespondentId(c.key.model, c.key.method, systems[c.run])
            found[exam].setdefault(who, {}).setdefault((c.run, c.key), []).append(c.graded)
            every[f"{exam[0]} {exam[1]}"].append(c)
    return found, {name: left_out((c.graded, False) for c in mine) for name, mine in every.items()}


def _exam_year(
    exam: Exam,
    found: Mapping[RespondentId, Ways],
    labels: Mapping[RespondentId, str],
    known: Mapping[str, ModelDate | None],
) -> list[ExamYear]:
    outcomes = {
        who: outcomes_over_ways(row_name(who, labels[who]), ways, dict.fromkeys(ways, ()))
        for who, ways in found.items()
    }
    people = {
        g.question.id: g.question.human_accuracy
        for ways in found.values()
        for graded in ways.values()
        for g in graded
        if counts(g) and g.question.human_accuracy is not None
    }
    return [_one(exam, who, outcomes, people, known) for who, mine in outcomes.items() if mine.scores]


def _one(
    exam: Exam,
    who: RespondentId,
    outcomes: Mapping[RespondentId, Outcomes],
    people: Mapping[str, float],
    known: Mapping[str, ModelDate | None],
) -> ExamYear:
    mine = outcomes[who]
    others = [o for w, o in outcomes.items() if (w.model, w.system) != (who.model, who.system)]
    others = [o for o in others if any(q in o.scores for q in mine.scores)]
    each = {q: [o.scores[q] for o in others if q in o.scores] for q in mine.scores}
    date, values, shared = known[who.model], list(mine.scores.values()), mine.scores.keys() & people.keys()
    return ExamYear(
        benchmark=exam[0],
        language=exam[1],
        year=exam[2],
        model=mine.name,
        date=date,
        exam_was=when(exam[2], date),
        n=len(values),
        accuracy=fmean(values),
        ci95=clustered(values, [mine.groups[q] or q for q in mine.scores]),
        people=fmean(people[q] for q in shared) if shared else None,
        above_people=_above(mine, people),
        others=len(others),
        above_others=_above(mine, {q: fmean(v) for q, v in each.items() if v}),
    )


def _above(mine: Outcomes, scores: Mapping[str, float]) -> Above | None:
    if not any(q in mine.scores for q in scores):
        return None
    c = compare(mine, Outcomes("others", scores))
    return Above(difference=c.difference, ci95=c.ci95, n=c.n)
