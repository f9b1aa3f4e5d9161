"""Three forms of the same questions side by side, over the questions that all the forms shown could ask."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from msgspec import Struct

from igaku.grading import Graded
from igaku.prompts.formats import complete, parent
from igaku.statistics.aggregate import statements
from igaku.statistics.baselines import chance
from igaku.statistics.interval import wilson
from igaku.statistics.tally import Place


class FormRow(Struct, frozen=True, kw_only=True):
    """One form graded by one method. ``right`` of ``n`` questions; for statements, all of a question's must be right.

    ``ranked`` (statements by log-probability): the right choices got the highest odds of "yes". ``chance``: a blind guess.
    """

    model: str
    benchmark: str
    language: str
    form: str
    prompt: str
    method: str
    n: int
    right: int
    accuracy: float
    ci95: tuple[float, float]
    chance: float
    ranked: float | None = None


def by_form(graded: Iterable[tuple[Place, Graded]]) -> list[FormRow]:
    """Rows of each model, benchmark and language; empty where only one form was asked."""
    groups: dict[tuple[str, str, str], dict[Place, dict[str, list[Graded]]]] = defaultdict(dict)
    for place, item in graded:
        if item.verdict.scored:
            mine = groups[place.model, place.benchmark, place.language].setdefault(place, defaultdict(list))
            mine[parent(item.question.id) if place.form == "statements" else item.question.id].append(item)
    rows = []
    for places in groups.values():
        if len({p.form for p in places}) > 1:
            for place, mine in places.items():
                if place.form == "statements":
                    places[place] = {q: g for q, g in mine.items() if complete([i.question.id for i in g])}
            shared = set.intersection(*(set(mine) for mine in places.values()))
            rows += [_row(p, {q: mine[q] for q in shared}) for p, mine in places.items() if shared]
    return rows


def _row(place: Place, items: dict[str, list[Graded]]) -> FormRow:
    right = sum(all(i.verdict.right for i in mine) for mine in items.values())
    flat = [i for mine in items.values() for i in mine]
    guess = fmean(
        0.5 ** len(mine) if place.form == "statements" else chance(mine[0].question) for mine in items.values()
    )
    return FormRow(
        model=place.model, benchmark=place.benchmark, language=place.language, form=place.form, prompt=place.prompt,
        method=place.method, n=len(items), right=right, accuracy=right / len(items), ci95=wilson(right, len(items)),
        chance=0.0 if place.form == "open" else guess,
        ranked=statements(flat).get("ranked") if place.form == "statements" else None,
    )  # fmt: skip
