"""From raw text to a report: corpus → train → merge → evaluate before and after → report, each step done once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from igaku import configs
from igaku.configs import YAML_SUFFIXES
from igaku.corpus.pipeline import Plan, build
from igaku.corpus.steps import Workers
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.locks import writes
from igaku.plans.dev import dev_questions
from igaku.plans.tasks import Entry, is_answered, questions_of, read_tasks, weights_of, whole_cells
from igaku.runs.evaluate import evaluate_task
from igaku.runs.specs import TaskSpec
from igaku.runs.store import Run, open_run
from igaku.statistics.tally import Cell
from igaku.steps import Steps
from igaku.tables import interval, percent
from igaku.training.card import Score, write_card
from igaku.training.config import load_config
from igaku.training.trained import Trained, read_trained
from igaku.training.updates import Step as Update

METHOD = "letter-logprob"
"""The grading method of an evaluation that names none."""


class MergeSpec(Struct, forbid_unknown_fields=True):
    """How much of the trained model's changes is kept: all of them, scaled by ``weight``; or the largest (TIES)."""

    weight: float = 1.0
    density: float = 1.0


class Chain(Struct, kw_only=True, forbid_unknown_fields=True):
    """A chain's YAML file."""

    recipe: str
    """A built-in recipe, or a YAML file."""
    evaluate: list[Entry]
    """What to ask before and after, each entry as of ``igaku eval``; ``bench`` may be one name."""
    corpus: Plan | None = None
    """Its last step is a mix, which the recipe learns from; without it ``data``."""
    data: str = ""
    """A mix of ``igaku corpus``, relative to this file."""
    model: str = ""
    """Instead of the recipe's base."""
    set: list[str] = []
    """Changes to the recipe, as ``lr=1e-4``."""
    merge: MergeSpec | None = None
    """Merge the trained model into its base, and evaluate the merged model."""

    @property
    def tasks(self) -> list[TaskSpec]:
        """What to ask."""
        return read_tasks(self.evaluate, METHOD)


def chain_names() -> list[str]:
    """The built-in chains."""
    return configs.builtin_names(__package__, "chains")


def read_chain(name: str, changes: Sequence[str] = ()) -> tuple[Chain, Path]:
    """A built-in chain or a file of the user's own, and the folder that its paths are relative to.

    Raises:
        IgakuError: it is not a chain; the line says which field.
    """
    chain = configs.load("chain", name, Chain, __package__, "chains", changes)
    try:
        _ = chain.tasks
    except IgakuError as error:
        raise IgakuError(f"chain {name}: evaluate, {error}") from None
    if chain.corpus is not None and chain.corpus.mix is None:
        raise IgakuError(f"{name}: the corpus of a chain ends with a mix; add mix: {{tokenizer: ...}}")
    return chain, Path(name).parent if name.endswith(YAML_SUFFIXES) else Path()


@writes("out")
def run_chain(
    name: str,
    out: str | Path,
    *,
    contaminated: bool = False,
    workers: Workers = 1,
    say: Callable[[str], None] = lambda _: None,
    redo: bool = False,
    changes: Sequence[str] = (),
) -> Path:
    """Do every step that is not done yet; the report's page.

    Args:
        contaminated: train on data that did not go through decontamination; stamped on the model and every score.
        redo: do the steps whose inputs have changed, and all that follow from them, again, instead of refusing.

    Raises:
        IgakuError: as the steps do. What is done stays done.
    """
    chain, base = read_chain(name, changes)
    steps = Steps(Path(out), say, redo=redo)
    data = str(base / chain.data) if chain.data else ""
    if chain.corpus:
        build(chain.corpus, steps.out / "corpus", workers, base=base, say=say, redo=redo)
        data = str(steps.out / "corpus" / "6-mix")
    trained = _train(steps, chain, data, contaminated)
    before, after = EngineSpec(model=trained.config.model.base, engine="transformers"), _after(steps, chain, trained)
    pairs = [_evaluate(steps, n, task, before, after) for n, task in enumerate(chain.tasks)]
    scores = [score for task, pair in zip(chain.tasks, pairs) for score in _scores(task, pair)]
    write_card(steps.out / "model", trained, scores)
    return _report(steps, scores, trained)


