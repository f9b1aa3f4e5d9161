"""Ctrl-C, SIGTERM and SIGHUP: one line and the exit code that shells expect, at any moment and whatever runs.

While igaku is imported, a signal ends the process at once. Later the first one unwinds what runs
(``KeyboardInterrupt``, so that asyncio and ``with`` blocks close what they have open); a second one, an unwinding that
takes longer than ``PATIENCE`` or that something swallows, ends the process at once. Nothing is lost by that: files are
written whole or can be gone on with, as after a kill.

This module is the first that a command imports; it imports little itself.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 10.0
"""Seconds that unwinding may take."""


class _State:
    """What this process knows of signals."""

    def __init__(self) -> None:
        self.starting = True
        """Whether nothing runs yet, or nothing any more."""
        self.number = 0
        """The first signal that came."""
        self.line = "igaku: interrupted"
        self.before: dict[int, Any] = {}
        """Handlers that were replaced."""


_state = _State()


def take() -> None:
    """Handle signals from now on; those that are ignored (nohup) or that somebody else handles stay as they are."""
    _state.starting, _state.number, _state.line = True, 0, "igaku: interrupted"
    for number in SIGNALS:
        before = signal.getsignal(number)
        if before in (signal.SIG_DFL, signal.default_int_handler):
            try:
                signal.signal(number, _handle)
            except ValueError:  # not the main thread
                return
            _state.before[number] = before


def begin() -> None:
    """Everything is imported: signals unwind what runs."""
    _state.starting = False
    sys.unraisablehook = _unraisable


def end() -> None:
    """Nothing runs any more: a signal ends the process at once."""
    _state.starting = True


def give_back() -> None:
    """Let others handle signals again."""
    for number, before in _state.before.items():
        signal.signal(number, before)
    _state.before.clear()
    sys.unraisablehook = sys.__unraisablehook__


def came() -> bool:
    """Whether a signal has come."""
    return bool(_state.number)


def leave() -> NoReturn:
    """Print the line and end this process now, with 128 + the signal's number; threads and pools end with it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # a closed pipe, a full disk: there is nobody left to read
            continue
    _stop()


def _stop() -> NoReturn:
    """``leave`` without what was still to be printed, which another thread may be printing."""
    try:
        os.write(2, f"{_state.line}\n".encode(errors="replace"))
    except OSError:
        pass
    os._exit(128 + (_state.number or signal.SIGINT))


def _handle(number: int, frame: FrameType | None) -> None:
    if _state.number or _state.starting:
        _state.number = _state.number or number
        leave()
    _state.number = number
    from igaku.io.locks import promise

    _state.line = f"igaku: interrupted{promise()}"
    _wait_for_the_end()
    raise KeyboardInterrupt


def _wait_for_the_end() -> None:
    """End the process where unwinding takes too long."""
    import threading

    timer = threading.Timer(PATIENCE, _stop)
    timer.daemon = True
    timer.start()


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    """An interrupt inside a destructor or callback is swallowed by the interpreter: leave then."""
    if came():
        leave()
    sys.__unraisablehook__(found)


def _forget() -> None:
    """In a forked process signals do what they do by themselves: end it in silence."""
    for number in _state.before:
        signal.signal(number, signal.SIG_DFL)
    _state.before.clear()


os.register_at_fork(after_in_child=_forget)
