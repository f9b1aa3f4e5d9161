"""One writer a folder: a lock of the kernel's, which ends with its process, and a line that says who holds it.

The lock lies on a small file, ``.igaku.lock`` in the folder that is filled, or ``.NAME.lock`` beside a file or folder
that is replaced as a whole. It holds command, process, host and time, for the line that a second writer gets. The file
is removed at the end; one that a kill has left is locked by nobody, and the next writer takes it over. Where no file
can be made (a read-only or full disk), the folder itself is locked.
"""

import fcntl
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from igaku.errors import IgakuError
from igaku.io.files import FULL, unwritable

P = ParamSpec("P")
T = TypeVar("T")
LOCK = ".igaku.lock"
"""Name of the file in a folder that is filled."""
SAYS_FULL = tuple(os.strerror(number) for number in FULL)
LONGEST = 400
"""Bytes read of a lock file, and characters of a command in it."""


class _Held(NamedTuple):
    fd: int
    thread: int
    target: Path
    goes_on: bool


_held: dict[str, _Held] = {}
"""Lock file -> what this process holds, the outermost first."""


@contextmanager
def writing(target: Path, *, goes_on: bool = True, beside: bool = False, wait: float = 0.0) -> Iterator[None]:
    """Be the only process that writes ``target`` while the block runs; nested calls for one target are one lock.

    Errors of a full disk that name no file get the target's name.

    Args:
        target: a folder that is filled; with ``beside`` a file, or a folder that is replaced as a whole.
        goes_on: whether the same command goes on after an interrupt, or begins again.
        wait: seconds to wait for the other writer, where both write shortly.

    Raises:
        IgakuError: another process, or another thread of this one, is writing there; or the disk is full.
    """
    file = target.with_name(f".{target.name}.lock") if beside else target / LOCK
    name = os.path.realpath(file)
    again = (mine := _held.get(name)) and mine.thread == threading.get_ident()
    if again or os.environ.get("RANK", "0") not in ("", "0"):  # of torchrun's processes the first holds the lock
        with _named(target):
            yield
        return
    if beside and target.exists() and not (target.is_file() or target.is_dir()):  # a device or a pipe
        yield
        return
    created = _make(target.parent if beside else target)
    fd = -1
    try:
        fd = _take(file, target, wait)
        _held[name] = _Held(fd, threading.get_ident(), target, goes_on)
        with _named(target):
            yield
    finally:
        if fd >= 0:
            _held.pop(name, None)
            _release(fd, file)
        for folder in created:
            with suppress(OSError):
                folder.rmdir()


def writes(parameter: str, *, goes_on: bool = True, beside: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A function that writes what one of its parameters names (a path, or something with one): ``writing`` while it
    runs."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        order = list(signature(function).parameters)

        @wraps(function)
        def locked(*args: P.args, **kwargs: P.kwargs) -> T:
            given = (dict(zip(order, args)) | kwargs).get(parameter)
            if given is None:
                return function(*args, **kwargs)
            with writing(Path(str(getattr(given, "path", given))), goes_on=goes_on, beside=beside):
                return function(*args, **kwargs)

        return locked

    return decorate


def promise() -> str:
    """What an interrupt at this moment leaves, as the end of a sentence; empty where nothing is written."""
    first = next(iter(_held.values()), None)
    if first is None:
        return ""
    if first.goes_on:
        return f"; what is done is kept in {first.target}, and the same command goes on from there"
    return f"; {first.target} is as it was before, and the same command begins again"


def _make(folder: Path) -> list[Path]:
    """Make a folder; those that did not exist, the innermost first, so that they can be removed where nothing came."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise IgakuError(f"{folder}: is no folder, nor can one be made of that name; give another --out") from None
    return missing


def _take(file: Path, target: Path, wait: float) -> int:
    """A descriptor that holds the lock.

    Raises:
        IgakuError: another one holds it for longer than ``wait`` seconds.
    """
    until = time.monotonic() + wait
    while True:
        fd = _open(file, target)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = _who(fd)
            os.close(fd)
            if time.monotonic() >= until:
                raise IgakuError(
                    f"{target}: another igaku is writing here{who}; wait for it, or give another --out"
                ) from None
            time.sleep(0.05)
            continue
        except OSError:  # a file system without locks: the journal and whole files protect what is written
            return fd
        if _is_there(fd, file):
            _sign(fd)
            return fd
        os.close(fd)  # the one before has removed the file in between


def _open(file: Path, target: Path) -> int:
    """The lock file, or where it cannot be made or is no plain file, the target or its folder."""
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):  # another user's file can only be read
        try:
            fd = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
        except OSError:
            continue
        status = os.fstat(fd)
        if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
            return fd
        os.close(fd)
    nearest = next(one for one in (target, *target.parents) if one.exists())
    return os.open(nearest, os.O_RDONLY | os.O_NONBLOCK)


def _is_there(fd: int, file: Path) -> bool:
    """Whether a locked lock file still has its name; of a folder, which stands for it, always."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        return True
    try:
        return os.path.samestat(status, file.lstat())
    except OSError:
        return status.st_nlink > 0


def _sign(fd: int) -> None:
    """Write who holds the lock; on a full disk nobody is named."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        return
    text = "\n".join([command(), str(os.getpid()), os.uname().nodename, time.strftime("%Y-%m-%d %H:%M:%S")])
    with suppress(OSError):
        os.ftruncate(fd, 0)
        os.pwrite(fd, text.encode("utf-8", "replace"), 0)


def command() -> str:
    """This process in few words, without its options: ``igaku ecg convert``."""
    words = [Path(sys.argv[0] if sys.argv else "").name or "python"]
    if words[0] == "__main__.py":
        words = ["igaku"]
    for word in sys.argv[1:3]:
        if word.startswith("-") or not word.replace("-", "").isalnum():
            break
        words.append(word)
    return " ".join(words)[:LONGEST]


def _who(fd: int) -> str:
    try:
        parts = os.pread(fd, LONGEST, 0).decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    if len(parts) != 4:
        return ""
    return f" ({parts[0]}, process {parts[1]} on {parts[2]}, since {parts[3]})"


def _release(fd: int, file: Path) -> None:
    if stat.S_ISREG(os.fstat(fd).st_mode) and _is_there(fd, file):
        with suppress(OSError):
            file.unlink()
    os.close(fd)


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Errors of a full disk that name no file, with the target's name."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            error.filename = str(target)
        raise
    except IgakuError:
        raise
    except Exception as error:
        reason = next((says for says in SAYS_FULL if says in str(error)), "")
        if not reason:
            raise
        raise IgakuError(unwritable(target, reason)) from None


def _forget() -> None:
    """In a forked process: the locks are its parent's alone, and end with it."""
    for held in _held.values():
        with suppress(OSError):
            os.close(held.fd)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
