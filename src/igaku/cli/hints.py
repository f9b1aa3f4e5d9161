"""After a run: where it is, the command to go on with, and replies that could not be read as they came."""

from collections.abc import Iterator

from igaku.question import Reply
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run
from igaku.statistics import Cell

SHOWN = 90
"""Characters of a reply that a hint shows."""
EXAMPLES = 2
LEAST = 3
"""Questions from which on it is worth saying that most could not be read."""


def hints(run: Run, replies: int) -> Iterator[str]:
    """Lines for the user, the next command last.

    Args:
        replies: how many came in this sitting; none where everything was answered before.
    """
    for cell in run.cells:
        yield from _unread(run, cell)
    if unjudged := sum(c.unanswered for c in run.cells if c.method == "rubric"):
        yield (
            f"{unjudged:,} answers wait for a judge: igaku judge {run.path} --judge MODEL, or for physicians: "
            f"igaku rate export {run.path}"
        )
    if not replies:
        yield f"nothing was asked; the quick look at what is there: igaku show {run.path}"
    yield f"kept in {run.path}; next: {_next(run)}"


def _next(run: Run) -> str:
    several = len({c.model for c in run.cells}) > 1
    first = f"igaku compare {run.path} (are differences real?)" if several else f"igaku view {run.path} (each reply)"
    parts = any(len(c.sections) > 1 for c in run.cells)
    return f"{first}, igaku show {run.path}{' --by section' * parts}"


def _unread(run: Run, cell: Cell) -> Iterator[str]:
    """Where most replies of a row could not be read: two of them, and what to change."""
    task = next((t for t in run.manifest.tasks if _is_of(t, cell)), None)
    if task is None or cell.n_asked < LEAST or 2 * cell.unparsed < cell.n_asked:
        return
    yield (
        f"{cell.unparsed:,} of {cell.n_asked:,} replies to {cell.prompt} could not be read by {cell.method}; "
        f"{_remedy(run, task)}"
    )
    written = (run.replies[key] for key in task.reply_keys() if key in run.replies)
    texts = [_text(reply) for reply in written if reply.kind == "text" and reply.answer.finish != "error"]
    yield from (f"  a reply: {text}" for text in list(dict.fromkeys(texts))[:EXAMPLES])


def _is_of(task: TaskRun, cell: Cell) -> bool:
    names = (task.model, task.bench, task.lang, task.prompt, task.shots, task.order)
    return names == (cell.model, cell.benchmark, cell.language, cell.prompt, cell.shots, cell.order)


def _remedy(run: Run, task: TaskRun) -> str:
    """A prompt of turns where the model knows turns; else fewer words to read."""
    identity = run.manifest.identity
    knows_turns = identity is not None and (identity.engine == "openai" or identity.chat_template)
    if knows_turns and "chat" not in task.prompt:
        return "this model knows turns: try --prompt chat and another --out"
    return "try --method letter-logprob (no text to read), --shots 4, or another --prompt, with another --out"


def _text(reply: Reply) -> str:
    flat = " ".join(reply.answer.text.split())
    return f"{flat[:SHOWN]} …" if len(flat) > SHOWN else flat or "(nothing)"
