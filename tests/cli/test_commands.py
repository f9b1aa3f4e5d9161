import json
import subprocess
import sys
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.engines.spec import EngineSpec

from ..conftest import always, needs
from ..table_readers import Page, latex_tables, workbook_rows
from .conftest import Cli


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("one") / "r"
    igaku.evaluate(always("答え：b"), "mini", out=folder)
    return str(folder)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("three")
    ways = {"prompt": ["standard", "closing"], "order": ["original", "rotate-1"]}
    for name, letter in (("one", "a"), ("two", "b"), ("three", "e")):
        igaku.evaluate(
            Replay(lambda _, x=letter: x, name=name), "mini", lang=["ja", "en"], limit=30, out=folder / name, **ways
        )
    return [str(folder / name) for name in ("one", "two", "three")]


def test_show_json_is_one_object_with_the_promised_fields(cli: Cli, run: str) -> None:
    data = json.loads(cli("show", run, "--json").stdout)
    promised = {
        "benchmark",
        "language",
        "prompt",
        "shots",
        "order",
        "method",
        "text_only",
        "n_asked",
        "n_scored",
        "correct",
        "accuracy",
        "points",
        "max_points",
        "unparsed",
        "truncated",
        "overlong",
        "refused",
        "engine_error",
        "not_applicable",
        "void",
    }
    assert all(promised <= set(c) for c in data["cells"])
    assert {b["name"] for b in data["baselines"]} == {"chance", "first choice"}
    assert data["totals"][0]["n_asked"] == 104


