"""How a benchmark's verdicts become its score: accuracy, agreement beyond chance, or the mean F1 of lists.

Each aggregator gives one or more named numbers; the one with the aggregator's own name is the score. The formulas stand
in ``measures``, their intervals in ``metric_interval``.
"""

from collections.abc import Callable, Sequence

from igaku.grading import Graded
from igaku.statistics import clinical, measures
from igaku.statistics.errors import error_f1
from igaku.statistics.measures import Measure, fleiss, means
from igaku.statistics.mentions import mention_f1

__all__ = ["AGGREGATORS", "MEASURES", "Aggregator", "fleiss", "pair_f1", "statements"]

Aggregator = Callable[[Sequence[Graded]], dict[str, float]]
MEASURES: dict[str, Callable[[Sequence[Graded]], list[Measure]]] = {
    "accuracy": lambda items: [means({"accuracy": lambda i: float(i.verdict.share_right)}, items)],
    "kappa": lambda items: [measures.kappa(items)],
    "linear_kappa": lambda items: [measures.kappa(items, "linear_kappa", linear=True)],
    "f1": lambda items: [
        means({"f1": lambda i: i.verdict.score, "partial_f1": lambda i: i.verdict.parts.get("partial_f1", 0.0)}, items)
    ],
    "pair_f1": lambda items: [measures.pair_f1(items)],
    "bleu": lambda items: [means({"bleu": lambda i: i.verdict.score}, items)],
    "pearson": lambda items: [measures.pearson(items)],
    "rubric": lambda items: [measures.rubric(items)],
    "healthbench": lambda items: [measures.healthbench(items)],
    "statements": lambda items: _statements(items),
    "error_f1": lambda items: [error_f1(items)],
    "mention_f1": lambda items: [mention_f1(items)],
    "list_f1": lambda items: [clinical.list_f1(items)],
    "positive_f1": lambda items: [clinical.positive_f1(items)],
    "macro_f1": lambda items: [clinical.macro_f1(items)],
    "fields": lambda items: [clinical.fields(items)],
    "span_f1": lambda items: [clinical.span_f1(items)],
    "rouge": lambda items: [clinical.rouge(items)],
}
"""By the name in ``Benchmark.aggregate``. Cohen's kappa (1960) and with linear weights (1968); F1 of each list, exact
and partial, averaged as JMED-LLM does; sentence BLEU averaged as JMedBench does."""


def _statements(items: Sequence[Graded]) -> list[Measure]:
    """Questions of which some statements are not answered yet stand in kappa only."""
    whole = measures.statements(items)
    return [*([whole] if whole.documents else []), measures.kappa(items)]


def _aggregator(name: str) -> Aggregator:
    def values(items: Sequence[Graded]) -> dict[str, float]:
        return {k: v for m in MEASURES[name](items) for k, v in m.value(m.total).items()}

    return values


AGGREGATORS: dict[str, Aggregator] = {name: _aggregator(name) for name in MEASURES}
"""Named numbers of some verdicts, by the name in ``Benchmark.aggregate``."""
pair_f1, statements = AGGREGATORS["pair_f1"], AGGREGATORS["statements"]
