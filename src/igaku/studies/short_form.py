"""A short form of a benchmark out of runs on it, and how far to trust it: leave one model out, and see what it would
have said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.benchmarks import family, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.question import Question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_runs
from igaku.statistics.items import Bank, ItemStatistic, classical, estimate, fit, from_people
from igaku.statistics.items import short_form as choose
from igaku.statistics.respondents import full_name
from igaku.tables import Kind, Table, Value, View

PARTS = ("model", "prompt", "order", "method")


class Respondent(Struct, frozen=True):
    """One model asked in one way: question -> score."""

    model: str
    name: str
    scores: Mapping[str, float]


class HeldOutEstimate(Struct, frozen=True, kw_only=True):
    """One respondent that was not used for the fit: its full score, and what the short form says."""

    name: str
    full: float
    estimated: float
    error: float
    plain: float
    """The short form's own share of right answers, which is no estimate of the full score."""


class ShortForm(View, Struct, frozen=True, kw_only=True):
    """A short form. ``rmse`` (in points) is over the respondents tried, None where there are none."""

    ids: list[str]
    of: int
    bank: Bank
    tried: list[HeldOutEstimate]
    rmse: float | None
    items: list[ItemStatistic]

    def tables(self) -> list[Table]:
        """The form, and what it says of each respondent that was not used to choose it."""
        heads: dict[str, Kind] = {
            "questions": "count",
            "of": "count",
            "difficulty from": "text",
            "RMSE, points": "number",
            "respondents": "count",
        }
        size: list[Value] = [len(self.ids), self.of, self.bank.source, self.rmse, len(self.tried)]
        columns: dict[str, Kind] = {
            "respondent": "text",
            "full score": "share",
            "short form says": "share",
            "standard error": "share",
            "its own share right": "share",
        }
        rows: list[list[Value]] = [[t.name, t.full, t.estimated, t.error, t.plain] for t in self.tried]
        form = Table(name="form", columns=heads, rows=[size])
        return [form, Table(name="respondents", columns=columns, rows=rows)] if rows else [form]

    def notes(self) -> list[str]:
        """What the root mean square error is."""
        return ["RMSE: root mean square error over respondents whose model was not used to choose the form"]


def short_form(
    bench: str | Benchmark,
    *runs: Run | str | Path | Sequence[Run | str | Path],
    limit: int = 100,
    lang: str | None = None,
    method: Names = None,
    by: str = "auto",
) -> ShortForm:
    """Choose ``limit`` questions of a benchmark.

    Args:
        runs: respondents (every model and way of asking in them); needed unless the benchmark knows people's accuracy.
        by: what difficulty rests on: ``people``, ``runs``, or ``auto`` (people where the benchmark knows them).

    Raises:
        IgakuError: neither people's accuracy nor three respondents are at hand.
    """
    if by not in ("auto", "people", "runs"):
        raise IgakuError(f"--by {by!r} is not known; there are auto, people, runs")
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    questions = {q.id: q for q in loaded.load(lang or loaded.languages[0]) if q.text_only and not q.void}
    found = respondents(open_runs(*runs), family(loaded.label), lang or loaded.languages[0], method, questions)
    people = {i: q.human_accuracy for i, q in questions.items() if q.human_accuracy is not None}
    use_people = by == "people" or (by == "auto" and len(people) > 0.9 * len(questions))
    if use_people and len(people) < 2:
        raise IgakuError(f"{loaded.label} has no human accuracy; give runs and --by runs")
    strata = {i: (q.year, q.section) for i, q in questions.items()}
    bank = from_people(people) if use_people else _fitted(found, list(questions), loaded.label)
    ids = choose(bank, limit, strata)
    tried = [_try(r, bank if use_people else _without(r, found, list(questions)), limit, strata) for r in found]
    known = [t for t in tried if t is not None]
    rmse = 100 * fmean((t.estimated - t.full) ** 2 for t in known) ** 0.5 if known else None
    return ShortForm(
        ids=ids,
        of=len(bank.ids),
        bank=bank,
        tried=known,
        rmse=rmse,
        items=classical([r.scores for r in found], ids) if found else [],
    )


def respondents(
    runs: Sequence[Run], bench: str, lang: str, method: Names, questions: Mapping[str, Question]
) -> list[Respondent]:
    """Every respondent of the runs on this benchmark and language."""
    groups: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for k, run in enumerate(runs):
        for p, g in run.grade(names(method) or None):
            if (
                family(p.benchmark) == bench
                and p.language == lang
                and p.question_format == "choices"
                and g.question.id in questions
                and g.verdict.scored
            ):
                name = full_name((f"{k}", p), PARTS, several_runs=len(runs) > 1)
                groups[p.model, name][g.question.id] = g.verdict.score
    return [Respondent(model, name, scores) for (model, name), scores in groups.items()]


def _fitted(found: Sequence[Respondent], ids: list[str], bench: str) -> Bank:
    if len(found) < 3:
        raise IgakuError(
            f"{bench}: {len(found)} respondents in these runs; at least three are needed, or people's accuracy"
        )
    return fit([r.scores for r in found], ids)


def _without(one: Respondent, found: Sequence[Respondent], ids: list[str]) -> Bank | None:
    """Fitted to the other models (other prompts of the same one would tell too much)."""
    others = [r.scores for r in found if r.model != one.model]
    return fit(others, ids) if len(others) >= 3 else None


def _try(
    one: Respondent, bank: Bank | None, limit: int, strata: Mapping[str, tuple[str, str]]
) -> HeldOutEstimate | None:
    if bank is None:
        return None
    known = [i for i in bank.ids if i in one.scores]
    if len(known) < 0.5 * len(bank.ids):
        return None
    at = {i: k for k, i in enumerate(bank.ids)}
    mine = Bank(
        ids=known,
        discrimination=[bank.discrimination[at[i]] for i in known],
        difficulty=[bank.difficulty[at[i]] for i in known],
        source=bank.source,
    )
    chosen = choose(mine, limit, strata)
    estimated = estimate(mine, {i: one.scores[i] for i in chosen})
    return HeldOutEstimate(
        name=one.name,
        full=fmean(one.scores[i] for i in known),
        estimated=estimated.score,
        error=estimated.error,
        plain=fmean(one.scores[i] for i in chosen),
    )
