"""Templates of others, rendered in a worker process that ends when it takes too long or too much.

The templates in igaku are rendered here, in this process, as they are our own; so asking with them takes no longer.
Those of users and of models run in one worker for all, started when the first is read.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from igaku.errors import IgakuError
from igaku.io.limits import limit, most_bytes, over

ROOT = Path(__file__).parents[3]
"""The folder that igaku is in."""
SCRIPT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from igaku.io.jinja.worker import main; main(*map(int, sys.argv[2:]))"
)
BASE = 256 << 20
"""Bytes that the worker takes by itself."""
PATIENCE = 4
"""How many times a worker's own time passes on a busy machine before it is ended from here."""
PASSED = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "VIRTUAL_ENV")
"""What the worker sees of the environment: no key."""
TOO_LONG = "TEMPLATE_SECONDS"
TOO_LARGE = "TEMPLATE_MB"


class Fault(NamedTuple):
    """Why there is no text: ``kind`` is ``syntax``, ``undefined``, ``sandbox`` or ``other``."""

    kind: str
    message: str
    line: int = 0


class Bounded:
    """A worker, started again after each template that broke it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def run(
        self, source: str, where: str, slots: Mapping[str, object] | None = None, nonce: str = "", chat: bool = False
    ) -> str | Fault:
        """A template's text, or what is wrong with it; without ``slots`` it is only compiled.

        Raises:
            IgakuError: it takes too long, or too much memory, or breaks the interpreter.
        """
        job = json.dumps({"source": source, "chat": chat, "slots": slots, "nonce": nonce}).encode() + b"\n"
        with self._lock:
            answer = self._answer(job)
            if not answer:
                raise self._broken(where)
        found = json.loads(answer)
        if "text" in found:
            return str(found["text"])
        if found["kind"] in ("length", "memory"):
            what = f"the template writes {found['message']}" if found["message"] else "the template takes more memory"
            raise over(where, what, TOO_LARGE)
        return Fault(found["kind"], " ".join(found["message"].split())[:300], found.get("line", 0))

    def _answer(self, job: bytes) -> bytes:
        """One line of the worker's; empty where it has ended."""
        if self._owner != os.getpid():  # a worker belongs to the process that started it, not to its children
            self._process, self._owner = None, os.getpid()
        process = self._process = self._process or self._start()
        assert process.stdin and process.stdout
        clock = threading.Timer(PATIENCE * limit(TOO_LONG), process.kill)
        clock.daemon = True
        clock.start()
        try:
            process.stdin.write(job)
            process.stdin.flush()
            return process.stdout.readline()
        except BrokenPipeError:
            return b""
        finally:
            clock.cancel()

    def _broken(self, where: str) -> IgakuError:
        process, self._process = self._process, None
        assert process
        code = process.wait()
        if code in (-signal.SIGPROF, -signal.SIGKILL):
            return over(where, "the template takes too long", TOO_LONG)
        return IgakuError(f"{where}: the template breaks its interpreter (exit {code}): it is too deep or too large")

    def _start(self) -> "subprocess.Popen[bytes]":
        limits = limit(TOO_LONG), BASE + 8 * most_bytes(TOO_LARGE), most_bytes(TOO_LARGE)
        env = {name: value for name in PASSED if (value := os.environ.get(name))}
        command = [sys.executable, "-c", SCRIPT, str(ROOT), *map(str, limits)]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            start_new_session=True,
        )
        atexit.register(_end, process)
        return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin:
        process.stdin.close()
    process.kill()
    process.wait()


bounded = Bounded()
