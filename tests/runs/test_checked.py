"""A run that was damaged or edited by hand: every command that opens it says which file and what, in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.runs.evaluate import evaluate
from igaku.runs.store import Run, open_run
from tests.conftest import always

Edit = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    evaluate(always("A"), "mini", lang="ja", limit=4, out=tmp_path / "run")
    return tmp_path / "run"


def edited(file: Path, edit: Edit) -> None:
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.suffix == ".jsonl" else []
    rows = rows or [json.loads(file.read_text())]
    edit(rows)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def refused(run: Path) -> str:
    with pytest.raises(IgakuError) as error:
        _ = open_run(run).cells
        _ = open_run(run).prompts
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("file", ["run.json", "questions.jsonl", "prompts.jsonl", "replies.jsonl"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:40] + b"\xff" + b[41:],
        lambda b: b"[" * 5_000 + b"\n",
        lambda b: b"\0" * 90 + b"\n",
        lambda b: b"[]\n",
        lambda b: b.decode().encode("utf-16"),
    ],
)
def test_a_damaged_file_is_named(run: Path, file: str, damage: Callable[[bytes], bytes]) -> None:
    (run / file).write_bytes(damage((run / file).read_bytes()))
    assert str(run / file) in refused(run)


@pytest.mark.parametrize(
    ("file", "edit", "why"),
    [
        ("questions.jsonl", lambda r: r.pop(), "which run.json names (1 missing)"),
        ("questions.jsonl", lambda r: r.clear(), "which run.json names (4 missing)"),
        (
            "questions.jsonl",
            lambda r: r[1]["question"].update(choices=["x"] * 50),
            "line 2: question mini-002: 50 choices",
        ),
        ("questions.jsonl", lambda r: r[0]["question"]["key"].update(accepted=[[99]]), "is beyond its 5 choices"),
        ("questions.jsonl", lambda r: r[0]["question"]["key"].update(accepted=[[-1]]), "is beyond its 5 choices"),
        ("questions.jsonl", lambda r: r[0]["question"].update(prohibited=[77]), "is beyond its 5 choices"),
        ("questions.jsonl", lambda r: r[0]["question"].update(points=-1e308), "out of range"),
        ("questions.jsonl", lambda r: r[0]["question"].update(human_accuracy=5), "out of range"),
        ("questions.jsonl", lambda r: r[0]["question"].update(lang="xx"), "its language is 'xx'"),
        ("run.json", lambda r: r[0].update(asked=r[0]["asked"] * 2), "block 2 (mini, ja"),
        ("run.json", lambda r: r[0]["asked"][0].update(aggregate="acuracy"), "did you mean accuracy"),
        ("run.json", lambda r: r[0]["asked"][0].update(form="open-ended"), "unknown form"),
        ("run.json", lambda r: r[0]["asked"][0].update(model=" "), "its model has no name"),
        ("run.json", lambda r: r[0]["asked"][0].update(bench="gone"), "of gone in 'ja', which run.json names"),
        ("replies.jsonl", lambda r: r[0].update(permutation=[9, 9]), "an order of 2 choices, the question has 5"),
        ("replies.jsonl", lambda r: r[0].update(permutation=[0, 1, 2, 3, -1]), "an order of 5 choices"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(run: Path, file: str, edit: Edit, why: str) -> None:
    edited(run / file, edit)
    line = refused(run)
    assert line.startswith(str(run / ("questions.jsonl" if "run.json names" in why else file))) and why in line


def test_a_log_probability_above_zero_is_refused(tmp_path: Path) -> None:
    evaluate(always(), "mini", lang="ja", limit=2, method="letter-logprob", out=tmp_path)
    assert Run(tmp_path).cells
    edited(tmp_path / "replies.jsonl", lambda r: r[0]["answer"].update(logprobs=[1e308] * 5))
    assert "a log-probability of 1e+308, above 0" in refused(tmp_path)


@pytest.mark.parametrize(
    "command", [["show"], ["grade", "--method", "exact"], ["exam"], ["compare"], ["calibration"], ["usage"]]
)
def test_every_command_that_opens_a_run_says_it(run: Path, command: list[str]) -> None:
    edited(run / "questions.jsonl", lambda r: r.pop())
    result = CliRunner().invoke(app, [command[0], str(run), *command[1:]])
    assert isinstance(result.exception, IgakuError) and "questions.jsonl: no question" in str(result.exception)