def _train(steps: Steps, chain: Chain, data: str, contaminated: bool) -> Trained:
    from igaku.training.recipe import prepared, train

    questions = dev_questions(load_config(chain.recipe, chain.set), contaminated)
    config, origin = prepared(
        chain.recipe, data=data, model=chain.model, changes=chain.set, contaminated=contaminated, questions=questions
    )
    plain = msgspec.to_builtins(config)
    plain["data"].pop("path", None)
    inputs = {"recipe": plain, "data": origin.data}

    def do(folder: Path) -> Trained:
        trained = train(
            chain.recipe,
            folder,
            data=data,
            model=chain.model,
            changes=chain.set,
            contaminated=contaminated,
            questions=questions,
            on_step=_progress(steps.say),
            say=steps.say,
        )
        steps.say(f"trained: loss {trained.first_loss:.3f} → {trained.last_loss:.3f}")
        return trained

    return steps.run("model", inputs, do, read_trained, "train")


def _progress(say: Callable[[str], None]) -> Callable[[Update], None]:
    def report(s: Update) -> None:
        if s.step % max(1, s.steps // 10) == 0:
            say(f"update {s.step}/{s.steps}: loss {s.loss:.3f}, {s.per_second:.0f} tokens/s, {s.left:.0f} s left")

    return report


def _after(steps: Steps, chain: Chain, trained: Trained) -> EngineSpec:
    """The trained model: merged, or base and adapter, or its own folder."""
    base, model = trained.config.model.base, steps.out / "model"
    if chain.merge:
        from igaku.engines.hf import model_folder
        from igaku.training.merging import Member, merge

        member = Member(model, chain.merge.weight, chain.merge.density)
        merged = merge(model_folder(base), [member], steps.out / "merged", say=steps.say, redo=steps.redo)
        return EngineSpec(model=str(merged), engine="transformers")
    if trained.config.method.kind == "lora":
        return EngineSpec(model=base, adapter=str(model), engine="transformers")
    return EngineSpec(model=str(model), engine="transformers")


class Pair(NamedTuple):
    """The same questions, asked before and after."""

    before: Run
    after: Run


def _evaluate(steps: Steps, n: int, task: TaskSpec, before: EngineSpec, after: EngineSpec) -> Pair:
    def one(label: str, spec: EngineSpec) -> Run:
        inputs = {"model": spec, "task": task, "questions": questions_of([task]), "weights": weights_of(spec)}
        what = f"ask {', '.join(task.bench)} {label} training"

        def do(out: Path) -> Run:
            return evaluate_task(spec, task.bench, task, out=out, retry_errors=True)

        return steps.run(f"runs/{n}-{label}", inputs, do, open_run, what, is_done=is_answered)

    return Pair(one("before", before), one("after", after))


def _scores(task: TaskSpec, pair: Pair) -> list[Score]:
    return [
        Score(bench=f"{a.benchmark} ({a.language}, {a.method})", before=_shown(a), after=_shown(b))
        for a, b in zip(whole_cells(pair.before), whole_cells(pair.after))
    ]


def _shown(cell: Cell) -> str:
    return f"{percent(cell.accuracy)} ({interval(cell.ci95)})"


def _report(steps: Steps, scores: list[Score], trained: Trained) -> Path:
    """``REPORT.md`` and a site over all runs, written anew each time from what the steps left."""
    from igaku.report.site import build_site

    page, site = steps.out / "REPORT.md", steps.out / "report"
    warning = f"**CONTAMINATED**: {trained.origin.contaminated}\n\n" if trained.origin.contaminated else ""
    head = (
        f"# Before and after\n\n{warning}{trained.name}: {trained.updates} updates, {trained.tokens:,} tokens, "
        f"loss {trained.first_loss:.3f} → {trained.last_loss:.3f}.\n\n| benchmark | before | after |\n|---|---|---|\n"
    )
    write_whole(page, head + "".join(f"| {s['bench']} | {s['before']} | {s['after']} |\n" for s in scores))
    build_site(sorted((steps.out / "runs").iterdir()), site, title=f"igaku: {trained.name}")
    steps.say(f"report: {page} and {site / 'index.html'}")
    return page
