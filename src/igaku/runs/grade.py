"""Grade again what was answered: a run, or questions with replies of your own. No model is called."""

from collections.abc import Sequence
from pathlib import Path

from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.grading import grade as grade_pairs
from igaku.question import Question, Reply
from igaku.runs.specs import Names, names
from igaku.runs.store import Run, open_run


def grade(
    replies: Run | str | Path | Sequence[tuple[Question, Reply | None]],
    methods: Names = None,
    workers: int = 0,
    *,
    as_published: bool = False,
) -> list[Graded]:
    """Verdicts of all methods on all replies, method by method.

    Args:
        replies: a run or its folder; or pairs of a question and its reply (None only where the question is void, or no
            method applies).
        methods: names of methods; those that a run was made for if left out.
        workers: processes for pairs; 0 takes all cores where there are many.
        as_published: grade a run by the methods' published variants.

    Raises:
        IgakuError: no such run or method, or pairs without a method.
    """
    if isinstance(replies, str | Path):
        replies = open_run(replies)
    if isinstance(replies, Run):
        return [graded for _, graded in replies.grade(names(methods) or None, as_published=as_published)]
    if not methods or as_published:
        raise IgakuError("pairs of questions and replies are graded by the methods that you name (methods='letter')")
    return grade_pairs(replies, names(methods), workers)
