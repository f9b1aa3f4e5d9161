"""Whether everything that a command asks was answered before, found without loading the model.

A run notes, for each command that came to its end, the keys of its replies under a fingerprint of all that they depend
on (``igaku.runs.fingerprint``). The same command again finds its fingerprint, and nothing is loaded. Whatever differs,
be it one byte of the weights, gives another fingerprint, and the model is loaded as ever: what is noted saves time, and
never stands for another model's replies.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from igaku.engines.base import Engine
from igaku.engines.spec import EngineSpec, as_spec
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.hashing import digest
from igaku.io.json_values import decode
from igaku.runs.fingerprint import fingerprint
from igaku.runs.plan import Part, Plan, Work
from igaku.runs.seal import file_hash
from igaku.runs.store import Run

FILE = "finished.json"
MOST = 20
"""Commands that a run remembers, the latest."""


class Ended(Struct, kw_only=True):
    """A command that came to its end."""

    keys: list[str]
    """Of all that it asks."""
    run: str
    """Hash of ``run.json`` and ``questions.jsonl`` at its end: keys of questions, and judges, change these later."""


class Finished(Struct, kw_only=True):
    """``finished.json``."""

    commands: dict[str, Ended] = {}
    """Fingerprint -> the command."""


class Command:
    """One command on a run's folder.

    Args:
        model: a name or spec, with ``settings`` as of ``EngineSpec``; of an engine that is built nothing is noted.
        suite: the suite's label, where one is asked.
    """

    def __init__(
        self,
        model: str | EngineSpec | Engine,
        parts: Sequence[Part],
        out: Path,
        settings: Mapping[str, object],
        suite: str = "",
    ) -> None:
        self._out, self._keys = out, dict[str, None]()
        self._fingerprint = ""
        if isinstance(model, str | EngineSpec):
            self._fingerprint = fingerprint(as_spec(model, **settings), parts, suite)

    def finished(self, retry_errors: bool) -> Plan | None:
        """The plan with nothing left to ask, where every reply is there; None where the model must be loaded."""
        ended = _read(self._out).commands.get(self._fingerprint) if self._fingerprint else None
        if ended is None or ended.run != _hash(self._out):
            return None
        run = Run(self._out)
        found = [run.replies.get(key) for key in ended.keys]
        if not found or any(r is None or (retry_errors and r.answer.finish == "error") for r in found):
            return None
        return Plan(prompts=len(found), done=len(found), tokens=0, new_tokens=0, notes=list(run.manifest.notes))

    def add(self, work: Work) -> None:
        """Work that it has carried out."""
        self._keys |= dict.fromkeys(one.key for one in work.jobs)

    def end(self) -> None:
        """Note it, if all of its replies are there."""
        if not self._fingerprint or not self._keys or not self._keys.keys() <= Run(self._out).replies.keys():
            return
        before = {name: ended for name, ended in _read(self._out).commands.items() if name != self._fingerprint}
        ended = Ended(keys=sorted(self._keys), run=_hash(self._out))
        latest = [*before.items(), (self._fingerprint, ended)][-MOST:]
        write_json(self._out / FILE, Finished(commands=dict(latest)))


def _read(out: Path) -> Finished:
    """What is noted; nothing where the file cannot be read, which costs time alone."""
    try:
        return decode(out / FILE, Finished, "a note of finished commands") if (out / FILE).is_file() else Finished()
    except IgakuError:
        return Finished()


def _hash(out: Path) -> str:
    files = [out / "run.json", out / "questions.jsonl"]
    return digest(" ".join(file_hash(f) if f.is_file() else "" for f in files).encode())
