"""Who answered which question how, out of runs: what short forms and item analysis start from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from igaku.benchmarks import family
from igaku.question import Question
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics.respondents import full_name

PARTS = ("model", "prompt", "order", "method")


class Respondent(Struct, frozen=True):
    """One model asked in one way: question -> score."""

    model: str
    name: str
    scores: Mapping[str, float]


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


def shares_right(found: Sequence[Respondent], ids: Sequence[str]) -> dict[str, float]:
    """Share of respondents that were right, half a right and half a wrong answer added; 0.5 where nobody answered."""
    out = {}
    for i in ids:
        given = [r.scores[i] >= 1 for r in found if i in r.scores]
        out[i] = (sum(given) + 0.5) / (len(given) + 1)
    return out
