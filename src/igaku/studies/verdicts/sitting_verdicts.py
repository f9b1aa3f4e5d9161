"""A run with samples as many sittings of an exam: which verdicts belong to one, and what all of them say."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from igaku.grading import Graded
from igaku.statistics.tally import CellKey
from igaku.studies.verdicts.report import ExamResult
from igaku.studies.verdicts.sittings import Sittings

Verdicts = list[tuple[CellKey, Graded]]


def by_sitting(graded: Iterable[tuple[CellKey, Graded]]) -> list[Verdicts]:
    """The first samples of all questions, the second ones …, as far as every question that was answered has them.

    A question that needed no reply is the same in every sitting.
    """
    keys: dict[CellKey, dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for key, item in graded:
        keys[key][item.question.id].append(item)
    out: list[Verdicts] = []
    for key, questions in keys.items():
        n = min((len(items) for items in questions.values() if items[0].reply is not None), default=1)
        for i in range(n if n > 1 else 0):
            out += [[]] * (i + 1 - len(out))
            out[i] = out[i] + [(key, items[i if len(items) > 1 else 0]) for items in questions.values()]
    return out


def sittings(
    graded: Iterable[tuple[CellKey, Graded]], examine: Callable[[Verdicts], Sequence[ExamResult]]
) -> list[Sittings]:
    """Each examinee and exam of a run with samples; none where there are no samples.

    Args:
        graded: one verdict a sample.
        examine: from the verdicts of one sitting to its exams.
    """
    groups: dict[tuple[str, ...], list[ExamResult]] = defaultdict(list)
    for one in by_sitting(graded):
        for r in examine(one):
            groups[r.exam, r.model, r.language, r.prompt, r.order, r.method].append(r)
    return [_together(results) for results in groups.values()]


def _together(results: Sequence[ExamResult]) -> Sittings:
    first = results[0]
    points: dict[str, list[float]] = defaultdict(list)
    for part in (p for r in results for p in r.parts):
        points[part.name].append(part.got)
    return Sittings(
        exam=first.exam,
        model=first.model,
        language=first.language,
        prompt=first.prompt,
        order=first.order,
        method=first.method,
        sittings=len(results),
        verdicts=dict(Counter(r.verdict for r in results).most_common()),
        points={name: (min(got), max(got)) for name, got in points.items()},
    )
