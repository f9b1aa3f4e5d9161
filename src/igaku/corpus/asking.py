"""Ask an engine about documents, with a journal like an evaluation's: cut off, it goes on, and no answer is asked for twice."""

from collections.abc import Callable, Iterable
from pathlib import Path

from igaku.engines import Engine
from igaku.engines.base import require
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Reply, Request
from igaku.runs.ask import ask, job, pending
from igaku.runs.journal import Journal


def ask_all(
    engine: Engine,
    what: str,
    requests: Iterable[tuple[str, Request]],
    journal: Path,
    on_reply: Callable[[int, int], None] | None = None,
) -> dict[str, Answer]:
    """The answer to each request by its document's id; engine errors are asked again the next time.

    Args:
        what: ``label`` or ``instruct``; with the request and the engine's identity it makes the reply's key.
        journal: an append-only file beside the step's output.
        on_reply: called with (answered, all) after each.
    """
    jobs = {
        name: job(engine, request, bench=f"corpus-{what}", lang="", id=name, prompt=what)
        for name, request in _unique(requests)
    }
    require(engine, {one.request.kind for one in jobs.values()})
    with Journal(journal) as file:
        done = len(jobs) - len(pending(jobs.values(), file))

        def count(reply: Reply, tokens: int) -> None:
            nonlocal done
            done += 1
            if on_reply:
                on_reply(done, len(jobs))

        replies = ask(engine, list(jobs.values()), file, on_reply=count)
    return {name: replies[one.key].answer for name, one in jobs.items() if one.key in replies}


def _unique(requests: Iterable[tuple[str, Request]]) -> list[tuple[str, Request]]:
    pairs = list(requests)
    if len({name for name, _ in pairs}) < len(pairs):
        raise IgakuError("two documents have one id; give each its own (`id`)")
    return pairs


def as_turn(engine: Engine, text: str) -> str:
    """A prompt as the model's own chat text where it has a chat template."""
    return engine.chat([Message("user", text)]) if engine.identity.chat_template else text
