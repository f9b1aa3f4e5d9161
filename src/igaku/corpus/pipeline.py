"""All steps of a corpus from one plan; each step in its own folder, and one page for a reviewer."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from igaku import configs
from igaku.corpus.clean import Clean
from igaku.corpus.decontaminate import Decontaminate
from igaku.corpus.dedup import Dedup
from igaku.corpus.filter import Filter
from igaku.corpus.instruct import Instruct
from igaku.corpus.manifest import DOCUMENTS, Manifest, page
from igaku.corpus.mix import Mix
from igaku.corpus.progress import Say
from igaku.corpus.sources import Source, gather
from igaku.corpus.steps import Step, Workers, run_step
from igaku.io.files import write_whole
from igaku.io.locks import writes

STEPS = ("sources", "clean", "dedup", "decontaminate", "filter", "instruct", "mix")


class Corpus(NamedTuple):
    """What ``build`` has done.

    Attributes:
        manifests: by step.
        documents: the files that a mix is drawn from: the last step's, and the pairs of ``instruct``.
    """

    manifests: dict[str, Manifest]
    documents: list[Path]


class Plan(Struct, kw_only=True, forbid_unknown_fields=True):
    """A corpus's YAML file. A step left out is not done, except ``decontaminate``, which always is."""

    sources: dict[str, Source]
    clean: Clean | None = None
    dedup: Dedup | None = None
    decontaminate: Decontaminate | None = None
    filter: Filter | None = None
    instruct: Instruct | None = None
    mix: Mix | None = None


def folder_of(step: str) -> str:
    """The name of a step's folder."""
    return f"{STEPS.index(step)}-{step}"


def read_plan(file: Path, changes: Sequence[str] = ()) -> Plan:
    """The plan in a YAML file, changed by ``NAME=VALUE``.

    Raises:
        IgakuError: it is not a plan; the line says which field.
    """
    return configs.read("corpus plan", file, Plan, changes)


@writes("out")
def build(
    plan: Plan | str | Path,
    out: str | Path,
    workers: Workers = 1,
    *,
    base: Path = Path(),
    say: Say = lambda _: None,
    redo: bool = False,
    changes: Sequence[str] = (),
) -> Corpus:
    """Do every step that is not done yet.

    Args:
        plan: a plan, or its YAML file.
        base: the folder that a plan's paths are relative to; of a file its own.
        redo: do the steps whose inputs or settings have changed again, instead of refusing.

    Raises:
        IgakuError: as the steps do. What is done stays done.
    """
    if not isinstance(plan, Plan):
        base = Path(plan).parent
        plan = read_plan(Path(plan), changes)
    work = _Build(Path(out), workers, say, redo)
    documents = work.record("sources", gather(plan.sources, work.folder("sources"), base, work.say, redo))
    for step in (plan.clean, plan.dedup, plan.decontaminate or Decontaminate(), _beside(plan.filter, base)):
        documents = work.do(step, documents) if step else documents
    pairs = work.do(plan.instruct, documents) if plan.instruct else []
    if plan.mix:
        work.do(plan.mix, [*documents, *pairs])
    write_whole(work.out / "MANIFEST.md", summary(work.manifests))
    return Corpus(work.manifests, [*documents, *pairs])


class _Build:
    """The steps of one folder."""

    def __init__(self, out: Path, workers: Workers, say: Say, redo: bool) -> None:
        self.out, self.workers, self.say, self.redo = out, workers, say, redo
        self.manifests: dict[str, Manifest] = {}

    def folder(self, name: str) -> Path:
        return self.out / folder_of(name)

    def do(self, step: Step, inputs: Iterable[Path]) -> list[Path]:
        """The step's documents."""
        folder = self.folder(step.name)
        manifest = run_step(step, inputs, folder, workers=self.workers, say=self.say, redo=self.redo)
        return self.record(step.name, manifest)

    def record(self, name: str, manifest: Manifest) -> list[Path]:
        self.manifests[name] = manifest
        self.say(f"{name}: {manifest.retained:,} of {manifest.read:,} documents kept")
        return [self.folder(name) / DOCUMENTS]


def _beside(step: Filter | None, base: Path) -> Filter | None:
    """A filter whose file of labels is relative to the plan."""
    return replace(step, labels=str(base / step.labels)) if step and step.labels else step


def summary(manifests: dict[str, Manifest]) -> str:
    """One page over all steps."""
    lines = [
        "# The corpus, step by step",
        "",
        "| step | read | kept | characters kept | dropped |",
        "|---|---|---|---|---|",
    ]
    for name, m in manifests.items():
        dropped = ", ".join(f"{r} {n:,}" for r, n in sorted(m.dropped.items(), key=lambda x: -x[1])) or "-"
        lines.append(f"| {name} | {m.read:,} | {m.retained:,} | {m.characters_retained:,} | {dropped} |")
    pages = [page(m).replace("\n## ", "\n### ").replace("# ", "## ", 1) for m in manifests.values()]
    return "\n".join(lines) + "\n\n" + "\n".join(pages)
