"""Plans: what a YAML file says is done step by step, each step once. One command runs every kind."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from igaku.configs import YAML_SUFFIXES, config_text
from igaku.errors import IgakuError
from igaku.io.locks import writes
from igaku.io.yaml_files import read_yaml

Say = Callable[[str], None]


class Options(NamedTuple):
    """How a plan is run."""

    say: Say
    redo: bool
    changes: Sequence[str]
    workers: str | int
    contaminated: bool


@writes("out")
def run_plan(
    file: str,
    out: str | Path,
    *,
    say: Say = lambda _: None,
    redo: bool = False,
    changes: Sequence[str] = (),
    workers: str | int = 1,
    contaminated: bool = False,
) -> Path:
    """Run a plan of any kind, which its fields say; the page to read.

    Args:
        file: a YAML file, or the name of a built-in chain.
        redo: do the steps whose inputs have changed again, instead of refusing.
        changes: ``NAME=VALUE`` for the plan's fields.
        workers: processes of a corpus's steps, or ``ray``.
        contaminated: of a chain: train on data that did not go through decontamination.

    Raises:
        IgakuError: no kind of plan has these fields, or as the plan's steps do. What is done stays done.
    """
    kind = kind_of(file)
    if contaminated and kind != "training chain":
        raise IgakuError(f"{file}: --contaminated is for a training chain; this plan is of the kind: {kind}")
    if str(workers) != "1" and kind not in ("corpus", "training chain"):
        raise IgakuError(f"{file}: --workers is for a corpus or a training chain; this plan is of the kind: {kind}")
    return KINDS[kind].run(file, Path(out), Options(say, redo, changes, workers, contaminated))


def kind_of(file: str) -> str:
    """The kind of a plan, by its fields.

    Raises:
        IgakuError: the file cannot be read, or no kind has these fields.
    """
    raw = read_yaml(config_text("plan", file, __package__, "chains"), file)
    fields = set(raw) if isinstance(raw, dict) else set()
    for kind, (required, _) in KINDS.items():
        if set(required) <= fields:
            return kind
    kinds = "; ".join(f"{kind}: {' + '.join(required)}" for kind, (required, _) in KINDS.items())
    found = f"the fields {', '.join(sorted(map(str, fields)))}" if fields else "no fields"
    raise IgakuError(f"{file}: no kind of plan has {found}; the kinds are {kinds}")


def _suite(file: str, out: Path, options: Options) -> Path:
    from igaku.plans.evaluation import run_suite

    return run_suite(file, out, say=options.say, redo=options.redo, changes=options.changes)


def _corpus(file: str, out: Path, options: Options) -> Path:
    from igaku.corpus.pipeline import build

    build(file, out, options.workers, say=options.say, redo=options.redo, changes=options.changes)
    return out / "MANIFEST.md"


def _chain(file: str, out: Path, options: Options) -> Path:
    from igaku.plans.chain import run_chain

    return run_chain(
        file,
        out,
        contaminated=options.contaminated,
        workers=options.workers,
        say=options.say,
        redo=options.redo,
        changes=options.changes,
    )


def _ecg(file: str, out: Path, options: Options) -> Path:
    from igaku.cardiology.ecg import plan

    if not file.endswith(YAML_SUFFIXES):
        raise IgakuError(f"{file}: give the plan's .yaml file")
    return plan.run(Path(file), out, options.say, redo=options.redo, changes=options.changes)


class Kind(NamedTuple):
    """A kind of plan: the fields that it is recognised by, and how it is run."""

    required: tuple[str, ...]
    run: Callable[[str, Path, Options], Path]


KINDS: Mapping[str, Kind] = {
    "evaluation suite": Kind(("models", "tasks"), _suite),
    "training chain": Kind(("train", "evaluate"), _chain),
    "ECG experiment": Kind(("records",), _ecg),
    "corpus": Kind(("sources",), _corpus),
}
