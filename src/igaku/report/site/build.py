"""Write the site: every page from what was gathered, in one folder that replaces an earlier one whole."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from igaku._version import __version__
from igaku.errors import IgakuError
from igaku.report.site import pages
from igaku.report.site.gather import Gathered, Set, gather
from igaku.report.site.shown import shown
from igaku.report.site.viewer import PROMPTS_UP_TO, put, write_viewer
from igaku.report.site.words import attributes, plain, table, word
from igaku.runs.specs import Names
from igaku.runs.store import Run

HERE = Path(__file__).parent
MARK = ".igaku-site"
"""A file that says a folder is ours, to be replaced."""


class Built(Struct, frozen=True):
    """What was written."""

    path: Path
    pages: int
    questions: int
    replies: int


def build_site(runs: Sequence[Run | str | Path], out: str | Path, method: Names = None, title: str = "") -> Built:
    """Build a site of runs in ``out``; open its ``index.html``. Needs no server and no network.

    Args:
        runs: run folders, imported ones too.
        out: a new or empty folder, or one that an earlier call wrote.
        method: one grading method for all; the first of each run's own if left out.
        title: the first page's heading; a general one if left out.

    Raises:
        IgakuError: nothing to show in the runs, or ``out`` holds something else.
    """
    target = Path(out).resolve()
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARK).exists())):
        raise IgakuError(f"{target}: holds something else; give --out a new folder")
    found = gather(runs, method)
    if not found.items:
        raise IgakuError("no replies to show in these runs; give runs that `igaku eval` or `igaku import` wrote")
    partial = target.with_name(f".{target.name}.igaku-site-partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        built = _write(found, partial, title)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Built(Path(out), *built)


def _write(found: Gathered, folder: Path, title: str) -> tuple[int, int, int]:
    (folder / "data").mkdir(parents=True)
    (folder / MARK).write_text(f"igaku {__version__}\n")
    for name in ("app.js", "style.css"):
        shutil.copyfile(HERE / "static" / name, folder / name)
    put(folder / "data" / "words.js", "words", table("board", "view", "outcome"))
    n_replies = sum(len(items) for ways in found.items.values() for items in ways.values())
    slugs = _slugs(found)
    questions = 0
    for which, ways in found.items.items():
        names = [pages.told(found, which, way) for way in ways]
        questions += write_viewer(
            folder / "data", slugs.set(which), ways, found.runs, names, n_replies <= PROMPTS_UP_TO
        )
    for board in found.boards:
        slug = slugs.set((board.benchmark, board.language))
        put(folder / "data" / f"board-{slug}.js", f"board-{slug}", pages.duel(board))
    render = _renderer(found, title)
    n = 0
    for name, template, values in pages.every(found, slugs):
        (folder / name).write_text(render(name, template, values), encoding="utf-8")
        n += 1
    return n, questions, n_replies


def _renderer(found: Gathered, title: str) -> Callable[[str, str, dict[str, Any]], str]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from igaku.tables import percent

    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda v: shown(v) if type(v) is str else v,
    )
    env.globals.update(
        word=word,
        words_of=attributes,
        percent=percent,
        version=__version__,
        n_runs=len(found.runs),
        nonce=_nonce(found),
        title=title,
        pages=pages.navigation(found),
        key_plain=lambda key: f"{plain(key, 'ja')} / {plain(key, 'en')}",
    )
    return lambda here, template, values: env.get_template(template).render(here=here, **values)


def _nonce(found: Gathered) -> str:
    """A value that nobody who wrote a reply could know, and the same for the same runs: it hangs on every byte of them."""
    total = hashlib.sha256(__version__.encode())
    for run in found.runs.values():
        for name in ("run.json", "replies.jsonl"):
            if (run.path / name).exists():
                total.update((run.path / name).read_bytes())
    return total.hexdigest()[:32]


class Slugs:
    """File names of benchmarks and models: plain letters, and a piece of a hash where these would not tell two apart."""

    def __init__(self, sets: Iterable[Set], models: Iterable[str]) -> None:
        self._sets = _named({which: f"{which[0]}-{which[1]}" for which in sets})
        self._models = _named({m: m for m in models})

    def set(self, which: Set) -> str:
        """For a benchmark in a language."""
        return self._sets[which]

    def model(self, name: str) -> str:
        """For a model."""
        return self._models[name]


def _slugs(found: Gathered) -> Slugs:
    return Slugs(found.items, found.models)


def _named(texts: dict[Any, str]) -> dict[Any, str]:
    out: dict[Any, str] = {}
    for key, text in texts.items():
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
        if slug != text or slug in out.values():
            slug = f"{slug}-{hashlib.sha256(text.encode()).hexdigest()[:6]}".lstrip("-")
        out[key] = slug
    return out
