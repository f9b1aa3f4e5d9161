"""Would another judge have said the same? Scores of a run's open answers by each pair of its judges."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from igaku.grading import Graded
from igaku.runs.store import Run, open_run
from igaku.statistics.metric_interval import paired_metric_interval
from igaku.statistics.tally import CellKey
from igaku.studies.judge import METHOD
from igaku.tables import Kind, Table, Value, View


class JudgePair(Struct, kw_only=True):
    """Two judges on the same answers of one model."""

    model: str
    benchmark: str
    language: str
    a: str
    b: str
    answers: int
    """Answers that both could rate."""
    score_a: float
    score_b: float
    difference: float
    ci95: tuple[float, float]
    p: float
    """Two-sided p-value of no difference between these two judges."""


class JudgeSensitivity(View, Struct, kw_only=True):
    """Each pair of judges, and whether they order the models alike."""

    pairs: list[JudgePair]
    reordered: list[str]
    """Pairs of models that one judge puts in another order than the other."""

    def tables(self) -> list[Table]:
        """One row a model and pair of judges."""
        columns: dict[str, Kind] = {"model": "text", "benchmark": "text", "lang": "text", "judge A": "text"}
        columns |= {"judge B": "text", "answers": "count", "by A": "number", "by B": "number"}
        columns |= {"A - B": "number", "95 %": "text", "p": "p"}
        rows: list[list[Value]] = [
            [j.model, j.benchmark, j.language, j.a, j.b, j.answers, j.score_a, j.score_b, j.difference, *_tested(j)]
            for j in self.pairs
        ]
        return [Table(name="judges", columns=columns, rows=rows, title="Sensitivity to the judge")]

    def notes(self) -> list[str]:
        """What depends on the judge."""
        return [f"the order depends on the judge: {one}" for one in self.reordered]


def _tested(pair: JudgePair) -> list[Value]:
    return [f"{pair.ci95[0]:+.3f} to {pair.ci95[1]:+.3f}", pair.p]


def judge_sensitivity(run: Run | str | Path) -> JudgeSensitivity | None:
    """Compare the judges of a run on the answers that both could rate; None where fewer than two have judged."""
    opened = open_run(run)
    if len(opened.manifest.judges) < 2:
        return None
    cells: dict[CellKey, dict[str, list[Graded]]] = defaultdict(lambda: defaultdict(list))
    for key, item in opened.grade(METHOD):
        if item.verdict.scored:
            cells[replace(key, method="")][key.method.removeprefix(f"{METHOD} by ")].append(item)
    pairs = [pair for key, judges in cells.items() for pair in _pairs(key, judges)]
    return JudgeSensitivity(pairs=pairs, reordered=list(_reordered(pairs)))


def _pairs(key: CellKey, judges: dict[str, list[Graded]]) -> Iterator[JudgePair]:
    for a, b in combinations(judges, 2):
        found = paired_metric_interval("rubric", judges[a], judges[b])
        if found is not None:
            yield JudgePair(
                model=key.model,
                benchmark=key.benchmark,
                language=key.language,
                a=a,
                b=b,
                answers=found.n,
                score_a=found.a,
                score_b=found.b,
                difference=found.difference,
                ci95=found.ci95,
                p=found.p,
            )


def _reordered(pairs: Sequence[JudgePair]) -> Iterator[str]:
    for one, two in combinations(pairs, 2):
        same = (one.benchmark, one.language, one.a, one.b) == (two.benchmark, two.language, two.a, two.b)
        if same and (one.score_a - two.score_a) * (one.score_b - two.score_b) < 0:
            yield f"{one.model} and {two.model} on {one.benchmark} ({one.language}), by {one.a} and by {one.b}"
