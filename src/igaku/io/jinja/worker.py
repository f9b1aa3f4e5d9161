"""A process that compiles and renders templates of others, within the time and the memory that it gave itself.

Each line on stdin is a job in JSON: ``source``, ``chat`` (whether it is a model's chat template), ``slots``, ``nonce``.
Each line on stdout is ``{"text": ...}`` or ``{"kind": ..., "message": ..., "line": ...}``. Jinja cannot bound what it
computes, so the system does: at the end of its time it ends this process, whatever it is in the middle of. It ends with
its parent too, as stdin does.
"""

import json
import resource
import signal
import sys
from typing import Any

from igaku.io.jinja.sandbox import FAULTS, compile_chat, compile_template, fault_of, render


def main(seconds: int, memory: int, longest: int) -> None:
    """Do jobs until there are no more.

    Args:
        seconds: of the processor's time, for one job.
        memory: bytes of this process.
        longest: characters of a text.
    """
    _bound(memory)
    known: dict[tuple[str, bool], Any] = {}
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(json.loads(line), known, longest)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _bound(memory: int) -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory if hard < 0 else min(memory, hard), hard))
    except (OSError, ValueError):
        return


def _answer(job: dict[str, Any], known: dict[tuple[str, bool], Any], longest: int) -> dict[str, object]:
    try:
        name = job["source"], bool(job["chat"])
        if name not in known:
            known[name] = (compile_chat if job["chat"] else compile_template)(job["source"])
        if job["slots"] is None:
            return {"text": ""}
        text = known[name].render(job["slots"]) if job["chat"] else render(known[name], job["slots"], job["nonce"])
        if len(text) > longest:
            return {"kind": "length", "message": f"{len(text):,} characters"}
        return {"text": text}
    except MemoryError:
        return {"kind": "memory", "message": ""}
    except FAULTS as error:
        return fault_of(error)
