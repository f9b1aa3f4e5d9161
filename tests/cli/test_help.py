"""The help: where to start, which groups, and that it comes at once."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import igaku
from igaku.cli.help import FORMER
from igaku.grading import METHODS

from .conftest import Cli
from .walk import commands, parse

SRC = Path(igaku.__file__).parents[1]


@pytest.mark.parametrize("args", [["--version"], ["-V"], ["version"]], ids=" ".join)
def test_each_spelling_prints_the_version(args: list[str], cli: Cli) -> None:
    assert cli(*args) == (0, f"{igaku.__version__}\n", "")


def test_the_version_is_json_as_well(cli: Cli) -> None:
    assert json.loads(cli("version", "--json").stdout) == {"igaku": igaku.__version__}


def test_igaku_alone_is_its_help_and_no_error(cli: Cli) -> None:
    alone = cli()
    assert alone.returncode == 0 and alone.stdout == cli("-h").stdout == cli("--help").stdout


def test_the_help_begins_with_what_a_newcomer_types(cli: Cli) -> None:
    lines = [line.strip() for line in cli("-h").stdout.splitlines()]
    start = lines[lines.index("Start here:") : lines.index("Options:")]
    shown = [line.split("  ")[0] for line in start if line.startswith("igaku ")]
    assert len(shown) == 5
    for line in shown[:-1]:
        parse(line)


def test_no_sentence_is_cut_off_and_every_command_is_in_a_group(cli: Cli) -> None:
    text = cli("-h").stdout.split("\n", 1)[1]
    assert "..." not in text and "Commands:" not in text
    words = " ".join(text.split())
    for path, command in commands():
        if len(path) == 1:
            assert " ".join(command.help.split("\n\n")[0].split()) in words


@pytest.mark.parametrize("width", [60, 80, 120])
def test_help_fits_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for args in (["-h"], ["show", "-h"]):
        assert max(map(cell_len, cli(*args).stdout.splitlines())) <= width


@pytest.mark.parametrize("name", FORMER)
def test_a_former_name_leads_to_the_command(name: str, cli: Cli) -> None:
    done = cli(name, "runs/a")
    assert done.returncode == 2 and done.stderr == f"igaku: igaku {name} is called igaku {FORMER[name]} now\n"
    assert cli(*FORMER[name].split(" (")[0].split(), "--help").returncode == 0


def test_evals_options_stand_in_groups(cli: Cli) -> None:
    text = cli("eval", "-h").stdout
    heads = [line[:-1] for line in text.splitlines() if line.endswith(":") and line[0] != " "]
    assert heads == [
        *("Options", "What is asked", "How it is asked", "How a reply is drawn and graded"),
        *("Engine", "Engine: several GPUs", "Engine: a server"),
    ]
    parts = dict(zip(heads, re.split(r"^\S.*:\n", text, flags=re.M)[1:]))
    assert "--base-url" in parts["Engine: a server"] and "--order" in parts["How it is asked"]


def test_evals_help_names_every_method(cli: Cli) -> None:
    words = re.findall(r"[\w-]+", " ".join(cli("eval", "-h").stdout.split()).replace("- ", "-"))
    own = [name for name in METHODS if not name.endswith("-as-published")]
    assert set(own) <= set(words)


def test_every_option_has_its_line(cli: Cli) -> None:
    bare = [(path, p.name) for path, c in commands() for p in c.params if not (getattr(p, "help", "") or "").strip()]
    assert bare == []


def imported(*args: str) -> list[str]:
    """Modules that a command imports, in a process of its own."""
    code = "import sys\nfrom igaku.cli import main\ntry: main()\nexcept SystemExit: pass\nprint(*sys.modules)"
    environment: Any = {**os.environ, "PYTHONPATH": str(SRC)}
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, env=environment)
    return done.stdout.splitlines()[-1].split()


HEAVY = {"torch", "transformers", "vllm", "numpy", "pandas", "httpx", "xllamacpp", "rich.progress"}
OWN = ("igaku.grading", "igaku.runs", "igaku.engines", "igaku.benchmarks", "igaku.prompts", "igaku.statistics")


@pytest.mark.parametrize("args", [["--help"], ["-V"], ["eval", "-h"], ["bench", "-h"]], ids=" ".join)
def test_help_imports_none_of_the_work(args: list[str]) -> None:
    found = imported(*args)
    assert not {*HEAVY, "msgspec", "jinja2", "rapidfuzz"} & set(found)
    assert [name for name in found if name.startswith(OWN)] == []


def test_reading_a_run_imports_no_model_library() -> None:
    assert not HEAVY & set(imported("show", "gone"))
