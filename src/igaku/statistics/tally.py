"""From verdicts to the cells of a table; each kind of failure is counted, nothing leaves the denominator in silence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from msgspec import Struct, field, to_builtins
from msgspec.structs import asdict, replace

from igaku.grading import Graded
from igaku.prompts.formats import complete, parent
from igaku.statistics.aggregate import AGGREGATORS
from igaku.statistics.baselines import chance, first_is_right
from igaku.statistics.interval import clustered
from igaku.statistics.metric_interval import metric_intervals

COUNTED = (
    *("abstained", "unparsed", "truncated", "overlong", "refused", "engine_error", "unrated", "not_applicable", "void"),
)
FAILURES = (*COUNTED, "unanswered")
"""Every way in which a question can be without a score, as columns of a table."""


class CellKey(Struct, frozen=True, order=True):
    """What a verdict is counted under: one cell per key and ``text_only``."""

    model: str
    benchmark: str
    language: str
    prompt: str
    shots: int
    order: str
    method: str
    aggregate: str = "accuracy"
    question_format: str = field(default="choices", name="form")


class Cell(Struct, frozen=True, kw_only=True):
    """One row of results.

    ``accuracy`` is correct / n_scored (None where nothing was scored); n_scored leaves out void and not-applicable
    questions, and replies that a judge left unrated. ``points`` and ``max_points`` follow the exam; a question that
    counted right for everybody gives its points. ``unanswered``: in this run but not answered yet, and in no other
    number. ``ci95`` is the interval of the accuracy, linked questions together (``igaku.statistics.interval``), the
    same one in every table and page. A question asked as statements counts as one question, right where all of its
    statements are.
    """

    model: str
    benchmark: str
    language: str
    prompt: str
    shots: int
    order: str
    method: str
    aggregate: str
    question_format: str = field(default="choices", name="form")
    text_only: bool | None
    n_asked: int
    n_scored: int
    correct: float
    accuracy: float | None
    ci95: tuple[float, float] | None
    points: float
    max_points: float
    unparsed: int
    truncated: int
    overlong: int
    refused: int
    engine_error: int
    not_applicable: int
    void: int
    unanswered: int = 0
    unrated: int = 0
    """Replies on which too few of a judge's votes can be read: never counted as wrong."""
    abstained: int = 0
    """Replies that chose "I do not know", where the prompt offered it; scored, and not right."""
    chance: float | None = None
    """Expected accuracy of a blind guess over the questions scored."""
    first_choice: float | None = None
    """Accuracy of always choosing the first, over the questions scored."""
    score: float | None = None
    """The benchmark's own score, by its aggregator: accuracy for exams, kappa or F1 for other families."""
    metrics: dict[str, float] = {}
    """Every number that the aggregator gives."""
    metrics_ci95: dict[str, tuple[float, float]] = {}
    """Their 95 % intervals, by document; accuracy has its own."""
    years: dict[str, "Cell"] = {}
    sections: dict[str, "Cell"] = {}
    linked: dict[str, tuple[float, ...]] = {}
    """How far each scored answer of a group of linked questions is right (a question alone is its own), for the
    interval of cells added up; not printed."""

    def as_data(self) -> dict[str, object]:
        """Everything but ``linked``, as ``--json`` prints it; ``abstained`` only where it occurs."""
        data: dict[str, object] = to_builtins(replace(self, years={}, sections={}))
        del data["linked"]
        if not self.abstained:
            del data["abstained"]
        parts = {"years": self.years, "sections": self.sections}
        return data | {name: {k: c.as_data() for k, c in cells.items()} for name, cells in parts.items()}


def cells(
    graded: Iterable[tuple[CellKey, Graded]],
    unanswered: Counter[tuple[CellKey, bool]] | None = None,
    parts: bool = True,
) -> list[Cell]:
    """One cell per key and ``text_only``, in order of appearance, with years and sections inside (``parts``)."""
    groups: dict[tuple[CellKey, bool], list[Graded]] = defaultdict(list)
    for cell_key, item in graded:
        groups[cell_key, item.question.text_only].append(item)
    waiting = unanswered or Counter()
    for key in waiting:
        _ = groups[key]
    out = []
    for (cell_key, text_only), items in groups.items():
        cell = _cell(cell_key, text_only, items, waiting[cell_key, text_only])
        if parts:
            years, sections = (_by(cell_key, text_only, items, name) for name in ("year", "section"))
            cell = replace(cell, years=years, sections=sections)
        out.append(cell)
    return out


def totals(rows: Sequence[Cell]) -> list[Cell]:
    """Cells with text-only and image questions added up (``text_only`` None); scores other than accuracy do not
    add up and are left out."""
    groups: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for c in rows:
        groups[c.model, c.benchmark, c.language, c.prompt, str(c.shots), c.order, c.question_format, c.method].append(c)
    return [_sum(group) for group in groups.values()]


