"""Checkpoints: what is trained and the optimizer's memory as safetensors, written whole or not at all; a run that was
killed goes on as if it had not been."""

import json
import shutil
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError


class Log:
    """``log.jsonl``: one line an update; what comes after the checkpoint is cut off when a run goes on."""

    def __init__(self, path: Path, upto: int) -> None:
        self.path = path
        kept = [line for line in _lines(path) if json.loads(line)["step"] <= upto]
        path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")

    def append(self, row: dict[str, Any]) -> None:
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


def save(out: Path, step: int, weights: dict[str, Any], optimizer: Any, names: list[str], mark: str) -> None:
    """``checkpoint/`` holds the last one; the one before goes when it is whole.

    Raises:
        IgakuError: the disk is full; the checkpoint before is kept.
    """
    from safetensors.torch import save_file

    partial, target, old = out / "checkpoint.partial", out / "checkpoint", out / "checkpoint.old"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        save_file({n: p.detach().contiguous().clone() for n, p in weights.items()}, partial / "weights.safetensors")
        memory: dict[str, Any] = {}
        for index, kept in optimizer.state_dict()["state"].items():
            memory |= {f"{names[index]}|{k}": _tensor(v) for k, v in kept.items()}
        save_file(memory, partial / "optimizer.safetensors")
        (partial / "state.json").write_text(json.dumps({"step": step, "mark": mark}))
    except Exception as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) or "No space" in str(error) or "I/O error" in str(error):
            raise IgakuError(
                f"{out}: cannot write a checkpoint ({error}); the one before is kept: free space and "
                "give the same command again"
            ) from None
        raise
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def load(out: Path, weights: dict[str, Any], optimizer: Any, names: list[str], mark: str) -> int:
    """Put the last checkpoint into the model and the optimizer; the update it was made after, 0 where there is none.

    Raises:
        IgakuError: it is of another recipe or other data.
    """
    import torch
    from safetensors.torch import load_file

    folder = next((f for f in (out / "checkpoint", out / "checkpoint.old") if (f / "state.json").exists()), None)
    if folder is None:
        return 0
    state = json.loads((folder / "state.json").read_text())
    if state["mark"] != mark:
        raise IgakuError(f"{out}: holds a run with another recipe or other data; give another --out")
    stored = load_file(folder / "weights.safetensors")
    with torch.no_grad():
        for name, p in weights.items():
            p.copy_(stored[name])
    memory: dict[int, dict[str, Any]] = {}
    for key, value in load_file(folder / "optimizer.safetensors").items():
        name, _, kind = key.rpartition("|")
        memory.setdefault(names.index(name), {})[kind] = value
    optimizer.load_state_dict({"state": memory, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(state["step"])


def _tensor(value: Any) -> Any:
    import torch

    return value.detach().contiguous().clone() if isinstance(value, torch.Tensor) else torch.tensor(value)
