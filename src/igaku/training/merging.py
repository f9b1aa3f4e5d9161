"""Merge models of one base: linear, TIES (Yadav et al. 2023), DARE-TIES (Yu et al. 2024), and a small evolutionary
search.

JPharmatron-7B was merged so, with the chat ability of its base's instruct model (2505.16661; densities and weights are
not published). The three methods are fifty lines on safetensors, read one tensor at a time.
"""

import math
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from igaku._version import __version__
from igaku.errors import IgakuError, UnknownNameError, missing_extra
from igaku.io.files import write_bytes, write_json, write_whole
from igaku.io.hashing import file_sha256
from igaku.io.json_values import fault
from igaku.io.safetensors_file import tensor_names
from igaku.provenance import Origin, inherited, stamp
from igaku.steps import RECORD, Steps
from igaku.training.card import RESEARCH_ONLY, facts, front_matter, licence_of, warning

if TYPE_CHECKING:
    from torch import Tensor

METHODS = ("linear", "ties", "dare-ties")
NOT_COPIED = ("train.json", "igaku.json", "merge.json", RECORD)
"""JSON files of the base that say how the base was made."""
Say = Callable[[str], None]


class Member(Struct, frozen=True):
    """One model to merge: its folder, weight, and the share of its changes that is kept."""

    folder: Path
    weight: float = 1.0
    density: float = 0.5


class Part(Struct, omit_defaults=True):
    """A model that went into a merge, as ``merge.json`` has it."""

    folder: str
    files: dict[str, str]
    """File of weights -> SHA-256."""
    weight: float | None = None
    density: float | None = None


class Merged(Struct, kw_only=True):
    """``merge.json``: everything needed to check, or repeat, a merge."""

    igaku: str = __version__
    base: Part
    method: str
    seed: int
    members: list[Part]


def merge(
    base: str | Path,
    members: Sequence[Member],
    out: str | Path,
    method: str = "ties",
    seed: int = 0,
    *,
    say: Say = lambda _: None,
    redo: bool = False,
) -> Path:
    """Write base + merged changes as safetensors, with the base's tokenizer and configuration, and a card.

    The same call again does nothing.

    Args:
        base: the folder that all members started from.
        members: folders of whole models, or of adapters, which are put into the base first.
        redo: merge again where the inputs have changed, instead of refusing.

    Raises:
        IgakuError: a member is not of this base (another shape), or has no safetensors; or ``out`` was merged from
            other inputs.
    """
    base, out = Path(base), Path(out)
    _check(base, members, out, method)
    merged = Merged(
        base=Part(base.name, weight_files(base)),
        method=method,
        seed=seed,
        members=[Part(m.folder.name, weight_files(m.folder), m.weight, m.density) for m in members],
    )

    def do(folder: Path) -> Path:
        with whole_models(base, members) as models:
            _write(base, models, folder, method, seed)
        contaminated = inherited(base, *(m.folder for m in members))
        stamp(folder, Origin({}, ["merge"], contaminated))
        write_json(folder / "merge.json", merged)
        write_whole(folder / "README.md", merge_card(out.name, merged, contaminated))
        return folder

    inputs = msgspec.to_builtins(merged)
    del inputs["igaku"]
    return Steps(out.parent, say, redo=redo).run(out.name, inputs, do, lambda folder: folder, what="merge")


def _check(base: Path, members: Sequence[Member], out: Path, method: str) -> None:
    if method not in METHODS:
        raise UnknownNameError("merge method", method, METHODS)
    for m in members:
        if m.weight <= 0 or not 0 < m.density <= 1:
            raise IgakuError(
                f"{m.folder}: weight {m.weight:g}, density {m.density:g}; "
                "a weight is above 0, a density above 0 and at most 1"
            )
    if not members or out.resolve() in {base.resolve(), *(m.folder.resolve() for m in members)}:
        raise IgakuError(f"{out}: give at least one member, and a folder of its own for the result")


