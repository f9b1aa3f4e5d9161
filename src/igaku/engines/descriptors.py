"""File descriptors: each request under way takes one, and systems give a process few."""

import errno
import resource
from pathlib import Path

from igaku.errors import IgakuError

TOO_FEW = (errno.EMFILE, errno.ENFILE)
SPARE = 8
"""Descriptors that are left for everything but requests: the journal, its lock, modules, a host's name."""


def room_for(wanted: int) -> int:
    """How many of N requests may be under way at once; the process's own limit is raised as far as it may be.

    Raises:
        IgakuError: not one.
    """
    used = _used()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = used + wanted + 4 * SPARE
    if soft != resource.RLIM_INFINITY and soft < most:
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft - used - SPARE)
    if room < 1:
        raise too_few()
    return room


def too_few() -> IgakuError:
    """The line for a process that may open no more files."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return IgakuError(
        f"too many open files: this process may have {limit}; raise it (ulimit -n 1024) and give the same command "
        "again; what was answered is kept"
    )


def _used() -> int:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return sum(1 for _ in Path(folder).iterdir())
        except OSError as error:
            if error.errno in TOO_FEW:
                raise too_few() from None
    return 16
