"""What every network shares: weights as safetensors, read without running code; the device, and the precision."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from igaku.errors import IgakuError
from igaku.io.safetensors_file import tensor_names

if TYPE_CHECKING:
    import torch
    from torch import nn

Module = TypeVar("Module", bound="nn.Module")


def write_weights(module: "nn.Module", file: Path) -> None:
    """Write all of a module's tensors."""
    from safetensors.torch import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in module.state_dict().items()}, file)


def read_weights(module: Module, file: Path, prefix: str = "", renamed: Mapping[str, str] | None = None) -> Module:
    """The module with the file's tensors.

    Args:
        prefix: only tensors whose names begin with it, which is cut off.
        renamed: part of a name in older files -> part of the name today.

    Raises:
        IgakuError: the file is not found, damaged, or its tensors do not fit.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    tensor_names(file)
    try:
        tensors = {_today(k, renamed): v for k, v in load_file(file).items()}
        own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        module.load_state_dict(own, assign=True)
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise IgakuError(f"{file}: weights cannot be read ({str(error).splitlines()[0][:160]})") from None
    return module


def _today(name: str, renamed: Mapping[str, str] | None) -> str:
    for old, new in (renamed or {}).items():
        name = name.replace(old, new)
    return name


def meta_device() -> "torch.device":
    """A context in which modules are built without values; ``read_weights`` gives them, which saves drawing them."""
    import torch

    return torch.device("meta")


def bf16_autocast(kind: str, enabled: bool | None = None) -> AbstractContextManager[object]:
    """Matrix products in bfloat16 on a GPU; the loss and the weights stay float32. A processor gains nothing from it.

    Args:
        kind: the device's type, ``cuda`` or ``cpu``.
        enabled: on or off whatever the device.
    """
    import torch

    return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" if enabled is None else enabled)


def device() -> str:
    """``cuda`` if there is a GPU, else ``cpu``."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
