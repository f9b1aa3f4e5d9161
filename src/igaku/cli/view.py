"""``igaku view``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from igaku.cli.options import Methods, OneRun, split
from igaku.cli.output import say


def view(
    run: OneRun,
    method: Methods = "",
    out: Annotated[Path | None, Option(help="Folder of the pages; RUN/site if left out.")] = None,
    open: Annotated[bool, Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Look at one run in the browser.

    Its scores, and every question with its prompt, its reply and what was read from it.

    Example: igaku view runs/try
    """
    import webbrowser

    from igaku.report.site import build_site

    index = build_site([run], out or run / "site", split(method), title=run.resolve().name).path / "index.html"
    opened = open and webbrowser.open(index.resolve().as_uri())
    say(f"{'opened' if opened else 'open it in a browser'}: {index}")
