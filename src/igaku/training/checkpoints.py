"""Checkpoints of a run: written by the trainer, one folder an update; only a whole one is gone on from."""

import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.json_values import read_object
from igaku.io.rows import need


class Checkpoints:
    """``checkpoint/`` of a run: ``checkpoint-STEP`` folders, and ``state.json``, which names the last whole one.

    Args:
        fingerprint: of recipe and data; a checkpoint of another one is refused.
    """

    def __init__(self, out: Path, fingerprint: str) -> None:
        self.out, self.folder, self._fingerprint = out, out / "checkpoint", fingerprint
        self._state = self.folder / "state.json"

    def last(self) -> str | None:
        """The folder to go on from; None to begin.

        Raises:
            IgakuError: it is of another recipe or other data, or damaged.
        """
        if not self._state.exists():
            return None
        state = read_object(self._state, "a checkpoint's state")
        if state.get("mark") != self._fingerprint:
            raise IgakuError(f"{self.out}: holds a run with another recipe or other data; give another --out")
        folder = self._of(need(state, "step", int, str(self._state)))
        if not (folder / "trainer_state.json").is_file():
            raise IgakuError(f"{self.folder}: damaged ({folder.name} is not in it); remove it to begin again")
        return str(folder)

    def written(self, step: int, wanted: Collection[int]) -> None:
        """The checkpoint of an update is whole; those that nobody wants are removed."""
        write_whole(self._state, json.dumps({"step": step, "mark": self._fingerprint}))
        names = {self._of(s).name for s in wanted}
        for folder in self.folder.glob("checkpoint-*"):
            if folder.name not in names:
                shutil.rmtree(folder, ignore_errors=True)

    def load(self, trainer: Any, step: int) -> None:
        """Put the weights of an update into the trainer's model."""
        trainer.state.best_model_checkpoint = str(self._of(step))
        trainer._load_best_model()

    def _of(self, step: int) -> Path:
        return self.folder / f"checkpoint-{step}"
