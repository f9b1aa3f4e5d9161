"""Tensors of somebody else's checkpoint: safetensors, or torch's own format read without running code in it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from igaku.errors import IgakuError
from igaku.io.json_values import fault
from igaku.io.read import regular
from igaku.io.safetensors_file import tensor_names

if TYPE_CHECKING:
    from torch import Tensor, nn

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Entries in which checkpoints hold their tensors, beside optimizers and settings."""
CONVERT = (
    "write its tensors as safetensors where you trust it: "
    "safetensors.torch.save_file(torch.load(FILE, weights_only=False)['model'], OUT)"
)
Renaming = Sequence[tuple[str, str]]
"""(pattern of a published name, ours); the first that fits a whole name counts."""


def checkpoint_tensors(file: Path) -> "dict[str, Tensor]":
    """Tensors by their published names.

    Raises:
        IgakuError: not a checkpoint, damaged, or it holds more than tensors, numbers and texts.
    """
    regular(file)
    with file.open("rb") as opened:
        start = opened.read(16)
    if file.suffix == ".safetensors" or start[8:9] == b"{":
        from safetensors.torch import load_file

        tensor_names(file)
        return dict(load_file(file))
    return _torch_tensors(file)


def _torch_tensors(file: Path) -> "dict[str, Tensor]":
    import pickle

    import torch

    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        what = f"Python objects ({named[1]})" if named else "what is no tensor, or is damaged"
        raise IgakuError(f"{file}: holds {what}, which could run code and is not loaded; {CONVERT}") from None
    except (RuntimeError, EOFError, ValueError, OSError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise IgakuError(f"{file}: no checkpoint of torch ({fault(error)})") from None
    for name in WRAPPERS:
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            found = found[name]
            break
    tensors = {str(k): v for k, v in found.items() if torch.is_tensor(v)} if isinstance(found, dict) else {}
    if not tensors:
        raise IgakuError(f"{file}: holds no tensors under {', '.join(WRAPPERS)}")
    return tensors


def fill(module: "nn.Module", file: Path, title: str, anchor: str, renaming: Renaming, ignored: Sequence[str]) -> None:
    """Fill a module with a checkpoint's tensors, every one of it.

    Args:
        title: of the encoder, for errors.
        anchor: a published name that only this encoder has; what stands before it is a prefix of all its names, and
            names without that prefix belong to other parts (a decoder, a head).
        renaming: published names -> ours.
        ignored: patterns of published names that the encoder does not need.

    Raises:
        IgakuError: the file is of another model, or lacks tensors, has others, or some of another shape.
    """
    tensors = checkpoint_tensors(file)
    own = _own(tensors, anchor)
    if not own:
        raise IgakuError(f"{file}: no checkpoint of {title} (no tensor {anchor}); its first is {_first(tensors)}")
    found = {_renamed(k, renaming): v for k, v in own.items() if not any(re.fullmatch(p, k) for p in ignored)}
    found = _with_whole_weights(found)
    wanted = module.state_dict()
    for kind, names in (("lacks", wanted.keys() - found.keys()), ("has also", found.keys() - wanted.keys())):
        if names:
            raise IgakuError(
                f"{file}: {kind} {len(names)} tensors, the first {_first(names)}; no checkpoint of {title}"
            )
    for name, tensor in found.items():
        if tensor.shape != wanted[name].shape:
            raise IgakuError(
                f"{file}: {name} is of shape {list(tensor.shape)}, {title} has {list(wanted[name].shape)}; "
                "another size of it?"
            )
        if not tensor.is_floating_point() or not tensor.isfinite().all():
            raise IgakuError(f"{file}: {name} holds values that are no numbers; damaged")
    module.load_state_dict({k: v.float() for k, v in found.items()}, assign=True)


def _own(tensors: "Mapping[str, Tensor]", anchor: str) -> "dict[str, Tensor]":
    ends = sorted((k.removesuffix(anchor) for k in tensors if k == anchor or k.endswith(f".{anchor}")), key=len)
    return {k.removeprefix(ends[0]): v for k, v in tensors.items() if k.startswith(ends[0])} if ends else {}


def _first(names: "Sequence[str] | Mapping[str, object] | set[str]") -> str:
    return sorted(names)[0][:80]


def _renamed(name: str, renaming: Renaming) -> str:
    for pattern, ours in renaming:
        if match := re.fullmatch(pattern, name):
            return match.expand(ours)
    return name


def _with_whole_weights(tensors: "dict[str, Tensor]") -> "dict[str, Tensor]":
    """Weights that are stored as length and direction (weight norm over the last axis) put together."""
    out = dict(tensors)
    for name in [k for k in tensors if k.endswith(".length")]:
        stem = name.removesuffix(".length")
        if (direction := out.pop(f"{stem}.direction", None)) is not None:
            length = out.pop(name)
            out[stem] = direction * (length / direction.norm(dim=(0, 1), keepdim=True))
    return out
