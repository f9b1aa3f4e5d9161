"""Replies that were cut off before they answered: how many, and what to set so that they are not."""

from collections.abc import Iterator

from igaku.question import Reply
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run
from igaku.statistics import Cell


def cut_notes(run: Run) -> list[str]:
    """One line a block in which replies were cut before an answer; it names the setting to change."""
    notes = []
    for cell in run.cells:
        task = next((t for t in run.manifest.tasks if _of(t) == _of(cell) and t.bench == cell.benchmark), None)
        if cell.truncated and task:
            longest = max((r.answer.new_tokens for r in _cut(run, task)), default=0)
            after = f", the longest after {longest:,} tokens" if longest else ""
            notes.append(
                f"{cell.truncated:,} replies to {cell.prompt} ({cell.language}) were cut off before they "
                f"answered{after}: {_setting(run, task, longest)}"
            )
    return list(dict.fromkeys(notes))


def _of(one: TaskRun | Cell) -> tuple[str, str, str, int, str, str]:
    lang = one.lang if isinstance(one, TaskRun) else one.language
    return one.model, lang, one.prompt, one.shots, one.order, one.question_format


def _cut(run: Run, task: TaskRun) -> Iterator[Reply]:
    found = (run.replies[k] for k in task.reply_keys() if k in run.replies)
    return (r for r in found if r.kind == "text" and r.answer.finish == "length")


def _setting(run: Run, task: TaskRun, longest: int) -> str:
    """The limit that was met: the run's own, the engine's context, or the server's."""
    wanted, identity = task.sampling.max_tokens, run.manifest.identity
    if longest >= wanted or not longest:
        return f"give --max-tokens {2 * wanted} (now {wanted}) and another --out"
    if identity and identity.engine == "openai":
        return "that is the server's own limit or context; serve it with a longer one, or give --max-tokens"
    return "the context was full: give a longer one with --context, and another --out"
