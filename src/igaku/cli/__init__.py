"""The command line: one file a command, named like it; nothing is imported until a command runs."""

from typing import TYPE_CHECKING, Any

from igaku.io import interrupts

if TYPE_CHECKING:
    from igaku.cli.commands import COMMANDS, app

__all__ = ["COMMANDS", "app", "main"]


def main() -> None:
    """Run a command; what the user can correct is one line on stderr and exit code 2, an interrupt one line as well."""
    interrupts.take()
    try:
        from igaku.cli.commands import execute

        interrupts.begin()
        execute()
    except BaseException:
        if interrupts.came():
            interrupts.leave()
        raise
    finally:
        interrupts.end()


def __getattr__(name: str) -> Any:
    if name in ("COMMANDS", "app"):
        from igaku.cli import commands

        return getattr(commands, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
