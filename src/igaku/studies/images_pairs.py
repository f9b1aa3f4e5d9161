"""Which blocks of two runs are the same model, asked the same questions in the same way, with pictures and without."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from igaku.engines.base import Identity
from igaku.errors import IgakuError
from igaku.question import Question
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run

_VISION = re.compile(r" vision(=\w+)?\b")
WAYS = ("prompt_hash", "shots", "examples", "order", "question_format", "sampling")
"""What two blocks must have in common beside model, benchmark, language and the prompt's name."""
SHOWN = 3


class Pair(NamedTuple):
    """One block with pictures, and the same without."""

    on: TaskRun
    off: TaskRun


def pairs_of(on: Run, off: Run) -> list[Pair]:
    """Every block whose pictures were sent in the first run, with its like in the second.

    Raises:
        IgakuError: there is none, or one of them differs in more than its pictures.
    """
    seeing = [t for t in on.manifest.tasks if t.images]
    blind = [t for t in off.manifest.tasks if not t.images]
    if not seeing:
        swapped = any(t.images for t in off.manifest.tasks)
        why = "give the run with pictures first" if swapped else "ask with --vision, of questions that have pictures"
        raise IgakuError(f"{on.path}: no pictures were sent in this run; {why}")
    if not blind:
        raise IgakuError(f"{off.path}: pictures were sent in this run too; the second run is asked without --vision")
    _check_model(on, off, seeing, blind)
    pairs = [Pair(one, other) for one in seeing for other in blind if _names(one) == _names(other)]
    if not pairs:
        raise IgakuError(
            f"{on.path} and {off.path} have no benchmark, language and prompt in common: "
            f"{_listed(seeing)} against {_listed(blind)}"
        )
    alike = [p for p in pairs if p.on.order == p.off.order and p.on.shots == p.off.shots] or pairs
    for pair in alike:
        _check_way(pair)
        _check_questions(pair, on, off)
    return alike


def _names(task: TaskRun) -> tuple[str, str, str, str, str]:
    return task.model, task.bench, task.lang, task.prompt, task.question_format


def _listed(tasks: Sequence[TaskRun]) -> str:
    return ", ".join(dict.fromkeys(f"{t.bench} {t.lang} {t.prompt}".strip() for t in tasks))


def _check_model(on: Run, off: Run, seeing: Sequence[TaskRun], blind: Sequence[TaskRun]) -> None:
    """Imported replies name their models, and nothing more is known of them; else everything must be equal."""
    mine, theirs = (dict.fromkeys(t.model for t in tasks) for tasks in (seeing, blind))
    if not set(mine) & set(theirs):
        raise IgakuError(
            f"not the same model: with pictures {_some(mine)} ({on.path}), without {_some(theirs)} ({off.path}); what "
            "differs between two models is not the pictures' doing"
        )
    a, b = (run.manifest.identity and without_eyes(run.manifest.identity) for run in (on, off))
    if (a is None) != (b is None):
        raise IgakuError(f"{on.path} and {off.path}: one is imported, so whether both are one model is not known")
    if a is None or b is None or a == b:
        return
    fields = [f for f in a.__struct_fields__ if getattr(a, f) != getattr(b, f)]
    differing = "; ".join(
        f"{f.replace('_', ' ')} {getattr(a, f) or 'none'} / {getattr(b, f) or 'none'}" for f in fields
    )
    hint = "; ask both with --api chat" if "completions" in a.settings + b.settings else ""
    raise IgakuError(f"{on.path} and {off.path} are not one model with one setting: {differing}{hint}")


def without_eyes(identity: Identity) -> Identity:
    """An identity without the setting that pictures are sent."""
    return replace(identity, settings=_VISION.sub("", identity.settings))


def _check_way(pair: Pair) -> None:
    for name in WAYS:
        a, b = getattr(pair.on, name), getattr(pair.off, name)
        if a != b:
            what = {"prompt_hash": f"version of prompt {pair.on.prompt}"}.get(name, name.replace("_", " "))
            raise IgakuError(
                f"{pair.on.bench} {pair.on.lang}: asked with another {what} without pictures ({_short(a)} / "
                f"{_short(b)}); ask both runs alike"
            )


def _check_questions(pair: Pair, on: Run, off: Run) -> None:
    where = f"{pair.on.bench} {pair.on.lang}"
    for more, fewer, what in ((pair.on, pair.off, "with"), (pair.off, pair.on, "without")):
        if only := [i for i in more.replies if i not in fewer.replies]:
            raise IgakuError(
                f"{where}: {len(only)} questions were asked only {what} pictures ({_some(only)}); ask both runs the "
                "same questions (the same --limit, --only, --text-only)"
            )
    for name in pair.on.replies:
        a, b = (run.questions[pair.on.bench, pair.on.lang, name] for run in (on, off))
        if _text(a) != _text(b):
            raise IgakuError(f"{where}: question {name} is not the same in both runs (its text, choices or key)")


def _text(question: Question) -> Question:
    """A question without where its pictures lie and what its source is called."""
    return replace(question, images=(), source="")


def _some(found: Sequence[str] | dict[str, None]) -> str:
    shown = list(found)
    return ", ".join(shown[:SHOWN]) + (f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else "")


def _short(value: object) -> str:
    return str(value)[:40] if value != "" else "none"
