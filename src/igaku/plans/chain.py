"""From raw text to a report: corpus → training, one recipe after the other → merge → the same questions before, after
each of them, and at the end; each step done once.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from igaku.corpus.pipeline import build
from igaku.corpus.steps import Workers
from igaku.io.locks import writes
from igaku.plans.chain_checks import checked_steps
from igaku.plans.chain_file import beside, read_chain
from igaku.plans.chain_report import write_report
from igaku.plans.chain_stages import ask_all, stages_of
from igaku.plans.chain_train import Work
from igaku.plans.tasks import contents_of
from igaku.steps import Steps


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
    tasks = [replace(t, **beside(t, base)) for t in chain.tasks]
    contents_of(tasks)  # a question or a prompt that is not there is found before anything is trained
    work = Work(steps, chain, base, contaminated)
    work = work._replace(checked=checked_steps(work))
    if chain.corpus:
        corpus = build(chain.corpus, steps.out / "corpus", workers, base=base, say=say, redo=redo)
        work = work._replace(documents=corpus.documents)
    stages = stages_of(work)
    return write_report(steps, chain.about or Path(name).stem, stages, ask_all(steps, tasks, stages))