def weight_files(folder: Path) -> dict[str, str]:
    """File -> SHA-256 of a model's or adapter's weights.

    Raises:
        IgakuError: the folder holds no safetensors.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise IgakuError(f"{folder}: no safetensors found; merge needs folders of whole models, or adapters")
    return {file.name: file_sha256(file) for file in files}


def _write(base: Path, members: Sequence[Member], out: Path, method: str, seed: int) -> None:
    """The merged weights and the base's other files."""
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise missing_extra("safetensors", "hf") from None
    start, readers = Weights(base), [Weights(m.folder) for m in members]
    merged = {}
    for name in sorted(start.names):
        tensor = start.tensor(name)
        changes = [_change(r, m, name, tensor, base) for r, m in zip(readers, members)]
        total = tensor.float() + combined(changes, members, method, f"{seed}/{name}")
        merged[name] = total.to(tensor.dtype).contiguous()
    save_file(merged, out / "model.safetensors", metadata={"format": "pt"})
    for file in base.iterdir():
        is_wanted = file.suffix in (".json", ".txt", ".model", ".jinja") and "index" not in file.name
        if is_wanted and file.name not in NOT_COPIED:
            write_bytes(out / file.name, file.read_bytes())


def _change(reader: "Weights", member: Member, name: str, start: "Tensor", base: Path) -> "Tensor":
    if name not in reader.names or reader.shape(name) != list(start.shape):
        raise IgakuError(
            f"{member.folder}: {name} is missing or has another shape than in {base}; merge only models of one base"
        )
    return reader.tensor(name).float() - start.float()


def combined(changes: "Sequence[Tensor]", members: Sequence[Member], method: str, seed: str) -> "Tensor":
    """The one change that stands for all.

    ``linear``: the weighted mean. ``ties``: of each change only the largest entries, then only those whose sign is that
    of the weighted sum, averaged. ``dare-ties``: entries dropped by chance and the rest enlarged, instead of the
    smallest dropped.
    """
    import torch

    weights = [m.weight for m in members]
    if method == "linear":
        mean = sum((w * c for w, c in zip(weights, changes)), torch.zeros_like(changes[0]))
        return mean / sum(weights)
    sparse = [
        dared(c, m.density, f"{seed}/{i}") if method == "dare-ties" else trimmed(c, m.density)
        for i, (c, m) in enumerate(zip(changes, members))
    ]
    if len(members) == 1:  # nothing to agree with: the weight scales the change
        return weights[0] * sparse[0]
    weighted = torch.stack([w * c for w, c in zip(weights, sparse)])
    sign = weighted.sum(0).sign()
    agree = (weighted.sign() == sign) & (sign != 0)
    share = (torch.tensor(weights).view(-1, *[1] * sign.dim()) * agree).sum(0)
    return (weighted * agree).sum(0) / torch.clamp(share, min=1e-8) * (share > 0)


def trimmed(change: "Tensor", density: float) -> "Tensor":
    """The largest entries by size; the rest 0."""
    n = max(1, round(density * change.numel()))
    if n >= change.numel():
        return change
    least = change.abs().flatten().kthvalue(change.numel() - n + 1).values
    return change * (change.abs() >= least)


def dared(change: "Tensor", density: float, seed: str) -> "Tensor":
    """Entries that are kept by chance, divided by the chance."""
    import torch

    rng = torch.Generator().manual_seed(random.Random(seed).getrandbits(60))
    return change * (torch.rand(change.shape, generator=rng) < density) / density


def merge_card(name: str, merged: Merged, contaminated: str) -> str:
    """The card of a merged model."""
    rows = {
        "base / 元のモデル": f"`{merged.base.folder}`",
        "licence / ライセンス": f"{licence_of(merged.base.folder)}; and those of the members / および各モデルのもの",
        "method / 方法": f"{merged.method}, seed {merged.seed}",
        "versions / 版": f"igaku {merged.igaku}",
    }
    members = [
        f"| `{m.folder}` | {m.weight:g} | {m.density:g} | {', '.join(f'`{sha[:12]}`' for sha in m.files.values())} |"
        for m in merged.members
    ]
    lines = [
        front_matter(merged.base.folder, "transformers"),
        f"# {name}",
        warning(contaminated),
        RESEARCH_ONLY,
        "",
        *facts(rows),
        "| member / モデル | weight / 重み | density / 密度 | SHA-256 |",
        "|---|---|---|---|",
        *members,
        "",
        "Everything in `merge.json`.",
    ]
    return "\n".join(lines) + "\n"


Score = Callable[[Path], float]
"""The folder of a merged model → its score on a development benchmark; higher is better."""


