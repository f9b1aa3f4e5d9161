"""What grading needs of a run, so that the run itself can ask for its verdicts."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from igaku.question import Question, Reply
from igaku.runs.manifest import JudgeVotes, Manifest, TaskRun


class Gradable(Protocol):
    """A run's folder: what was asked, and a reply whenever somebody looks at one (``igaku.runs.store.Run``)."""

    path: Path

    @property
    def manifest(self) -> Manifest:
        """What was asked of whom."""
        ...

    @property
    def questions(self) -> dict[tuple[str, str, str], Question]:
        """By benchmark, language and id."""
        ...

    def content(self) -> str | None:
        """A hash of everything that verdicts depend on; None where it cannot be had."""
        ...

    def loader(self, task: TaskRun, judge: int = -1) -> Callable[[str], Reply | None]:
        """A function from a key of a block to its reply."""
        ...

    def judge_name(self, judge_votes: JudgeVotes) -> str:
        """A judge's name beside a method's."""
        ...
