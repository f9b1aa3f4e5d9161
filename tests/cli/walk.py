"""Every command of the app, and a command line read without being run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from igaku.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.M | re.S)


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its path; groups are walked into."""
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def parse(line: str) -> None:
    """Read one ``igaku ...`` line as the app would, and run nothing.

    Raises:
        Exception: it is no command line of igaku.
    """
    words = shlex.split(line, comments=True)
    stops = [i for i, w in enumerate(words) if w in ("|", ">", ">>", "&&", ";", "2>")]
    words = [w for w in words[1 : stops[0] if stops else None] if w not in ("...", "…")]
    at: Any = get_command(app)
    context = at.make_context("igaku", [], resilient_parsing=True)
    while hasattr(at, "commands") and words and not words[0].startswith("-"):
        name, *words = words
        found = at.get_command(context, name)
        assert found is not None, f"no command {name!r}"
        at = found
        context = at.make_context(name, list(words)) if not hasattr(at, "commands") else None
    if hasattr(at, "commands"):
        assert words in (["--help"], ["-h"], ["--version"]), f"no command after {line!r}"


def lines(page: Path) -> list[str]:
    """The ``igaku`` lines of a page's fenced blocks, continued ones joined."""
    blocks = [m[1].replace("\\\n", " ") for m in FENCE.finditer(page.read_text(encoding="utf-8"))]
    found = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in found if re.match(r"igaku (?![\w.]*\()", line)]


def examples(command: Any) -> list[str]:
    """The examples of a command's help."""
    return re.findall(r"Example: (igaku .*)", command.help or "")
