"""Write a site: every page, in one folder that replaces an earlier one as a whole."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from igaku._version import __version__
from igaku.engines.cost import Price, read_prices
from igaku.errors import IgakuError
from igaku.io.files import real, write_bytes, write_whole
from igaku.io.locks import writing
from igaku.report.site.collect import SiteData, collect
from igaku.report.site.pages import iter_pages, pairs_of
from igaku.report.site.pictures import Pictures
from igaku.report.site.render import FOLDER, renderer
from igaku.report.site.slugs import Slugs
from igaku.report.site.viewer import PROMPTS_UP_TO, write_js, write_viewer
from igaku.report.site.viewer_chunks import Shown
from igaku.report.site.words import phrases
from igaku.runs.specs import Names
from igaku.runs.store import Run
from igaku.studies.verify import in_words
from igaku.studies.verify import verified as verified_runs

MARKER = ".igaku-site"
"""A file that identifies a folder as a site of ours, which may be replaced."""

SPOKEN = (
    "board",
    "diff",
    "view",
    "outcome",
    "section",
    "void",
    "tag",
    "speaker",
    "setting",
    "prompt",
    "order",
    "method",
    "rule",
)
"""Groups of phrases that the pages' script uses."""


class BuiltSite(Struct, frozen=True):
    """What was written."""

    path: Path
    pages: int
    questions: int
    replies: int


def build_site(
    runs: Sequence[Run | str | Path],
    out: str | Path,
    method: Names = None,
    title: str = "",
    *,
    pictures: bool = True,
    letters_only: bool = False,
    verified: bool = False,
    prices: str | Path | Mapping[str, Price] | None = None,
) -> BuiltSite:
    """Build a site of runs in ``out``; open its ``index.html``. It needs no server and no network.

    Args:
        runs: run folders, imported ones too.
        out: a new or empty folder, or one that an earlier call wrote.
        method: one grading method for all; the first of each run's own if left out.
        title: the first page's heading; a general one if left out.
        pictures: whether the questions' pictures are copied beside the pages, where they were sent to a model.
        letters_only: verdicts and the letters that were read, and no text or picture of a question and no text of a
            reply: for a site that may be published where the texts may not.
        prices: a TOML file of prices a million tokens, or the prices: what replies cost is then shown.
        verified: take only runs whose claims hold (``igaku.verify``); the models' pages say which.

    Raises:
        IgakuError: there is nothing to show in the runs, ``out`` contains something else, or a run is not verified.
    """
    target = real(Path(out))
    with writing(target, goes_on=False, beside=True):
        return _built(runs, target, Path(out), method, title, pictures, letters_only, verified, prices)


def _built(
    runs: Sequence[Run | str | Path],
    target: Path,
    out: Path,
    method: Names,
    title: str,
    pictures: bool,
    letters_only: bool,
    verified: bool,
    prices: str | Path | Mapping[str, Price] | None,
) -> BuiltSite:
    """``build_site`` while nobody else writes there."""
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARKER).exists())):
        raise IgakuError(f"{target}: holds something else; give --out a new folder")
    claims = in_words(verified_runs(runs)) if verified else {}
    known = read_prices(Path(prices)) if isinstance(prices, str | Path) else prices
    data = collect(runs, method, letters_only, known)
    data.verified = claims
    if not data.items:
        raise IgakuError("no replies to show in these runs; give runs that `igaku eval` or `igaku import` wrote")
    unfinished = target.with_name(f".{target.name}.igaku-site-partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        built = _write(data, unfinished, title, pictures)
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return BuiltSite(out, *built)


def _write(data: SiteData, folder: Path, title: str, pictures: bool) -> tuple[int, int, int]:
    """Write all files; number of pages, questions and replies."""
    (folder / "data").mkdir(parents=True)
    write_bytes(folder / MARKER, f"igaku {__version__}\n".encode())
    for name in ("app.js", "style.css", "icon.svg"):
        write_bytes(folder / name, (FOLDER / "static" / name).read_bytes())
    slugs = Slugs(data.items, data.models)
    shown = Pictures(folder, data.runs.values() if pictures else None)
    questions, replies = _write_data(data, slugs, folder / "data", shown)
    render = renderer(data, title)
    n_pages = 0
    for page in iter_pages(data, slugs):
        write_whole(folder / page.file, render(page))
        n_pages += 1
    return n_pages, questions, replies


def _write_data(data: SiteData, slugs: Slugs, folder: Path, pictures: Pictures) -> tuple[int, int]:
    """Write the script files; number of questions and replies."""
    write_js(folder / "words.js", "words", phrases(*SPOKEN))
    n_replies = sum(len(items) for variants in data.items.values() for items in variants.values())
    n_samples = sum(len(found) - 1 for by_id in data.samples.values() for found in by_id.values())
    n_questions = 0
    for bench, variants in data.items.items():
        names = [data.display_name(bench, variant) for variant in variants]
        shown = Shown(prompts=n_replies <= PROMPTS_UP_TO, letters_only=data.letters_only)
        doubtful = [d.item.id for d in data.doubtful.get(bench, [])]
        mine = partial(pictures.of, bench[0])
        slug = slugs.bench(bench)
        n_questions += write_viewer(folder, slug, variants, data.runs, names, doubtful, shown, mine, data.samples)
    for scope, boards in (("text", data.boards), ("all", data.sighted)):
        for board in boards:
            name = f"pairs-{scope}-{slugs.bench((board.benchmark, board.language))}"
            write_js(folder / f"{name}.js", name, pairs_of(board))
    return n_questions, n_replies + n_samples
