"""Search the weights and densities of a merge by the score of its model on a development benchmark."""

from collections.abc import Callable, Sequence
from pathlib import Path

from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.plans.tasks import whole_cells
from igaku.runs.evaluate import evaluate_task
from igaku.runs.specs import TaskSpec
from igaku.training.evolution import Score, search
from igaku.training.merging import Member


def evolved(
    base: str | Path,
    members: Sequence[Member],
    bench: str,
    *,
    method: str = "ties",
    seed: int = 0,
    generations: int = 3,
    limit: int = 100,
    say: Callable[[str], None] = lambda _: None,
) -> list[Member]:
    """Members with the weights and densities whose merged model answers the most of ``limit`` questions rightly.

    Args:
        bench: a development benchmark; never the one that will be reported.
    """

    def on_trial(reached: float, trial: list[Member]) -> None:
        parts = ", ".join(f"{m.folder.name} {m.weight:.2f} at {m.density or 1:.2f}" for m in trial)
        say(f"{100 * reached:.1f} % with {parts}")

    score = accuracy_on(bench, limit)
    return search(Path(base), members, score, method=method, seed=seed, generations=generations, on_trial=on_trial)


def accuracy_on(bench: str, limit: int) -> Score:
    """A function from a model's folder to its mean accuracy on the first questions of a benchmark."""
    task = TaskSpec(bench=[bench], method=["letter-logprob"], limit=limit)

    def score(model: Path) -> float:
        spec = EngineSpec(model=str(model), engine="transformers")
        run = evaluate_task(spec, bench, task, out=model.parent / f"run-{model.stat().st_mtime_ns}")
        scores = [c.accuracy for c in whole_cells(run) if c.accuracy is not None]
        if not scores:
            raise IgakuError(f"{bench} has no accuracy; choose another development benchmark")
        return sum(scores) / len(scores)

    return score
