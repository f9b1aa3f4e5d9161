"""mini: 104 questions embedded in igaku, so that everything can be tried without a download.

Written for igaku (Apache-2.0), plain facts of a medical student's level, each with a one-line source where anyone
can check it; Japanese and English ask the same and share ids and keys. Five choices: 78 single answers, 12 double,
6 triple; 8 want a number. Sections ``required``, ``general``, ``clinical``; six questions have a prohibited choice;
two pairs are linked. It is easy on purpose: it shows whether a model can be measured at all, not how good it is; 60
harder questions stand in ``mini_hard``.
"""

from collections.abc import Iterator
from pathlib import Path

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.own import question
from igaku.io.rows import read_jsonl
from igaku.question import Question

FOLDER = Path(__file__).parent / "mini_questions"


class Mini(Benchmark):
    """See the module."""

    name = "mini"
    title = "mini (embedded)"
    title_ja = "mini（同梱）"
    languages = ("ja", "en")
    licence = "Apache-2.0"
    upstream = "igaku"
    folder = FOLDER

    def files(self, lang: str) -> list[str]:
        """The embedded file of one language."""
        return [str(self.folder / f"{lang}.jsonl")]

    def path(self, relative: str) -> Path:
        """It is always here."""
        return Path(relative)

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the file's rows."""
        path = self.path(self.files(lang)[0])
        for line, row in read_jsonl(path):
            yield question({**row, "lang": lang}, f"{path}, line {line}")
