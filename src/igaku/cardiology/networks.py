"""What every network here shares: weights as safetensors, read without running anything and refused in one line where they do not fit; where it runs, and how exactly."""

from pathlib import Path
from typing import Any

from igaku.errors import IgakuError


def write_weights(module: Any, file: Path) -> None:
    """All of a torch module's tensors."""
    from safetensors.torch import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in module.state_dict().items()}, file)


def read_weights(module: Any, file: Path, part: str = "") -> Any:
    """The module with the file's tensors, or with those whose names begin with ``part``.

    Raises:
        IgakuError: not there, damaged, or of another shape.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = {k.removeprefix(part): v for k, v in load_file(file).items() if k.startswith(part)}
        module.load_state_dict(found, assign=True)
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise IgakuError(f"{file}: weights that cannot be read ({str(error).splitlines()[0][:160]})") from None
    return module


def empty() -> Any:
    """Networks made within have no numbers yet; ``read_weights`` gives them, so that drawing first ones by chance costs no time."""
    import torch

    return torch.device("meta")


def half(kind: str, enabled: bool | None = None) -> Any:
    """bfloat16 where a GPU multiplies; the loss and the weights stay float32. A processor gains nothing from it."""
    import torch

    return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" if enabled is None else enabled)


def device() -> str:
    """A GPU if there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
