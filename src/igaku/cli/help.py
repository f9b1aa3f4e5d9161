"""Help in groups: commands by what they are for, and an engine's options apart from a command's own."""

from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

Rows = list[tuple[str, str]]


class Group(TyperGroup):
    """A group whose commands stand under the panel they were registered with, in the order of registration."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which they were registered."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One section a panel."""
        shown = [(name, c) for name in self.list_commands(ctx) if (c := self.get_command(ctx, name)) and not c.hidden]
        limit = formatter.width - 6 - max((len(name) for name, _ in shown), default=0)
        rows = [(_panel(c, "Commands"), (name, c.get_short_help_str(limit))) for name, c in shown]
        _write(formatter, rows)


class Command(TyperCommand):
    """A command whose options stand under their panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, the command's own options, then one section a panel."""
        records = [(p, p.get_help_record(ctx)) for p in self.get_params(ctx)]
        known = [(p, r) for p, r in records if r is not None]
        arguments = [("Arguments", r) for p, r in known if p.param_type_name == "argument"]
        options = [(_panel(p, "Options"), r) for p, r in known if p.param_type_name == "option"]
        _write(formatter, [*arguments, *sorted(options, key=lambda o: o[0] != "Options")])


def _panel(item: Any, otherwise: str) -> str:
    name = getattr(item, "rich_help_panel", None)
    return name if isinstance(name, str) else otherwise


def _write(formatter: Any, rows: Sequence[tuple[str, tuple[str, str]]]) -> None:
    for panel, mine in _grouped(rows):
        with formatter.section(panel):
            formatter.write_dl(mine)


def _grouped(rows: Sequence[tuple[str, tuple[str, str]]]) -> Iterator[tuple[str, Rows]]:
    for panel in dict.fromkeys(panel for panel, _ in rows):
        yield panel, [row for at, row in rows if at == panel]
