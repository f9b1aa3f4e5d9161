"""The scripts and the notebook in examples/ run, and each says what it is for on one screen."""

import ast
import json
import re
import runpy
import sys
from pathlib import Path

import pytest

import igaku

from .conftest import needs
from .scripted import stand_in

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
SERVED = EXAMPLES / "local_server.py"


def run(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])
    runpy.run_path(str(script), run_name="__main__")


@needs("stats")
@pytest.mark.parametrize("script", [s for s in SCRIPTS if s != SERVED], ids=lambda p: p.stem)
def test_a_script_runs_and_prints_a_table(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch, tmp_path)
    run(script, monkeypatch)
    assert re.search(r"accuracy|A - B", capsys.readouterr().out)


@needs("openai")
def test_the_server_is_asked_over_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run(SERVED, monkeypatch)
    assert "always-b" in capsys.readouterr().out
    assert {r.answer.text for r in igaku.open_run("runs/served").replies.values()} == {"答え：b"}


@needs("stats")
def test_the_latex_tables_hold_every_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, tmp_path)
    run(EXAMPLES / "latex_table.py", monkeypatch)
    board = Path("table.tex").read_text(encoding="utf-8")
    assert all(name in board for name in ("gemma-3-270m", "smollm2-135m-instruct", r"\toprule"))
    assert r"\toprule" in Path("tests.tex").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_a_script_fits_a_screen_and_says_how_it_is_started(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.count("\n") <= 60
    assert f"python examples/{script.name}" in (ast.get_docstring(ast.parse(text)) or "")


@needs("stats")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_code_cell_of_a_notebook_runs_in_order(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, tmp_path)
    cells = [c for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    names: dict[str, object] = {"display": print}
    for cell in cells:
        exec(compile("".join(cell["source"]), notebook.name, "exec"), names)
    assert cells and all(c["outputs"] and c["execution_count"] for c in cells)
    assert not any(o["output_type"] == "error" for c in cells for o in c["outputs"])


def test_both_pages_of_the_folder_name_every_example() -> None:
    for page in ("README.md", "README.ja.md"):
        text = (EXAMPLES / page).read_text(encoding="utf-8")
        files = [
            p.name for p in EXAMPLES.iterdir() if p.suffix in (".py", ".ipynb", ".yaml") or p.name == "my_benchmark"
        ]
        assert [f for f in files if f"]({f})" not in text] == []
