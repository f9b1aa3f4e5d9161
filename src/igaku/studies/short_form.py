"""A short form of a benchmark: a probability sample of its questions, what it says of models that were not used to draw
it, and the full score of a model that has answered the short form alone. ``igaku.statistics.survey`` has the method."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from igaku.benchmarks import family, load_benchmark
from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.runs.respondents import Respondent, respondents, shares_right
from igaku.runs.specs import Names
from igaku.runs.store import Run, open_runs
from igaku.statistics.survey import Sample, draw, estimate, until
from igaku.tables import Kind, Table, Value, View


class FormEstimate(Struct, frozen=True, kw_only=True):
    """What the short form says of one respondent that was not used to draw it; scores are 0 to 1."""

    name: str
    full: float | None
    """Score on all questions; None where only the short form was asked."""
    estimated: float
    error: float
    """Standard error, half the interval over 1.96."""
    ci95: tuple[float, float]
    n: int
    """Questions used: those of the form, or fewer where the error was small enough before its end."""


class ShortForm(View, Struct, frozen=True, kw_only=True):
    """A short form. ``rmse`` (in points) is over the respondents whose full score is known, None where none is."""

    ids: list[str]
    """In the order in which they are best asked: after each turn through the strata, those so far are a sample."""
    of: int
    source: str
    sample: Sample
    tried: list[FormEstimate]
    rmse: float | None
    left_out: list[str]
    """Respondents that answered neither the short form nor half of all questions, or whose model alone was given."""

    def tables(self) -> list[Table]:
        """The form, and what it says of each respondent that was not used to draw it."""
        heads: dict[str, Kind] = {
            "questions": "count",
            "of": "count",
            "difficulty from": "text",
            "RMSE, points": "number",
            "respondents": "count",
            "within 95 %": "count",
        }
        known = [t for t in self.tried if t.full is not None]
        within = sum(t.ci95[0] - 1e-9 <= t.full <= t.ci95[1] + 1e-9 for t in known if t.full is not None)
        size: list[Value] = [len(self.ids), self.of, self.source, self.rmse, len(known), within]
        columns: dict[str, Kind] = {
            "respondent": "text",
            "full score": "share",
            "short form says": "share",
            "standard error": "share",
            "95 %": "interval",
            "questions": "count",
        }
        rows: list[list[Value]] = [[t.name, t.full, t.estimated, t.error, t.ci95, t.n] for t in self.tried]
        form = Table(name="form", columns=heads, rows=[size])
        return [form, Table(name="respondents", columns=columns, rows=rows)] if rows else [form]

    def notes(self) -> list[str]:
        """What was drawn, what the error is, and who is not in the table."""
        out = [
            "drawn at random within strata of difficulty: error and interval hold for any respondent, over draws",
            "the full score meant is that on these questions, not on another exam; one draw errs alike for like models",
            "RMSE: root mean square error over respondents whose model was not used to draw the form",
        ]
        if self.left_out:
            names = ", ".join(self.left_out)
            out.append(f"not in the table, having answered neither the form nor half of all questions: {names}")
        return out


def short_form(
    bench: str | Benchmark,
    *runs: Run | str | Path | Sequence[Run | str | Path],
    limit: int = 100,
    lang: str | None = None,
    method: Names = None,
    by: str = "auto",
    seed: int = 0,
    error: float | None = None,
) -> ShortForm:
    """Draw ``limit`` questions of a benchmark.

    Args:
        runs: respondents (every model and way of asking in them). Those that answered half of the questions try the
            form; with ``by`` runs, they also say how hard questions are. One that answered the form alone gets
            an estimate.
        by: what difficulty rests on: ``people``, ``runs``, or ``auto`` (people where the benchmark knows them).
        seed: of the draw; the same seed and the same respondents draw the same form.
        error: a standard error in points; a respondent is asked no further where it is reached.

    Raises:
        IgakuError: neither people's accuracy nor three respondents are at hand, or ``error`` is not above zero.
    """
    if by not in ("auto", "people", "runs"):
        raise IgakuError(f"--by {by!r} is not known; there are auto, people, runs")
    if error is not None and not error > 0:
        raise IgakuError(f"--error {error} is not above zero; give points, such as 2.5")
    loaded = load_benchmark(bench) if isinstance(bench, str) else bench
    questions = {q.id: q for q in loaded.load(lang or loaded.languages[0]) if q.text_only and not q.void}
    found = respondents(open_runs(*runs), family(loaded.label), lang or loaded.languages[0], method, questions)
    people = {i: q.human_accuracy for i, q in questions.items() if q.human_accuracy is not None}
    use_people = by == "people" or (by == "auto" and len(people) > 0.9 * len(questions))
    if use_people and len(people) < 2:
        raise IgakuError(f"{loaded.label} has no human accuracy; give runs and --by runs")
    ids = list(people if use_people else questions)
    whole = [r for r in found if _answered_more(r, ids, limit)]
    if not use_people and len(whole) < 3:
        raise IgakuError(
            f"{loaded.label}: {len(whole)} respondents in these runs answered more than the form; "
            "at least three are needed, or people's accuracy"
        )
    sample = draw(people if use_people else shares_right(whole, ids), limit, seed)
    points = None if error is None else error / 100
    tried = [_try(r, people if use_people else _others(r, whole, ids), limit, seed, points) for r in whole]
    part = [_answered(r, sample, points) for r in found if r not in whole]
    known = [t for t in tried if t is not None]
    return ShortForm(
        ids=sample.ids,
        of=sample.size,
        source="people's accuracy" if use_people else f"share right of {len(whole)} respondents",
        sample=sample,
        tried=[*known, *(t for t in part if t is not None)],
        rmse=100 * fmean((t.estimated - (t.full or 0)) ** 2 for t in known) ** 0.5 if known else None,
        left_out=[
            r.name for r, t in zip([*whole, *(r for r in found if r not in whole)], [*tried, *part]) if t is None
        ],
    )


def _answered_more(one: Respondent, ids: Sequence[str], limit: int) -> bool:
    """Whether it answered more than a form."""
    return sum(i in one.scores for i in ids) > min(limit, len(ids) - 1)


def _others(one: Respondent, found: Sequence[Respondent], ids: Sequence[str]) -> dict[str, float] | None:
    """The difficulty for the other models (other prompts of the same one would tell too much)."""
    others = [r for r in found if r.model != one.model]
    return shares_right(others, ids) if others else None


def _try(
    one: Respondent, difficulty: Mapping[str, float] | None, limit: int, seed: int, error: float | None
) -> FormEstimate | None:
    """A form drawn without the respondent's model, from the questions that it answered."""
    known = {i: p for i, p in (difficulty or {}).items() if i in one.scores}
    if difficulty is None or len(known) < 0.5 * len(difficulty):
        return None
    return _estimated(one, draw(known, limit, seed), error, fmean(one.scores[i] for i in known))


def _answered(one: Respondent, sample: Sample, error: float | None) -> FormEstimate | None:
    """The estimate from the turns of the form that were answered whole, two at least."""
    turns = 0
    while turns < sample.turns and all(i in one.scores for i in sample.first(turns + 1).ids):
        turns += 1
    return _estimated(one, sample.first(turns), error, None) if turns >= min(2, sample.turns) else None


def _estimated(one: Respondent, sample: Sample, error: float | None, full: float | None) -> FormEstimate:
    found = estimate(sample, one.scores) if error is None else until(sample, one.scores, error)
    return FormEstimate(name=one.name, full=full, estimated=found.score, error=found.error, ci95=found.ci95, n=found.n)
