"""What an input may take, and what it may touch."""

import os
import resource
import sys
from pathlib import Path

SECONDS = 20.0
"""Processor time above which an input hangs."""
CLOCK = 60.0
"""Seconds by the clock above which an input hangs, whatever it waits for; other work on the machine counts here."""
BYTES = 4 * 2**30
"""Memory of its own that a process may write; what needs more is a fault."""


def limit_memory() -> None:
    """End what takes more than ``BYTES`` with a MemoryError."""
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))  # not of addresses: V8 reserves a thousand gigabytes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def processor_time(pid: int) -> float:
    """Seconds of processor time that a process and its ended children have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def forget_peak() -> None:
    """The peak of memory counts from now."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Most memory of this process since ``forget_peak``, or of one of its children, in bytes."""
    status = Path("/proc/self/status").read_text()
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


class Touched:
    """What a process touches that no file should make it touch: files outside, other machines, pickles, shells."""

    EVENTS = ("pickle.find_class", "os.system", "os.exec", "os.startfile")

    def __init__(self, inside: tuple[str, ...]) -> None:
        self._inside = tuple(os.path.realpath(i) for i in inside)
        self.found: list[str] = []
        sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[object, ...]) -> None:
        if event == "open" and len(args) > 2 and isinstance(args[0], str) and isinstance(args[2], int):
            if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._write(args[0])
        elif event == "socket.connect":
            self._connect(args[1])
        elif event in self.EVENTS:
            self.found.append(f"{event} {str(args)[:100]}")

    def _write(self, name: str) -> None:
        path = os.path.realpath(name)
        if not path.startswith((*self._inside, "/dev/", "/proc/")):
            self.found.append(f"writes {path}")

    def _connect(self, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else ""
        if host and host not in ("127.0.0.1", "::1", "localhost"):
            self.found.append(f"connects to {address}")
