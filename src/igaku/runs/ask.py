"""Ask an engine, and keep every answer: the one place where evaluation, judging, contamination probes and the corpus
ask.

A reply that the journal holds is not asked for again; one where the engine failed is, if wanted. Cut off at any
instant, the same call goes on from there.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from igaku.engines.base import Engine
from igaku.io.hashing import digest
from igaku.question import Answer, Reply, Request
from igaku.runs.budgets import fitted
from igaku.runs.journal import Journal, sanitize
from igaku.runs.reply_keys import key_of
from igaku.runs.times import write_time
from igaku.thinking import opens, split

OnReply = Callable[[Reply, int], None]
"""Called after a reply is kept, with its number of tokens."""


class Job(NamedTuple):
    """One request, and the reply it becomes: complete but for its answer."""

    request: Request
    reply: Reply
    least: int = 0
    """Tokens that its answer needs in any case: a longer length is brought down to what the context leaves
    (``igaku.runs.budgets``); 0: the length is not touched."""

    @property
    def key(self) -> str:
        """The reply's key."""
        return self.reply.key


def job(
    engine: Engine,
    request: Request,
    *,
    bench: str,
    lang: str,
    id: str,
    prompt: str,
    about: str = "",
    shots: int = 0,
    order: str = "original",
    permutation: tuple[int, ...] = (),
    sample: int = 0,
    keep_prompt: bool = True,
    least: int = 0,
) -> Job:
    """A request with its key and what its reply answers.

    Args:
        about: what the key stands for, where it is not the question's id (a reply that is judged).
        keep_prompt: whether the run keeps its prompts, which the reply then points to by their hash.
        least: ``Job.least``.
    """
    key = key_of(
        engine.identity,
        request,
        bench=bench,
        lang=lang,
        question=about or id,
        prompt=prompt,
        order=order,
        sample=sample,
    )
    reply = Reply(
        key=key,
        model=engine.identity.model,
        bench=bench,
        lang=lang,
        id=id,
        prompt=prompt,
        shots=shots,
        order=order,
        permutation=permutation,
        sample=sample,
        kind=request.kind,
        answer=Answer(),
        prompt_hash=digest(request.prompt.encode()) if keep_prompt else "",
    )
    return Job(request, reply, least)


def pending(jobs: Iterable[Job], journal: Journal, *, retry_errors: bool = True) -> list[Job]:
    """The jobs that are not answered yet, or whose engine failed and which are to be asked again."""
    replies = journal.replies

    def is_open(one: Job) -> bool:
        before = replies.get(one.key)
        return before is None or (retry_errors and before.answer.finish == "error")

    return [one for one in jobs if is_open(one)]


def ask(
    engine: Engine, jobs: Sequence[Job], journal: Journal, *, retry_errors: bool = True, on_reply: OnReply | None = None
) -> dict[str, Reply]:
    """The reply to each job, by key; one that cannot be had yet (the engine stopped early) is left out.

    Raises:
        IgakuError: as the engine does; whatever was answered before is kept.
    """
    todo = pending(jobs, journal, retry_errors=retry_errors)
    for i, answer in engine.answer(fitted(engine, [one.request for one in todo], [one.least for one in todo])):
        reply = replace(todo[i].reply, answer=sanitize(_without_thinking(answer, todo[i].request, engine)))
        journal.append(reply)
        if took := getattr(engine, "took", {}).pop(i, None):
            write_time(journal.path.parent, reply.key, took)
        if on_reply:
            on_reply(reply, answer.prompt_tokens + answer.new_tokens)
    return {one.key: journal.replies[one.key] for one in jobs if one.key in journal.replies}


def _without_thinking(answer: Answer, request: Request, engine: Engine) -> Answer:
    """Thinking apart from the text, for an engine that leaves both in one."""
    if request.kind != "text" or not answer.text or answer.thinking or getattr(engine, "splits_thinking", False):
        return answer
    spoken = split(answer.text, opens(request.prompt))
    if not (spoken.thinking or spoken.cut):
        return answer
    finish = "length" if spoken.cut and answer.finish == "stop" else answer.finish
    return replace(answer, text=spoken.answer, thinking=spoken.thinking, finish=finish)
