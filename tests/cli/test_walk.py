from pathlib import Path
from typing import Any

import pytest

from .walk import PAGES, ROOT, commands, examples, lines, parse

COMMANDS = dict(commands())
PRINTS_NOTHING = {
    ("report",),
    ("view",),
    ("card",),
    ("export",),
    ("rate", "export"),
    ("prompts", "add"),
    ("prompts", "show"),
    ("data", "get"),
    ("catalog", "render"),
    ("recipes", "show"),
    ("recipes", "preview"),
}
"""Commands whose product is a file, a page or one text, and which have no ``--json``."""


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_a_sentence_an_example_and_json(path: tuple[str, ...]) -> None:
    command: Any = COMMANDS[path]
    assert command.help and len(command.help.split("\n")[0]) > 15
    assert examples(command), "no line `Example: igaku ...` in its help"
    for line in examples(command):
        parse(line)
        assert line.split()[1 : 1 + len(path)] == list(path)
    names = {name for p in command.params for name in p.opts}
    assert path in PRINTS_NOTHING or "--json" in names or "--out" in names


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_one_name_for_one_idea(path: tuple[str, ...]) -> None:
    names = {name for p in COMMANDS[path].params for name in p.opts}
    assert not names & {"--items", "--questions", "--n", "--count", "--top-n", "--form", "--ask"}, (
        "use --limit, --question-format, --kind"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_line_of_the_docs_is_one_of_igaku(page: Path) -> None:
    for line in lines(page):
        try:
            parse(line)
        except Exception as error:
            pytest.fail(f"{line}: {error}")
