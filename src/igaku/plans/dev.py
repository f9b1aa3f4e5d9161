"""A development set for training: questions that igaku asks and grades while a model learns.

They choose the model, so only years that the catalog opens, or questions of the user's own in which no exam is; what
was used is stamped on the model.
"""

from functools import partial
from pathlib import Path

from msgspec.structs import replace

from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.plans.grpo import origin_of, part_of
from igaku.plans.tasks import whole_cells
from igaku.runs.evaluate import evaluate_task
from igaku.runs.plan import blocks_of
from igaku.runs.specs import TaskSpec
from igaku.training.config import Config, Eval
from igaku.training.measure import Questions


def dev_questions(config: Config, contaminated: bool = False) -> Questions | None:
    """The recipe's ``eval.questions``; None where it has none.

    Raises:
        IgakuError: the gate refuses them, or none is left to ask.
    """
    if not config.eval.questions:
        return None
    return Questions(origin_of(config.eval.questions, contaminated), partial(_score, dev_task(config.eval)))


def dev_task(e: Eval) -> TaskSpec:
    """What is asked.

    Raises:
        IgakuError: there is no such question.
    """
    part = part_of(e.questions)
    task = TaskSpec(bench=[part.benchmark], method=[e.method], text_only=True)
    blocks = blocks_of(part.benchmark, task)
    ids = list(dict.fromkeys(q.id for b in blocks for q in b.questions if not part.years or q.year in part.years))
    if not ids:
        raise IgakuError(f"eval.questions {e.questions}: no question is left to ask")
    return replace(task, only=ids[: e.limit or None])


def _score(task: TaskSpec, model: EngineSpec, out: Path) -> float:
    """Share of right answers; the replies stay in ``out``, a run's folder."""
    cells = whole_cells(evaluate_task(model, task.bench, task, out=out))
    scored = sum(c.n_scored for c in cells)
    if not scored:
        raise IgakuError(f"eval.questions: none of {', '.join(task.bench)} can be graded by {', '.join(task.method)}")
    return sum(c.correct for c in cells) / scored