def _sum(group: Sequence[Cell]) -> Cell:
    first = group[0]
    added = {
        name: sum(getattr(c, name) for c in group)
        for name in ("n_asked", "n_scored", "correct", "points", "max_points", "unanswered", *COUNTED)
    }
    years = defaultdict(list)
    sections = defaultdict(list)
    for c in group:
        for year, cell in c.years.items():
            years[year].append(cell)
        for section, cell in c.sections.items():
            sections[section].append(cell)
    linked: dict[str, tuple[float, ...]] = {}
    for c in group:
        for name, values in c.linked.items():
            linked[name] = linked.get(name, ()) + values
    n, k = added["n_scored"], added["correct"]
    return replace(
        first,
        text_only=None,
        accuracy=k / n if n else None,
        ci95=_interval(linked),
        linked=linked,
        score=k / n if n and first.aggregate == "accuracy" else first.score if len(group) == 1 else None,
        metrics=first.metrics if len(group) == 1 else {},
        metrics_ci95=first.metrics_ci95 if len(group) == 1 else {},
        chance=sum((c.chance or 0) * c.n_scored for c in group) / n if n else None,
        first_choice=sum((c.first_choice or 0) * c.n_scored for c in group) / n if n else None,
        years={y: _sum(cs) for y, cs in years.items()},
        sections={s: _sum(cs) for s, cs in sections.items()},
        **added,
    )


def _by(cell_key: CellKey, text_only: bool, items: Sequence[Graded], name: str) -> dict[str, Cell]:
    groups: dict[str, list[Graded]] = defaultdict(list)
    for item in items:
        groups[getattr(item.question, name)].append(item)
    return {k: _cell(cell_key, text_only, v, 0) for k, v in groups.items()} if set(groups) - {""} else {}


def _cell(cell_key: CellKey, text_only: bool, given: Sequence[Graded], unanswered: int) -> Cell:
    statements = cell_key.question_format == "statements"
    items = whole_questions(given) if statements else given
    counts = Counter(item.verdict.outcome for item in items)
    scored = [i for i in items if i.verdict.scored]
    correct = sum(i.verdict.share_right for i in scored)
    graded = [i for i in given if i.verdict.scored]
    metrics = AGGREGATORS[cell_key.aggregate](graded) if graded else {}
    linked = linked_answers(scored)
    blind, first = _baselines(scored, given if statements else ())
    return Cell(
        **asdict(cell_key),
        text_only=text_only,
        n_asked=len(items),
        n_scored=len(scored),
        correct=correct,
        accuracy=correct / len(scored) if scored else None,
        ci95=_interval(linked),
        linked=linked,
        score=metrics.get(cell_key.aggregate),
        metrics=metrics,
        metrics_ci95=metric_intervals(cell_key.aggregate, graded) if graded else {},
        chance=blind,
        first_choice=first,
        points=sum(i.verdict.score * i.question.points for i in items),
        max_points=sum(i.question.points for i in items if pays(i)),
        unanswered=unanswered,
        abstained=counts["abstained"],
        unparsed=counts["unparsed"],
        truncated=counts["truncated"],
        overlong=counts["overlong"],
        refused=counts["refused"],
        engine_error=counts["engine_error"],
        unrated=counts["unrated"],
        not_applicable=counts["not_applicable"],
        void=counts["void"],
    )


def whole_questions(statements: Sequence[Graded]) -> list[Graded]:
    """Statements as the questions that they were made of: one verdict a question, that of its first statement that is
    not right, so that a question is right where all of its statements are. Questions of which a statement is not
    answered yet are left out."""
    out = []
    for id, items in _by_question(statements).items():
        worst = next((i for i in items if not i.verdict.right), items[0])
        group = worst.question.group if worst.question.group != id else ""
        points = sum(i.question.points for i in items)
        out.append(worst._replace(question=replace(worst.question, id=id, group=group, points=points)))
    return out


def _by_question(statements: Iterable[Graded]) -> dict[str, list[Graded]]:
    groups: dict[str, list[Graded]] = defaultdict(list)
    for i in statements:
        groups[parent(i.question.id)].append(i)
    return {q: g for q, g in groups.items() if complete([i.question.id for i in g]) or g[0].question.void}


def _baselines(scored: Sequence[Graded], statements: Sequence[Graded]) -> tuple[float | None, float | None]:
    """Expected accuracy of a blind guess, and accuracy of always taking the first answer ("yes" to every statement)."""
    if not scored:
        return None, None
    if not statements:
        return fmean(chance(i.question) for i in scored), fmean(first_is_right(i.question) for i in scored)
    mine = {i.question.id for i in scored}
    groups = [g for q, g in _by_question(statements).items() if q in mine]
    return fmean(0.5 ** len(g) for g in groups), fmean(all(first_is_right(i.question) for i in g) for g in groups)


def linked_answers(scored: Iterable[Graded]) -> dict[str, tuple[float, ...]]:
    """How far each answer is right, by linked group; a question that is linked to none is a group of its own."""
    out: dict[str, list[float]] = {}
    for i in scored:
        out.setdefault(i.question.group or i.question.id, []).append(float(i.verdict.share_right))
    return {name: tuple(values) for name, values in out.items()}


def _interval(linked: Mapping[str, tuple[float, ...]]) -> tuple[float, float] | None:
    values = [v for mine in linked.values() for v in mine]
    groups = [name for name, mine in linked.items() for _ in mine]
    return clustered(values, groups) if values else None


def accuracy_interval(scored: Iterable[Graded]) -> tuple[float, float] | None:
    """The 95 % interval of an accuracy, linked questions together; None of nothing."""
    return _interval(linked_answers(scored))


def pays(item: Graded) -> bool:
    """Whether a question's points are among those that could be had."""
    return item.question.void == "everybody" or item.verdict.scored
