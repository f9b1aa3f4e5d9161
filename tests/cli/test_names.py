"""The name of a file or folder is never empty, and never an option by mistake."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError

EVAL = ("eval", "--model", "x", "--bench", "mini")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ((*EVAL, "--out", ""), "is empty"),
        ((*EVAL, "--out="), "is empty"),
        ((*EVAL, "--out", " "), "is empty"),
        ((*EVAL, "--out", "-dash"), "looks like"),
        ((*EVAL, "--out", "--out"), "looks like"),
        ((*EVAL, "--out", "--limit", "3"), "looks like"),
        ((*EVAL, "--out=-dash"), "looks like"),
        (("report", "r", "--out", ""), "is empty"),
        (("import", "jsonl", "x", "--bench", "mini", "--out", "-o"), "looks like"),
        (("corpus", "clean", "x.jsonl", "--out", ""), "is empty"),
        (("ecg", "convert", "x.csv", "--config", "c.yaml", "--out", "--out"), "looks like"),
        (("show", ""), "is empty"),
        (("compare", "a", ""), "is empty"),
    ],
)
def test_it_is_refused_in_a_line_and_nothing_is_written(command: tuple[str, ...], message: str, here: Path) -> None:
    done = CliRunner().invoke(app, list(command))
    assert isinstance(done.exception, IgakuError) and message in str(done.exception), done.output
    assert not list(here.iterdir())


def test_a_folder_with_such_a_name_can_be_given_by_its_path() -> None:
    done = CliRunner().invoke(app, [*EVAL, "--out", "./-dash", "--dry-run"])
    assert "looks like" not in str(done.exception)
