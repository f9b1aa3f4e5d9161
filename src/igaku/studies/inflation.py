"""Is a model's score on an exam higher than its score on a like exam lets expect, by what reference models do?

``igaku.statistics.inflation`` has the method and its simulations. The like exam is another year, reworded questions or
made-up ones; with ``reworded`` the questions of both are the same ones by their ids.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from igaku.benchmarks import family
from igaku.errors import IgakuError, UnknownNameError
from igaku.runs.counted import Counted, by_main_method, system_of
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.inflation import LEAST, Inflation, against_references, effects
from igaku.statistics.paired import Outcomes, adjusted
from igaku.statistics.respondents import RespondentId, respondent_names
from igaku.studies.boards import Ways, outcomes_over_ways, row_name, same_questions
from igaku.studies.inflation_report import InflationReport, Suspect

FEWEST = 50
"""Fewest questions of either exam that all models answered."""
Scores = tuple[list[float], list[float]]


def inflation(
    bench: str,
    like: str,
    *runs: Run | str | Path | Sequence[Run | str | Path],
    suspects: Names = None,
    reworded: bool = False,
    lang: str = "ja",
    method: Names = None,
) -> InflationReport:
    """Test whether models score higher on ``bench`` than their scores on ``like`` and the references let expect.

    Args:
        bench: the exam, e.g. ``jmle2026`` or ``igakuqa-2022``.
        like: a comparable one in the same runs: another year, or questions of your own.
        runs: runs, or their folders, of the suspected models and of the references on both.
        suspects: models to test against all the others; each in turn against the others if left out.
        reworded: ``like`` has the same questions in other words, under the same ids.
        lang: language of the questions.
        method: one grading method for all runs; each model's main one if left out.

    Raises:
        IgakuError: too few references or questions, or the two exams share questions.
    """
    opened = {f"{k}": run for k, run in enumerate(open_runs(*runs))}
    pair, left = _outcomes(by_main_method(opened, method), opened, (bench, like), lang)
    if not reworded and pair[0] and set(pair[0][0].scores) & set(pair[1][0].scores):
        raise IgakuError(f"{like} holds questions of {bench}; give another exam, or --reworded where they are reworded")
    models = [o.name for o in pair[0]]
    chosen = _chosen(suspects, models)
    ids = _questions(pair, reworded)
    if min(map(len, ids), default=0) < FEWEST:
        raise IgakuError(f"{len(ids[0])} and {len(ids[1])} questions that all models answered; {FEWEST} are needed")
    found = [_test(name, pair, ids, chosen, reworded) for name in chosen or models]
    ps = adjusted([f.p for _, f, _ in found])
    rows = [
        Suspect(model=name, references=m, found=f, p_adjusted=p, **_means(name, pair, ids))
        for (name, f, m), p in zip(found, ps)
    ]
    return InflationReport(
        bench=bench,
        like=like,
        reworded=reworded,
        questions=(len(ids[0]), len(ids[1])),
        suspects=sorted(rows, key=lambda s: s.found.p),
        left_out=left,
    )


def _outcomes(
    items: Sequence[Counted], runs: Mapping[str, Run], exams: tuple[str, str], lang: str
) -> tuple[tuple[list[Outcomes], list[Outcomes]], list[str]]:
    """Models with all questions that most have of both exams, in one order; and the names of the others."""
    systems = {label: system_of(run) for label, run in runs.items()}
    found: list[dict[RespondentId, Ways]] = [defaultdict(dict), defaultdict(dict)]
    for c in items:
        if c.key.language == lang and c.key.aggregate == "accuracy" and c.key.question_format == "choices":
            who = RespondentId(c.key.model, c.key.method, systems[c.run])
            for exam, ways in zip(exams, found):
                if _belongs(c, exam):
                    ways[who].setdefault((c.run, c.key), []).append(c.graded)
    both = [who for who in found[0] if who in found[1]]
    labels = respondent_names(both)
    one, two = (
        [outcomes_over_ways(row_name(w, labels[w]), ways[w], dict.fromkeys(ways[w], ())) for w in both]
        for ways in found
    )
    if not both:
        return ([], []), []
    complete = same_questions(one)[0] & same_questions(two)[0]
    pair = [[o for o in exam if o.name in complete] for exam in (one, two)]
    return (pair[0], pair[1]), [o.name for o in one if o.name not in complete]


def _belongs(c: Counted, exam: str) -> bool:
    name = family(c.key.benchmark)
    return exam in (c.key.benchmark, name, f"{name}-{c.graded.question.year}")


def _chosen(suspects: Names, models: Sequence[str]) -> list[str]:
    """The models to test.

    Raises:
        UnknownNameError: one of them did not answer both exams.
        IgakuError: too few are left to compare them with.
    """
    chosen = names(suspects)
    for name in chosen:
        if name not in models:
            raise UnknownNameError("model with replies to both exams", name, models)
    references = len(models) - max(1, len(chosen))
    if references < LEAST:
        raise IgakuError(
            f"{max(0, references)} reference models with replies to both exams; at least {LEAST} are needed: below "
            "that the spread of the references is not known, and a clean model could be accused"
        )
    return chosen


def _questions(pair: tuple[list[Outcomes], list[Outcomes]], reworded: bool) -> tuple[list[str], list[str]]:
    common = [[q for q in exam[0].scores if all(q in o.scores for o in exam)] for exam in pair]
    if reworded:
        shared = [q for q in common[0] if q in set(common[1])]
        return shared, shared
    return common[0], common[1]


def _test(
    name: str,
    pair: tuple[list[Outcomes], list[Outcomes]],
    ids: tuple[list[str], list[str]],
    chosen: Sequence[str],
    reworded: bool,
) -> tuple[str, Inflation, int]:
    scores = {a.name: ([a.scores[q] for q in ids[0]], [b.scores[q] for q in ids[1]]) for a, b in zip(*pair)}
    references = [s for other, s in scores.items() if other != name and other not in chosen]
    groups = [f"{e} {exam[0].groups[q] or q}" for e, (exam, mine) in enumerate(zip(pair, ids)) for q in mine]
    model, theirs = effects(scores[name], references, groups, reworded)
    return name, against_references(model, theirs), len(references)


def _means(
    name: str, pair: tuple[list[Outcomes], list[Outcomes]], ids: tuple[list[str], list[str]]
) -> dict[str, float]:
    mine = [next(o for o in exam if o.name == name) for exam in pair]
    return {k: fmean(o.scores[q] for q in x) for k, o, x in zip(("score", "like"), mine, ids)}
