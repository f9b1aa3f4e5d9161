"""Ask an engine about documents, with a journal like an evaluation's: what is answered is not asked for again."""

from collections.abc import Iterable
from pathlib import Path

from igaku.corpus.progress import Progress, Say
from igaku.engines import Engine
from igaku.engines.base import require
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request
from igaku.runs.ask import ask, job, pending
from igaku.runs.journal import Journal


def ask_all(
    engine: Engine, what: str, requests: Iterable[tuple[str, Request]], journal: Path, say: Say = lambda _: None
) -> dict[str, Answer]:
    """The answer to each request by its document's id; one that the engine failed on is asked again while the step is
    not done.

    Args:
        what: ``label`` or ``instruct``; with the request and the engine's identity it makes the reply's key.
        journal: an append-only file beside the step's output.

    Raises:
        IgakuError: two documents have one id, or as the engine does; whatever was answered before is kept.
    """
    pairs = list(requests)
    jobs = {
        name: job(engine, request, bench=f"corpus-{what}", lang="", id=name, prompt=what) for name, request in pairs
    }
    if len(jobs) < len(pairs):
        raise IgakuError("two documents have the same id; give each its own (`id`)")
    require(engine, {request.kind for _, request in pairs})
    with Journal(journal) as file:
        progress = Progress(f"{what}: documents", len(pending(jobs.values(), file)), say)
        replies = ask(engine, list(jobs.values()), file, on_reply=lambda reply, tokens: progress.add())
    return {name: replies[one.key].answer for name, one in jobs.items() if one.key in replies}


def as_turn(engine: Engine, text: str) -> str:
    """A prompt as the model's own chat text where it has a chat template."""
    return engine.chat([Message("user", text)]) if engine.identity.chat_template else text
