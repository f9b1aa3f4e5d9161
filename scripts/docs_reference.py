"""Pages of the docs site that are read off the code: every command with its options, and the Python API."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import igaku
from igaku.cli import COMMANDS, app

EXAMPLE = re.compile(r"^Example: (.*(?:\n(?!Example: )\S.*)*)", re.M)
HEADS = {"en": ("option", "what it is", "if left out"), "ja": ("オプション", "意味（英語）", "省略したとき")}
NEEDED = {"en": "(needed)", "ja": "（必須）"}
COMMANDS_INTRO = {
    "en": "# Commands\n\nEvery command with its options, read off the program; `igaku COMMAND -h` prints the same.",
    "ja": (
        "# コマンド\n\nすべてのコマンドとオプションです。プログラム自身から作っています。"
        "説明文は `igaku コマンド -h` が表示する英語の文です。"
    ),
}
PANELS_JA = {
    "Start": "はじめに",
    "Ask": "評価する",
    "Read": "結果を見る",
    "Trust": "確かめる",
    "Data": "データ",
    "Build": "作る",
    "Cardiology": "循環器",
}
PYTHON_INTRO = {
    "en": "# Python\n\nEvery public name of `import igaku`, with its docstring. Names load when they are used.",
    "ja": "# Python\n\n`import igaku` で使える公開名と、その docstring（英語）です。使ったときに初めて読み込まれます。",
}


def commands_page(lang: str) -> str:
    """Every command, by the panels of the help."""
    from typer.main import get_command

    top: Any = get_command(app)
    parts = [COMMANDS_INTRO[lang]]
    for panel, names in COMMANDS.items():
        parts.append(f"## {PANELS_JA.get(panel, panel) if lang == 'ja' else panel}")
        for name in names:
            parts += [_section(path, command, lang) for path, command in _walk(top.commands[name], name)]
    return "\n\n".join(parts) + "\n"


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A command, or a group and the commands in it."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, f"{path} {name}")


def _section(path: str, command: Any, lang: str) -> str:
    level = "###" if " " not in path else "####"
    help_text = inspect.cleandoc(command.help or "")
    shown = [" ".join(e.split()) for e in EXAMPLE.findall(help_text)]
    parts = [f"{level} igaku {path}", _escaped(EXAMPLE.sub("", help_text).strip())]
    if shown:
        parts.append("\n".join(["```", *shown, "```"]))
    rows = [_row(p, lang) for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
    if rows and not hasattr(command, "commands"):
        parts.append("\n".join([_line(HEADS[lang]), _line(["---"] * 3), *map(_line, rows)]))
    return "\n\n".join(p for p in parts if p)


def _row(parameter: Any, lang: str) -> tuple[str, str, str]:
    flags = [*parameter.opts, *parameter.secondary_opts]
    name = (
        ", ".join(f"`{o}`" for o in flags)
        if flags[0].startswith("-")
        else f"`{(parameter.metavar or flags[0]).upper()}`"
    )
    default = parameter.default
    plain = isinstance(default, int | float | str) or (default is not None and not callable(default) and default != ())
    known = plain and not isinstance(default, bool) and str(default) not in ("", "()", "Sentinel.UNSET")
    left_out = NEEDED[lang] if parameter.required else f"`{default}`" if known else ""
    return name, _escaped(getattr(parameter, "help", "") or ""), left_out


def _line(cells: Any) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", str(c).replace("\n", " ")) for c in cells) + " |"


def _escaped(text: str) -> str:
    """Words of a help as Markdown that stays words."""
    return re.sub(r"(?<!\\)([<>*_\[\]])", r"\\\1", text) if "`" not in text else text


def python_page(lang: str) -> str:
    """Every public name as mkdocstrings takes it."""
    found = sorted(igaku._API.items(), key=lambda item: (item[0].islower(), item[0].lower()))
    parts = [PYTHON_INTRO[lang]]
    for name, where in found:
        module, _, attribute = where.partition(":")
        options = f"    options: {{heading: igaku.{name}, toc_label: {name}}}"
        parts.append(f"::: {_home(module, attribute or name)}\n{options}")
    return "\n\n".join(parts) + "\n"


def _home(module: str, name: str) -> str:
    """The module that defines a name, which may only be passed on by the one that offers it."""
    value = getattr(igaku.__dict__.get(name) or __import__(module, fromlist=[name]), name)
    return f"{getattr(value, '__module__', module)}.{getattr(value, '__qualname__', name)}"
