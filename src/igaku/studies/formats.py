"""Three forms of the same questions side by side, over the questions that all the forms shown could ask."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from msgspec import Struct, field

from igaku.grading import Graded
from igaku.prompts.formats import complete, parent
from igaku.statistics.aggregate import statements
from igaku.statistics.baselines import chance
from igaku.statistics.interval import wilson
from igaku.statistics.tally import CellKey


class FormRow(Struct, frozen=True, kw_only=True):
    """One form graded by one method. ``right`` of ``n`` questions; for statements, all of a question's must be right.

    ``ranked`` (statements by log-probability): the right choices got the highest odds of "yes". ``chance``: a blind guess.
    """

    model: str
    benchmark: str
    language: str
    question_format: str = field(name="form")
    prompt: str
    method: str
    n: int
    right: int
    accuracy: float
    ci95: tuple[float, float]
    chance: float
    ranked: float | None = None


def by_form(graded: Iterable[tuple[CellKey, Graded]]) -> list[FormRow]:
    """Rows of each model, benchmark and language; empty where only one form was asked."""
    groups: dict[tuple[str, str, str], dict[CellKey, dict[str, list[Graded]]]] = defaultdict(dict)
    for cell_key, item in graded:
        if item.verdict.scored:
            mine = groups[cell_key.model, cell_key.benchmark, cell_key.language].setdefault(cell_key, defaultdict(list))
            mine[parent(item.question.id) if cell_key.question_format == "statements" else item.question.id].append(
                item
            )
    rows = []
    for places in groups.values():
        if len({p.question_format for p in places}) > 1:
            for cell_key, mine in places.items():
                if cell_key.question_format == "statements":
                    places[cell_key] = {q: g for q, g in mine.items() if complete([i.question.id for i in g])}
            shared = set.intersection(*(set(mine) for mine in places.values()))
            rows += [_row(p, {q: mine[q] for q in shared}) for p, mine in places.items() if shared]
    return rows


def _row(cell_key: CellKey, items: dict[str, list[Graded]]) -> FormRow:
    right = sum(all(i.verdict.right for i in mine) for mine in items.values())
    flat = [i for mine in items.values() for i in mine]
    guess = fmean(
        0.5 ** len(mine) if cell_key.question_format == "statements" else chance(mine[0].question)
        for mine in items.values()
    )
    return FormRow(
        model=cell_key.model,
        benchmark=cell_key.benchmark,
        language=cell_key.language,
        question_format=cell_key.question_format,
        prompt=cell_key.prompt,
        method=cell_key.method,
        n=len(items),
        right=right,
        accuracy=right / len(items),
        ci95=wilson(right, len(items)),
        chance=0.0 if cell_key.question_format == "open" else guess,
        ranked=statements(flat).get("ranked") if cell_key.question_format == "statements" else None,
    )
