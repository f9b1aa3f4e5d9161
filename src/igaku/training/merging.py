"""Merge models of one base: linear, TIES (Yadav et al. 2023), DARE-TIES (Yu et al. 2024), and a small evolutionary search over the weights.

JPharmatron-7B was merged so, with the chat ability of its base's instruct model (2505.16661; densities and weights are not published). mergekit was not taken: it pins
transformers below 5, and the three methods are fifty lines on safetensors, read one tensor at a time.
"""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from igaku.errors import IgakuError, UnknownNameError, missing_extra
from igaku.io.files import write_whole
from igaku.provenance import Origin, inherited, stamp

METHODS = ("linear", "ties", "dare-ties")


class Member(Struct, frozen=True):
    """One model to merge: its folder, weight, and the share of its changes that stays."""

    folder: Path
    weight: float = 1.0
    density: float = 0.5


def merge(base: str | Path, members: Sequence[Member], out: str | Path, method: str = "ties", seed: int = 0) -> Path:
    """Write base + merged changes as safetensors, with the base's tokenizer and configuration.

    Args:
        base: the folder all members started from.
        members: folders of whole models, or of adapters, which are put into the base first.

    Raises:
        IgakuError: a member is not of this base (another shape), or has no safetensors.
    """
    if method not in METHODS:
        raise UnknownNameError("merge method", method, METHODS)
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise missing_extra("safetensors", "hf") from None
    base, out = Path(base), Path(out)
    for m in members:
        if m.weight <= 0 or not 0 < m.density <= 1:
            raise IgakuError(
                f"{m.folder}: weight {m.weight:g}, density {m.density:g}; a weight is above 0, a density above 0 and at most 1"
            )
    if not members or out.resolve() in {base.resolve(), *(m.folder.resolve() for m in members)}:
        raise IgakuError(f"{out}: give at least one member, and a folder of its own for the result")
    readers = [Weights(base), *(Weights(whole(base, m.folder)) for m in members)]
    merged = {}
    for name in sorted(readers[0].names):
        start = readers[0].tensor(name)
        changes = []
        for member, reader in zip(members, readers[1:]):
            if name not in reader.names or reader.shape(name) != list(start.shape):
                raise IgakuError(
                    f"{member.folder}: {name} is missing or has another shape than in {base}; merge only models of one base"
                )
            changes.append(reader.tensor(name).float() - start.float())
        merged[name] = (
            (start.float() + combined(changes, members, method, f"{seed}/{name}")).to(start.dtype).contiguous()
        )
    out.mkdir(parents=True, exist_ok=True)
    stamp(out, Origin({}, ["merge"], inherited(base, *(m.folder for m in members))))
    save_file(merged, out / "model.safetensors", metadata={"format": "pt"})
    for file in base.iterdir():
        if (
            file.suffix in (".json", ".txt", ".model", ".jinja")
            and "index" not in file.name
            and file.name not in ("train.json", "igaku.json")
        ):
            shutil.copy(file, out / file.name)
    parts = [{"folder": m.folder.name, "weight": m.weight, "density": m.density} for m in members]
    write_whole(out / "merge.json", json.dumps({"method": method, "seed": seed, "members": parts}, indent=1) + "\n")
    return out


def combined(changes: Sequence[Any], members: Sequence[Member], method: str, seed: str) -> Any:
    """The one change that stands for all.

    ``linear``: the weighted mean. ``ties``: of each change only the largest entries, then only those whose sign is that of the weighted sum, averaged. ``dare-ties``:
    entries dropped by chance and the rest enlarged instead of the smallest dropped.
    """
    import torch

    weights = [m.weight for m in members]
    if len(members) == 1 and method != "linear":  # nothing to agree with: the weight scales the change
        thin = (
            dared(changes[0], members[0].density, f"{seed}/0")
            if method == "dare-ties"
            else trimmed(changes[0], members[0].density)
        )
        return weights[0] * thin
    if method == "linear":
        return sum(w * c for w, c in zip(weights, changes)) / sum(weights)
    thinned = [
        dared(c, m.density, f"{seed}/{i}") if method == "dare-ties" else trimmed(c, m.density)
        for i, (c, m) in enumerate(zip(changes, members))
    ]
    weighted = torch.stack([w * c for w, c in zip(weights, thinned)])
    sign = weighted.sum(0).sign()
    agree = (weighted.sign() == sign) & (sign != 0)
    share = sum(w * a for w, a in zip(weights, agree.float()))
    return (weighted * agree).sum(0) / torch.clamp(share, min=1e-8) * (share > 0)


