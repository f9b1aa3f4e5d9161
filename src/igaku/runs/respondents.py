"""Who answered which question how, out of runs: what short forms and item analysis start from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from igaku.benchmarks import family
from igaku.question import Question
from igaku.runs.run_keys import one_key
from igaku.runs.specs import Names, names
from igaku.runs.store import Run
from igaku.statistics.respondents import full_name

PARTS = ("model", "prompt", "order", "method")


class Respondent(Struct, frozen=True):
    """One model asked in one way: question -> score."""

    model: str
    name: str
    scores: Mapping[str, float]
    reads: Mapping[str, str] = {}
    """Question -> what was read from the reply; empty where nothing could be."""
    images: bool = False
    """Whether the questions' images were sent."""


def respondents(
    runs: Sequence[Run], bench: str, lang: str, method: Names, questions: Mapping[str, Question]
) -> list[Respondent]:
    """Every respondent of the runs on this benchmark (without its year) and language, on the given questions.

    Raises:
        IgakuError: one question has two keys in these runs.
    """
    one_key(runs)
    groups: dict[tuple[str, str, bool], dict[str, tuple[float, str]]] = defaultdict(dict)
    for k, run in enumerate(runs):
        shown = {(t.model, t.bench, t.lang, t.prompt) for t in run.manifest.tasks if t.images}
        for p, g in run.grade(names(method) or None):
            if (
                family(p.benchmark) == bench
                and p.language == lang
                and p.question_format == "choices"
                and g.question.id in questions
                and g.verdict.scored
            ):
                name = full_name((f"{k}", p), PARTS, several_runs=len(runs) > 1)
                images = (p.model, p.benchmark, p.language, p.prompt) in shown
                groups[p.model, name, images][g.question.id] = (g.verdict.score, "".join(g.verdict.read))
    return [
        Respondent(model, name, {i: s for i, (s, _) in v.items()}, {i: r for i, (_, r) in v.items()}, images)
        for (model, name, images), v in groups.items()
    ]


def shares_right(found: Sequence[Respondent], ids: Sequence[str]) -> dict[str, float]:
    """Share of respondents that were right, half a right and half a wrong answer added; 0.5 where nobody answered."""
    out = {}
    for i in ids:
        given = [r.scores[i] >= 1 for r in found if i in r.scores]
        out[i] = (sum(given) + 0.5) / (len(given) + 1)
    return out
