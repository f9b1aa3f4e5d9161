"""Steps that are done once: each in a folder of its own, with a fingerprint of everything that went in.

The same inputs again: nothing is done. Cut off in the middle: the step is called again in its folder and continues.
Other inputs: refused with a line that names the change, or, with ``redo``, done anew. A folder that holds other files
is never changed. Corpora, training chains and ECG plans all stand on this, so that one policy holds everywhere.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import TypeVar

import msgspec
from msgspec import Struct

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.io.files import write_json
from igaku.io.hashing import file_sha256
from igaku.io.json_values import FAULTS

RECORD = "step.json"
SHOWN = 60
"""Characters of a value in a message."""
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
        say: called with a line for the user when a step begins, or when it was done before.
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
        is_done: Callable[[T], bool] = lambda result: True,
    ) -> T:
        """The result of a step, which is done now unless it was done from the same inputs.

        Args:
            inputs: plain data or structs; of files their hashes (``hashes``), never their paths alone.
            do: does it in the given folder; called again there where it was cut off.
            load: reads back what a step that is done has left.
            what: shown to the user instead of the name.
            is_done: whether a result is complete; if not, the same call does the step again in its folder.
            grows: the step only adds to its folder (a journal of replies), so that other inputs go on in it.

        Raises:
            IgakuError: the step was done from other inputs, or its folder holds something else.
        """
        folder = self.out / name
        plain = msgspec.json.decode(_encoded(inputs))
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
        if is_done(result):
            write_json(folder / RECORD, Record(fingerprint=mine, done=True, inputs=plain))
        else:
            self.say(f"{what or name}: not complete; the same command again goes on")
        return result

    def _make_room(self, folder: Path, name: str, before: Record | None, inputs: object, mine: str) -> None:
        """Check that the step may write here, and with ``redo`` remove what it left before."""
        replaced = self.out / f".{name.replace('/', '-')}.replaced"
        shutil.rmtree(replaced, ignore_errors=True)  # left where an earlier --redo was cut off
        if before is None:
            _require_empty(folder, name)
        elif before.fingerprint != mine:
            started = before.done or any(f.name != RECORD for f in folder.iterdir())
            if started and not self.redo:
                change = difference(before.inputs, inputs)
                raise IgakuError(
                    f"{folder}: was made from other inputs ({change}); "
                    "give another --out, or --redo to do this step and what follows from it again"
                )
            folder.rename(replaced)  # in one piece: a half-removed folder would look like somebody else's
            shutil.rmtree(replaced)


def _require_empty(folder: Path, name: str) -> None:
    if not folder.is_dir():
        return
    if (folder / RECORD).exists():
        raise IgakuError(f"{folder / RECORD}: damaged; remove the folder to do step {name} again")
    if any(file.name != f"{RECORD}.partial" for file in folder.iterdir()):  # which a kill at the start leaves
        raise IgakuError(f"{folder}: holds files that step {name} did not write; give another --out")


def fingerprint(inputs: object) -> str:
    """16 hex digits over everything that went in."""
    return hashlib.sha256(_encoded(inputs)).hexdigest()[:16]


def _encoded(inputs: object) -> bytes:
    """Inputs as JSON bytes: keys and sets sorted, so that equal inputs have equal bytes in every process."""
    return msgspec.json.encode(inputs, order="sorted", enc_hook=_plain)


def _plain(value: object) -> object:
    """What JSON has no form for; the text of an object of any other type may change from process to process."""
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    raise TypeError(f"expected plain data, structs or paths as inputs of a step, got {type(value).__name__}")


def hashes(files: Iterable[Path]) -> dict[str, str]:
    """File name -> SHA-256, as inputs of a step."""
    return {str(file): file_sha256(file) for file in files}


def read_record(folder: Path) -> Record | None:
    """A step's record; None where no step has begun here, or where the file is damaged."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Record)
    except (OSError, *FAULTS):
        return None


_NOTHING = msgspec.UNSET
"""Stands for a value that one of two inputs does not have; None is a value like any other."""


def difference(before: object, now: object, at: str = "") -> str:
    """The first position at which two inputs (as decoded from JSON) differ, as ``settings.weight: 1.0, now 0.5``."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(k for k in now if k not in before)]:
            one, other = before.get(key, _NOTHING), now.get(key, _NOTHING)
            if not _same(one, other):
                return difference(one, other, f"{at}.{key}" if at else str(key))
    if isinstance(before, list) and isinstance(now, list):
        for i in range(max(len(before), len(now))):
            one, other = (side[i] if i < len(side) else _NOTHING for side in (before, now))
            if not _same(one, other):
                return difference(one, other, f"{at}[{i}]")
    return f"{at or 'inputs'}: {', now '.join(_both(before, now))}"


def _same(one: object, other: object) -> bool:
    """Equal as JSON: 1, 1.0 and true are three values, as they are in a fingerprint."""
    if one is _NOTHING or other is _NOTHING:
        return one is other
    return _encoded(one) == _encoded(other)


def _both(before: object, now: object) -> tuple[str, str]:
    """Two values as short texts, which differ where the values do."""
    one, other = _text(before), _text(now)
    same = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    start = max(0, same - SHOWN // 2) if max(len(one), len(other)) > SHOWN else 0
    return _cut(one, start), _cut(other, start)


def _text(value: object) -> str:
    if value is _NOTHING:
        return "nothing"
    return value if isinstance(value, str) and value not in ("", "nothing") else msgspec.json.encode(value).decode()


def _cut(text: str, start: int) -> str:
    return f"{'...' if start else ''}{text[start : start + SHOWN]}{'...' if len(text) > start + SHOWN else ''}"
