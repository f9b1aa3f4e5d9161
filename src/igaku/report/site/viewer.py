"""Questions and replies for the viewer: an index to search, and chunks of replies that a page loads for a question.

The index of a benchmark and language contains every stem with its choices and key, and one character a respondent for
the verdict: 120 respondents on 2,000 questions are 0.24 MB of verdicts. A chunk has at most ``CHUNK`` questions, and
fewer where each has many replies, so that one opens as fast with 14 models and 8 samples. Files are scripts that pass
one JSON value to ``igaku.put``.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct, UnsetType

from igaku.grading import Graded
from igaku.io.files import write_bytes
from igaku.question import Question
from igaku.report.site.collect import Samples, Variants
from igaku.report.site.letters import letters_row
from igaku.report.site.sanitize import sanitize_for_display as display
from igaku.report.site.viewer_chunks import Chunks, Column, Shown
from igaku.report.site.viewer_rows import QuestionRow, question_row
from igaku.report.site.viewer_samples import is_unsteady
from igaku.runs.order import merged_order
from igaku.runs.store import Run

PACKED_FROM = 100_000
"""Bytes from which a script file is compressed: the replies of hundreds of models to one question."""
CHUNK = 25
REPLIES = 1_000
"""Most replies that are loaded for one question, about."""
PROMPTS_UP_TO = 20_000
"""Replies of a whole site up to which each is shown with its prompt; more would make the site many times as large."""


class Index(Struct):
    """All questions of a benchmark and language."""

    respondents: Sequence[tuple[str, str]]
    chunk: int
    questions: list[QuestionRow]
    doubtful: list[str]
    """Ids of the questions whose key is to be read again."""
    unsteady: list[str] | UnsetType = UNSET
    """A character a respondent for each question: ``1`` where its samples differ; none where nobody has samples."""


def write_viewer(
    folder: Path,
    slug: str,
    variants: Variants,
    runs: Mapping[str, Run],
    names: Sequence[tuple[str, str]],
    doubtful: Sequence[str],
    shown: Shown,
    pictures: Callable[[Question], list[str]] = lambda _: [],
    samples: Samples | None = None,
) -> int:
    """Write index and chunks of one benchmark and language; the number of its questions.

    Args:
        folder: where ``SLUG.js`` and ``SLUG-K.js`` are written; pictures go beside it.
        names: model and variant label of each respondent, in the order of ``variants``.
        doubtful: ids of the questions whose key is to be read again.
        shown: which texts are shown.
        pictures: the addresses of a question's pictures.
        samples: of respondents with several samples of a question.
    """
    columns = [
        Column(runs[v[0]], {g.question.id: g for g in items}, _several((samples or {}).get(v, {})))
        for v, items in variants.items()
    ]
    known = {g.question.id: g.question for c in reversed(columns) for g in c.by_id.values()}
    ids = merged_order([list(c.by_id) for c in columns])
    questions = {name: known[name] for name in ids}
    each = max((len(s) for c in columns for s in c.samples.values()), default=1)
    size = max(1, min(CHUNK, REPLIES // (each * len(columns))))
    write_js(folder / f"{slug}.js", "index", _index(questions, columns, names, doubtful, shown, size))
    chunks = Chunks(questions, columns, shown, pictures)
    for k in range(0, len(ids), size):
        write_js(folder / f"{slug}-{k // size}.js", f"chunk{k // size}", chunks.of(ids[k : k + size]))
    return len(ids)


def _several(samples: Mapping[str, list[Graded]]) -> dict[str, list[Graded]]:
    return {name: found for name, found in samples.items() if len(found) > 1}


def _index(
    questions: Mapping[str, Question],
    columns: Sequence[Column],
    names: Sequence[tuple[str, str]],
    doubtful: Sequence[str],
    shown: Shown,
    size: int,
) -> Index:
    row = letters_row if shown.letters_only else question_row
    rows = [row(q, [c.by_id.get(q.id) for c in columns]) for q in questions.values()]
    sampled = any(c.samples for c in columns)
    unsteady = ["".join(_steadiness(c.samples.get(i)) for c in columns) for i in questions] if sampled else UNSET
    return Index(names, size, rows, [display(i) for i in doubtful], unsteady)


def _steadiness(samples: Sequence[Graded] | None) -> str:
    return "-" if samples is None else "1" if is_unsteady(samples) else "0"


def write_js(path: Path, name: str, value: object) -> None:
    """Write a script file that passes one named value to the pages' script; a large one is packed."""
    data, named = msgspec.json.encode(value), json.dumps(name).encode()
    if len(data) < PACKED_FROM:
        write_bytes(path, b"igaku.put(" + named + b"," + data + b");\n")
    else:
        write_bytes(path, b"igaku.unpack(" + named + b',"' + b64encode(zlib.compress(data, 1)) + b'");\n')