@pytest.mark.parametrize(
    "args",
    [
        "bench list",
        "bench show mini",
        "bench check mini",
        "prompts list",
        "prompts show chat_ja",
        "data list",
        "grade RUN",
        "show RUN --question mini-001",
    ],
)
def test_json_everywhere_a_table_is_printed(args: str, cli: Cli, run: str) -> None:
    done = cli(*args.replace("RUN", run).split(), "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


STUDIES = {
    "compare": "RUNS",
    "fair": "RUN",
    "graders": "RUNS --method letter,exact,gestalt",
    "rank-benchmarks": "RUNS",
    "leaderboard": "RUNS",
    "consistency": "RUN RUN",
    "items": "RUNS --bench mini --lang ja",
    "verify": "RUN",
    "short-form": "RUNS --bench mini --limit 20 --lang ja",
}


@needs("stats")
@pytest.mark.parametrize("study", STUDIES)
def test_every_study_is_printed_in_every_format(study: str, cli: Cli, runs: list[str]) -> None:
    args = STUDIES[study].replace("RUNS", " ".join(runs)).replace("RUN", runs[0]).split()
    table = cli(study, *args)
    assert table.returncode == 0 and table.stdout.count("\n") > 3, table.stderr
    assert json.loads(cli(study, *args, "--json").stdout) == json.loads(cli(study, *args, "--format", "json").stdout)
    assert cli(study, *args, "--format", "md").stdout.count("|") > 10
    assert latex_tables(cli(study, *args, "--format", "latex").stdout)
    assert Page(cli(study, *args, "--format", "html").stdout).tables
    assert "," in cli(study, *args, "--format", "csv").stdout.splitlines()[-1]


@needs("stats", "xlsx")
@pytest.mark.parametrize("study", STUDIES)
def test_every_study_is_written_to_a_file(study: str, cli: Cli, runs: list[str], tmp_path: Path) -> None:
    args = STUDIES[study].replace("RUNS", " ".join(runs)).replace("RUN", runs[0]).split()
    done = cli(study, *args, "--save", str(tmp_path / "t.xlsx"))
    assert done.returncode == 0 and done.stdout == "" and "written: " in done.stderr, done.stderr
    assert workbook_rows(tmp_path / "t.xlsx")[1:] and workbook_rows(tmp_path / "t.xlsx", 1)


def test_a_format_that_does_not_exist_is_refused_before_anything_is_computed(cli: Cli) -> None:
    done = cli("compare", "gone", "lost", "--format", "latx")
    assert done.returncode == 2 and "did you mean latex?" in done.stderr


@needs("stats")
def test_a_study_in_python_is_what_the_command_prints(cli: Cli, runs: list[str]) -> None:
    report = igaku.summarise([runs[0]])
    assert igaku.render(report, "json") == cli("fair", runs[0], "--json").stdout
    assert igaku.render(igaku.compare(*runs), "csv") == cli("compare", *runs, "--format", "csv").stdout


def test_tables(cli: Cli, run: str) -> None:
    assert "standard_" in cli("show", run).stdout
    assert "required" in cli("show", run, "--by", "section").stdout
    assert "gestalt" in cli("grade", run, "--method", "gestalt").stdout
    assert "key: e" in cli("show", run, "--question", "mini-001").stdout
    assert (Path(run) / "verdicts.jsonl").exists()


def test_a_judges_votes_are_shown_with_the_question(cli: Cli, tmp_path: Path) -> None:
    run = igaku.evaluate(always("よい。"), "clinical_open", lang="ja", limit=1, out=tmp_path / "r")
    igaku.judge(run, Replay(lambda _: "1: はい 本人の言葉", name="j"))
    (name,) = run.manifest.tasks[0].replies
    assert "vote 1 by j" in cli("show", str(tmp_path / "r"), "--question", name).stdout


@needs("stats")
def test_short_form_writes_its_ids(cli: Cli, runs: list[str], tmp_path: Path) -> None:
    cli("short-form", "--bench", "mini", *runs, "--limit", "20", "--lang", "ja", "--out", str(tmp_path / "ids.txt"))
    assert len((tmp_path / "ids.txt").read_text().split()) == 20


def test_grade_counts_what_is_unanswered(cli: Cli, tmp_path: Path) -> None:
    igaku.evaluate(always("答え：b"), "mini", out=tmp_path / "r")
    journal = tmp_path / "r" / "replies.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:150]))
    data = json.loads(cli("grade", str(tmp_path / "r"), "--json").stdout)
    assert sum(c["unanswered"] for c in data["cells"]) == 208 - 150


def test_a_gold_that_fails_gives_exit_code_1(cli: Cli, tmp_path: Path) -> None:
    """Two choices that differ in nothing a grader can see, with the key on one: exact cannot tell wrong from right."""
    row = {"id": "1", "stem": "どれか。", "choices": ["…", "……。"], "answer": "a"}
    (tmp_path / "own.jsonl").write_text(json.dumps(row, ensure_ascii=False))
    assert cli("bench", "check", str(tmp_path / "own.jsonl")).returncode == 1


@pytest.mark.parametrize("command", ["eval", "fair", "judge", "contamination"])
def test_every_command_that_asks_a_model_takes_all_engine_flags(command: str, cli: Cli) -> None:
    text = cli(command, "--help").stdout
    fields = [f for f in EngineSpec.__struct_fields__ if f not in ("model", "thinking")]
    assert [f for f in fields if f"--{f.replace('_', '-')}" not in text] == []


def test_a_dry_run_asks_nobody(cli: Cli, tmp_path: Path) -> None:
    done = cli(
        "eval",
        "--model",
        "gpt-5",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--bench",
        "mini",
        "--lang",
        "ja",
        "--dry-run",
        "--out",
        str(tmp_path / "r"),
    )
    assert done.returncode == 0 and "104 prompts" in done.stderr and "--- prompt 1 of 3" in done.stdout
    assert not (tmp_path / "r").exists()


@pytest.mark.model
def test_the_demo_command_with_json(cli: Cli, tmp_path: Path) -> None:
    done = cli(
        "eval",
        "--model",
        "gemma-3-270m",
        "--bench",
        "mini",
        "--lang",
        "ja",
        "--method",
        "letter-logprob",
        "--limit",
        "4",
        "--out",
        str(tmp_path / "r"),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cells"][0]["n_asked"] == 4
    assert "prompts" in done.stderr


HEAVY = (
    "torch",
    "transformers",
    "vllm",
    "pandas",
    "datasets",
    "numpy",
    "jinja2",
    "httpx",
    "rapidfuzz",
    "xllamacpp",
    "rich.table",
    "msgspec",
)


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, igaku, igaku.cli; dir(igaku); print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