def search(
    base: Path,
    members: Sequence[Member],
    score: Score,
    *,
    method: str = "ties",
    seed: int = 0,
    generations: int = 3,
    on_trial: Callable[[float, list[Member]], None] | None = None,
) -> list[Member]:
    """Members with the weights and densities whose merged model scores best.

    Args:
        score: never of the benchmark that will be reported.
        on_trial: called with the score and the members of each trial.
    """
    with whole_models(base, members) as models, tempfile.TemporaryDirectory() as scratch:
        folders = {model.folder: member.folder for model, member in zip(models, members)}

        def score_of(trial: list[Member]) -> float:
            folder = Path(scratch, "model")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _write(base, trial, folder, method, seed)
            reached = score(folder)
            if on_trial:
                on_trial(reached, [replace(m, folder=folders[m.folder]) for m in trial])
            return reached

        _, best = evolve(score_of, models, generations)
    return [replace(m, folder=folders[m.folder]) for m in best]


def evolve(
    score: Callable[[list[Member]], float], start: Sequence[Member], generations: int = 4, size: int = 6, seed: int = 0
) -> tuple[float, list[Member]]:
    """(score, members) with the best weights and densities: (1 + size) evolution with steps that shrink.

    Args:
        score: higher is better; never of the benchmark that will be reported.
    """
    rng = random.Random(seed)
    best = list(start)
    top, step = score(best), 0.4
    for _ in range(generations):
        for trial in [[_moved(m, step, rng) for m in best] for _ in range(size)]:
            reached = score(trial)
            if reached > top:
                top, best = reached, trial
        step *= 0.7
    return top, best


def _moved(m: Member, step: float, rng: random.Random) -> Member:
    weight = max(0.05, m.weight + rng.gauss(0, step))
    return Member(m.folder, weight, min(1.0, max(0.1, m.density + rng.gauss(0, step / 2))))


@contextmanager
def whole_models(base: Path, members: Sequence[Member]) -> Iterator[list[Member]]:
    """The members with each adapter's folder replaced by one of a whole model, which is removed at the end.

    Nothing is stored beside an adapter: it may change, or be merged into another base.
    """
    with tempfile.TemporaryDirectory() as scratch:
        yield [replace(m, folder=_whole(base, m.folder, Path(scratch, str(i)))) for i, m in enumerate(members)]


def _whole(base: Path, folder: Path, target: Path) -> Path:
    if not (folder / "adapter_config.json").exists():
        return folder
    try:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
    except ImportError:
        raise missing_extra("peft", "hf") from None
    from igaku.engines.hf_weights import whole
    from igaku.engines.model_files import check_folder

    for one in (base, folder):
        check_folder(one)
    try:
        loaded = whole(AutoModelForCausalLM, str(base), dtype=torch.float32, use_safetensors=True)
        network: Any = PeftModel.from_pretrained(loaded, str(folder)).merge_and_unload()
    except IgakuError:
        raise
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{folder}: no adapter of {base} that peft can load ({fault(error)})") from None
    network.save_pretrained(target, safe_serialization=True)
    return target


class Weights:
    """Tensors of a folder of safetensors, read one at a time."""

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open

        for name in weight_files(folder):
            tensor_names(folder / name)
        opened: list[Any] = [safe_open(f, framework="pt") for f in sorted(folder.glob("*.safetensors"))]
        self._files = {name: f for f in opened for name in f.keys()}  # noqa: SIM118

    @property
    def names(self) -> set[str]:
        """Names of all tensors."""
        return set(self._files)

    def shape(self, name: str) -> list[int]:
        """The shape of one tensor, without reading it."""
        return list(self._files[name].get_slice(name).get_shape())

    def tensor(self, name: str) -> "Tensor":
        """One tensor."""
        tensor: Tensor = self._files[name].get_tensor(name)
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)


def read_members(texts: Sequence[str]) -> list[Member]:
    """Members from ``FOLDER``, ``FOLDER:WEIGHT`` or ``FOLDER:WEIGHT:DENSITY``.

    Raises:
        IgakuError: a text is written otherwise.
    """
    return [_read_member(text) for text in texts]


def _read_member(text: str) -> Member:
    folder, *numbers = text.split(":")
    try:
        values = [float(n) for n in numbers]
    except ValueError:
        values = [math.nan] * 3
    if len(values) > 2:
        raise IgakuError(f"{text!r}: write FOLDER, FOLDER:WEIGHT or FOLDER:WEIGHT:DENSITY")
    return Member(Path(folder), *values)
