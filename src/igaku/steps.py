"""Steps that are done once: each in a folder of its own, with a fingerprint of everything that went in.

The same inputs again: nothing is done. Cut off in the middle: the step is called again in its folder and goes on.
Other inputs: refused with a line that names the change, or, with ``redo``, done anew. A folder with other things in
it is never touched. Corpora, training chains and ECG plans all stand on this, so that one policy holds everywhere.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.hashing import file_sha256

RECORD = "step.json"
T = TypeVar("T")


class Record(Struct, kw_only=True):
    """``step.json`` in a step's folder: what went in, and whether the step has ended."""

    fingerprint: str
    done: bool
    igaku: str = __version__
    inputs: object


class Steps:
    """The steps of one ``--out`` folder.

    Args:
        out: the folder; a step ``train/age`` stands in ``out/train/age``.
        say: called with a line for the user as each step begins, or is found done.
        redo: do a step anew where its inputs have changed, instead of refusing.
    """

    def __init__(self, out: Path, say: Callable[[str], None] = lambda _: None, *, redo: bool = False) -> None:
        self.out, self.say, self.redo = out, say, redo
        self.fingerprints: dict[str, str] = {}

    def run(
        self,
        name: str,
        inputs: object,
        do: Callable[[Path], T],
        load: Callable[[Path], T],
        what: str = "",
        *,
        grows: bool = False,
    ) -> T:
        """The result of a step, which is done now unless it was done from the same inputs.

        Args:
            inputs: plain data or structs; of files their hashes (``hashes``), never their paths alone.
            do: does it in the given folder; called again there where it was cut off.
            load: reads back what a step that is done has left.
            what: for the user, instead of the name.
            grows: the step only adds to its folder (a journal of replies), so that other inputs go on in it.

        Raises:
            IgakuError: the step was done from other inputs, or its folder holds something else.
        """
        folder = self.out / name
        plain = msgspec.json.decode(msgspec.json.encode(inputs, enc_hook=str))
        mine = self.fingerprints[name] = fingerprint(plain)
        before = read_record(folder)
        if before and before.fingerprint == mine and before.done:
            self.say(f"{what or name}: already done")
            return load(folder)
        if not (grows and before):
            self._make_room(folder, name, before, plain, mine)
        self.say(what or name)
        write_json(folder / RECORD, Record(fingerprint=mine, done=False, inputs=plain))
        result = do(folder)
        write_json(folder / RECORD, Record(fingerprint=mine, done=True, inputs=plain))
        return result

    def _make_room(self, folder: Path, name: str, before: Record | None, inputs: object, mine: str) -> None:
        if before is None:
            if folder.is_dir() and any(folder.iterdir()):
                raise IgakuError(f"{folder}: holds files that step {name} did not write; give another --out")
        elif before.fingerprint != mine:
            has_begun = before.done or any(f.name != RECORD for f in folder.iterdir())
            if has_begun and not self.redo:
                change = difference(before.inputs, inputs)
                raise IgakuError(
                    f"{folder}: was made from other inputs ({change}); "
                    "give another --out, or --redo to do this step and what follows from it again"
                )
            shutil.rmtree(folder)


def fingerprint(inputs: object) -> str:
    """16 hex digits over everything that went in."""
    return hashlib.sha256(msgspec.json.encode(inputs, order="sorted", enc_hook=str)).hexdigest()[:16]


def hashes(files: Iterable[Path]) -> dict[str, str]:
    """File name -> SHA-256, as inputs of a step."""
    return {str(file): file_sha256(file) for file in files}


def read_record(folder: Path) -> Record | None:
    """A step's record; None where no step has begun here, or what stands there is none of ours."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def difference(before: object, now: object, at: str = "") -> str:
    """The first place in which two inputs differ, as ``settings.weight: 1.0, now 0.5``."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(k for k in now if k not in before)]:
            if before.get(key) != now.get(key):
                return difference(before.get(key), now.get(key), f"{at}.{key}" if at else str(key))
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for i, (one, other) in enumerate(zip(before, now)):
            if one != other:
                return difference(one, other, f"{at}[{i}]")
    return f"{at or 'all'}: {_short(before)}, now {_short(now)}"


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
