"""Checkpoints: trained weights and the optimizer's state as safetensors, written whole or not at all.

A run that was killed goes on from the last one as if it had not been.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError
from igaku.io.json_values import read_object
from igaku.io.rows import need
from igaku.io.safetensors_file import tensor_names

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


class Log:
    """``log.jsonl``: one line an update; lines after the checkpoint are dropped when a run goes on."""

    def __init__(self, path: Path, upto: int) -> None:
        self.path = path
        lines = [line for line in _lines(path) if json.loads(line)["step"] <= upto]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")

    def append(self, row: Mapping[str, object]) -> None:
        """Write one line now."""
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log, without a line that was cut off."""
    return [json.loads(line) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def save(
    out: Path, step: int, weights: "Mapping[str, Tensor]", optimizer: "Optimizer", names: list[str], fingerprint: str
) -> None:
    """Write ``checkpoint/``; the one before is removed when the new one is whole.

    Args:
        step: updates done.
        names: of the optimizer's parameters, in its order.
        fingerprint: of recipe and data; a checkpoint is read only where it is the same.

    Raises:
        IgakuError: the disk is full; the checkpoint before is kept.
    """
    partial, target, old = out / "checkpoint.partial", out / "checkpoint", out / "checkpoint.old"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write(partial, step, weights, optimizer, names, fingerprint)
    except Exception as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) or "No space" in str(error) or "I/O error" in str(error):
            raise IgakuError(
                f"{out}: cannot write a checkpoint ({error}); the one before is kept: "
                "free space and give the same command again"
            ) from None
        raise
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _write(
    folder: Path, step: int, weights: "Mapping[str, Tensor]", optimizer: "Optimizer", names: list[str], fingerprint: str
) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    save_file({n: p.detach().contiguous().clone() for n, p in weights.items()}, folder / "weights.safetensors")
    moments: dict[str, Tensor] = {}
    for index, values in optimizer.state_dict()["state"].items():
        moments |= {f"{names[index]}|{k}": _tensor(v) for k, v in values.items()}
    save_file(moments, folder / "optimizer.safetensors")
    (folder / "state.json").write_text(json.dumps({"step": step, "mark": fingerprint}))


def load(out: Path, weights: "Mapping[str, Tensor]", optimizer: "Optimizer", names: list[str], fingerprint: str) -> int:
    """Put the last checkpoint into the model and the optimizer; the updates done then, 0 where there is none.

    Raises:
        IgakuError: it is of another recipe or other data, or damaged.
    """
    import torch
    from safetensors.torch import load_file

    folder = next((f for f in (out / "checkpoint", out / "checkpoint.old") if (f / "state.json").exists()), None)
    if folder is None:
        return 0
    state = read_object(folder / "state.json", "a checkpoint's state")
    if state.get("mark") != fingerprint:
        raise IgakuError(f"{out}: holds a run with another recipe or other data; give another --out")
    step = need(state, "step", int, str(folder / "state.json"))
    files = {name: folder / f"{name}.safetensors" for name in ("weights", "optimizer")}
    held = {name: tensor_names(file) for name, file in files.items()}
    foreign = {key.rpartition("|")[0] for key in held["optimizer"]} - set(names)
    if missing := weights.keys() - held["weights"] or foreign:
        raise IgakuError(f"{folder}: damaged ({min(missing)} is missing, or not the model's); remove it to begin again")
    stored = load_file(files["weights"])
    with torch.no_grad():
        for name, p in weights.items():
            p.copy_(stored[name])
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in load_file(files["optimizer"]).items():
        name, _, kind = key.rpartition("|")
        moments.setdefault(names.index(name), {})[kind] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(step)


def _tensor(value: object) -> "Tensor":
    import torch

    return value.detach().contiguous().clone() if isinstance(value, torch.Tensor) else torch.tensor(value)
