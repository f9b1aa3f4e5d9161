"""Ask an engine about documents, with a journal like an evaluation's: cut off, it goes on, and no answer is asked for twice."""

from collections.abc import Callable, Iterable
from pathlib import Path

from igaku.engines import Engine
from igaku.engines.base import require
from igaku.errors import IgakuError
from igaku.io.hashing import digest
from igaku.question import Answer, Message, Reply, Request
from igaku.runs.journal import Journal, read_replies, sane
from igaku.runs.reply_keys import key_of


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
    asked = list(requests)
    if len({name for name, _ in asked}) < len(asked):
        raise IgakuError("two documents have one id; give each its own (`id`)")
    require(engine, {r.ask for _, r in asked})
    made = {}
    for name, request in asked:
        key = key_of(
            engine.identity, request, bench=f"corpus-{what}", lang="", question=name, prompt=what, order="original"
        )
        made[key] = (name, request)
    before = read_replies(journal) if journal.exists() else ()
    have = {r.key: r.answer for r in before if r.answer.finish != "error"}
    todo = [(key, name, r) for key, (name, r) in made.items() if key not in have]
    with Journal(journal) as file:
        for i, answer in engine.answer([r for _, _, r in todo]):
            key, name, request = todo[i]
            have[key] = sane(answer)
            file.append(Reply(
                key=key, model=engine.identity.model, bench=f"corpus-{what}", lang="", id=name, prompt=what, ask=request.ask,
                answer=have[key], prompt_hash=digest(request.prompt.encode()),
            ))  # fmt: skip
            if on_reply:
                on_reply(len([k for k in made if k in have]), len(made))
    return {name: have[key] for key, (name, _) in made.items() if key in have}


def as_turn(engine: Engine, text: str) -> str:
    """A prompt as the model's own chat text where it has a chat template."""
    return engine.chat([Message("user", text)]) if engine.identity.chat_template else text
