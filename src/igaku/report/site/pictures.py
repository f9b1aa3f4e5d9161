"""Pictures of questions for the viewer: copied beside the pages under the hash of what they hold.

Only of benchmarks whose pictures were sent to some model of the site. What is no picture by its content is not copied,
whatever its name; a file's own name never enters a page.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from igaku.engines.pictures import read_picture
from igaku.errors import IgakuError
from igaku.io.files import write_bytes
from igaku.question import Question
from igaku.runs.store import Run

FOLDER = "pictures"


class Pictures:
    """Copies the pictures of a site into its folder.

    Args:
        site: the site's folder.
        runs: whose questions are shown; None for a site without pictures.
    """

    def __init__(self, site: Path, runs: Iterable[Run] | None) -> None:
        self._folder = site / FOLDER
        self._files: dict[tuple[str, str, str], tuple[str, ...]] = {}
        """Benchmark, language and question -> its files on this machine."""
        for run in runs or ():
            for task in (t for t in run.manifest.tasks if t.images):
                mine = {i: run.questions[task.bench, task.lang, i].images for i in task.replies}
                self._files |= {(task.bench, task.lang, i): files for i, files in mine.items() if files}

    def of(self, bench: str, question: Question) -> list[str]:
        """Addresses of a question's pictures as its page has them, in their order; empty for one that is gone."""
        return [self._copied(file) for file in self._files.get((bench, question.lang, question.id), ())]

    def _copied(self, file: str) -> str:
        """The address of one picture; empty where the file is gone or is no picture."""
        try:
            content, kind = read_picture(file)
        except IgakuError:
            return ""
        name = f"{hashlib.sha256(content).hexdigest()[:24]}.{kind}"
        self._folder.mkdir(exist_ok=True)
        write_bytes(self._folder / name, content)
        return f"{FOLDER}/{name}"
