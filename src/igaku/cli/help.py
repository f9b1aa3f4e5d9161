"""Help in groups: commands by what they are for, and an engine's options apart from a command's own."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from typer import Typer
from typer.core import TyperCommand, TyperGroup

from igaku.errors import IgakuError

Rows = list[tuple[str, str]]
START: Rows = [
    ("igaku demo", "A small real model on questions that come with igaku: a table in a few minutes."),
    ("igaku eval --model MODEL --bench mini --out runs/try", "Your model. Served: --base-url http://HOST:PORT/v1"),
    ("igaku show runs/try", "Its scores again; igaku view runs/try: questions and replies in the browser."),
    ("igaku compare runs/a runs/b", "Is a difference real?"),
    ("igaku COMMAND -h", "Options and examples of a command."),
]
"""What a newcomer types first."""
FORMER = {
    "agree": "consistency",
    "agree-benchmarks": "rank-benchmarks",
    "publish-card": "card",
    "mini": "short-form (the benchmark mini: igaku eval --bench mini)",
    "chain": "run",
    "list": "bench list",
}
"""A former or likely name of a command -> its name."""


class Group(TyperGroup):
    """A group whose commands stand under the panel they were registered with, in the order of registration."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which they were registered."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """One section a panel, each command with the whole of its first sentence."""
        shown = [(name, c) for name in self.list_commands(ctx) if (c := self.get_command(ctx, name)) and not c.hidden]
        _write(formatter, [(_panel(c, "Commands"), (name, _first_paragraph(c.help))) for name, c in shown])


class Front(Group):
    """The whole of igaku: where to start stands before everything else, and a command's former name leads to it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Click does.

        Raises:
            IgakuError: a command has another name now.
        """
        if args and args[0] in FORMER:
            raise IgakuError(f"igaku {args[0]} is called igaku {FORMER[args[0]]} now")
        return super().resolve_command(ctx, args)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What igaku is, in lines of which a Japanese character takes two columns."""
        from igaku.terminal import wrapped

        paragraphs = [wrapped(p, formatter.width - 2) for p in (self.help or "").split("\n\n")]
        formatter.write("".join(f"\n  {line}" for lines in paragraphs for line in lines) + "\n")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Where to start, then the options and the commands."""
        with formatter.section("Start here"):
            formatter.write_dl(START)
        super().format_options(ctx, formatter)


class Checked(TyperCommand):
    """A command that refuses a file or folder without a name, or with one that looks like an option, before anything is
    read or written."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Click does.

        Raises:
            IgakuError: the name of a file or folder is empty, or begins with a dash.
        """
        paths = {n: p for p in self.params if _is_path(p) and p.param_type_name == "option" for n in p.opts}
        for i, arg in enumerate(args[: args.index("--") if "--" in args else None]):
            name, equals, value = arg.partition("=")
            if name in paths and (equals or i + 1 < len(args)):
                _check_name(name, value if equals else args[i + 1])
        if "" in args and any(_is_path(p) and p.param_type_name == "argument" for p in self.params):
            _check_name(self.name or "", "")
        return super().parse_args(ctx, args)


class Command(Checked):
    """A command whose options stand under their panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, the command's own options, then one section a panel."""
        records = [(p, p.get_help_record(ctx)) for p in self.get_params(ctx)]
        known = [(p, r) for p, r in records if r is not None]
        arguments = [("Arguments", r) for p, r in known if p.param_type_name == "argument"]
        options = [(_panel(p, "Options"), r) for p, r in known if p.param_type_name == "option"]
        _write(formatter, [*arguments, *sorted(options, key=lambda o: o[0] != "Options")])


def check_names(app: Typer) -> None:
    """Let the commands of a group, and of groups in it, be ``Checked``."""
    for command in app.registered_commands:
        command.cls = Checked
    for group in app.registered_groups:
        if group.typer_instance:
            check_names(group.typer_instance)


def _is_path(parameter: Any) -> bool:
    """Whether a parameter is a file or folder, or several."""
    kind = parameter.type_descriptor.annotation
    return Path in (kind, *get_args(kind))


def _check_name(name: str, value: str) -> None:
    if not value.strip():
        raise IgakuError(f"{name}: the name of a file or folder is empty; give one (for this folder itself: .)")
    if value.startswith("-") and value != "-":
        raise IgakuError(
            f"{name} {value}: this is an option, or a name that looks like one; give a name, or ./{value} if it is so "
            "called"
        )


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


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
