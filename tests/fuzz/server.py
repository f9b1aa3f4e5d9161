"""A server of a model that always says the same, in a process of its own, for commands that ask somebody."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..engines.stub import Act, Stub, completion

MODELS: dict[str, Any] = {"data": [{"id": "stub", "object": "model"}]}


def _act(path: str, body: dict[str, Any], n: int) -> Act:
    return MODELS if path == "/models" else completion("b")


@contextmanager
def server() -> Iterator[str]:
    """Its address while it runs; a fork leaves no thread of it in this process."""
    here, there = os.pipe()
    if not (pid := os.fork()):
        with suppress(BaseException):
            os.close(here)
            os.write(there, str(Stub(_act).port).encode())
            os.close(there)
            threading.Event().wait()
        os._exit(0)
    os.close(there)
    port = os.read(here, 16).decode()
    os.close(here)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