def trimmed(change: Any, density: float) -> Any:
    """The largest entries by size; the rest 0."""
    kept = max(1, round(density * change.numel()))
    if kept >= change.numel():
        return change
    least = change.abs().flatten().kthvalue(change.numel() - kept + 1).values
    return change * (change.abs() >= least)


def dared(change: Any, density: float, seed: str) -> Any:
    """Entries kept by chance, divided by the chance."""
    import torch

    rng = torch.Generator().manual_seed(random.Random(seed).getrandbits(60))
    return change * (torch.rand(change.shape, generator=rng) < density) / density


def evolve(
    score: Callable[[list[Member]], float],
    start: Sequence[Member],
    generations: int = 4,
    size: int = 6,
    seed: int = 0,
    on_trial: Callable[[float, list[Member]], None] | None = None,
) -> tuple[float, list[Member]]:
    """Weights and densities that score best on a development benchmark: (1 + size) evolution with steps that shrink.

    Args:
        score: higher is better; never of the benchmark that will be reported.
    """
    rng = random.Random(seed)
    best = list(start)
    top, step = score(best), 0.4
    for _ in range(generations):
        for trial in [[_moved(m, step, rng) for m in best] for _ in range(size)]:
            reached = score(trial)
            if on_trial:
                on_trial(reached, trial)
            if reached > top:
                top, best = reached, trial
        step *= 0.7
    return top, best


def _moved(m: Member, step: float, rng: random.Random) -> Member:
    return Member(
        m.folder, max(0.05, m.weight + rng.gauss(0, step)), min(1.0, max(0.1, m.density + rng.gauss(0, step / 2)))
    )


def whole(base: Path, folder: Path) -> Path:
    """The folder itself; or, of an adapter, the folder with its base's weights and the adapter put into them."""
    if not (folder / "adapter_config.json").exists():
        return folder
    target = folder / "merged"
    if not (target / "config.json").exists():
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        network = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(str(base), dtype=torch.float32, use_safetensors=True), str(folder)
        )
        partial = folder / "merged.partial"
        stamp(_made(partial), Origin({}, ["merge"], inherited(base, folder)))
        network.merge_and_unload().save_pretrained(partial, safe_serialization=True)
        partial.rename(target)
    return target


def _made(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Weights:
    """Tensors of a folder of safetensors, read one at a time."""

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open

        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise IgakuError(f"{folder}: no safetensors there; merge needs folders of whole models, or adapters")
        self._open = [safe_open(f, framework="pt") for f in files]
        self._where = {name: f for f in self._open for name in f.keys()}  # noqa: SIM118

    @property
    def names(self) -> set[str]:
        """Names of all tensors."""
        return set(self._where)

    def shape(self, name: str) -> list[int]:
        """Of one tensor."""
        return list(self._where[name].get_slice(name).get_shape())

    def tensor(self, name: str) -> Any:
        """One tensor."""
        return self._where[name].get_tensor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)


def read_members(text: Sequence[str]) -> list[Member]:
    """From ``FOLDER``, ``FOLDER:WEIGHT`` or ``FOLDER:WEIGHT:DENSITY``."""
    out = []
    for t in text:
        folder, *numbers = t.split(":")
        try:
            if len(numbers) > 2:
                raise ValueError
            out.append(
                msgspec.convert(
                    {"folder": folder, **dict(zip(("weight", "density"), map(float, numbers)))},
                    Member,
                    dec_hook=lambda kind, x: Path(x),
                )
            )
        except (ValueError, msgspec.ValidationError):
            raise IgakuError(f"{t!r}: write FOLDER, FOLDER:WEIGHT or FOLDER:WEIGHT:DENSITY") from None
    return out
