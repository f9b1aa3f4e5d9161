import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import igaku
import igaku.cli as commands
from igaku.engines.replay import Replay

from ..conftest import always

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
)


def cli(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "igaku", *args]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env}, timeout=120, check=False)


@pytest.fixture
def run(tmp_path: Path) -> str:
    igaku.evaluate(always("答え：b"), "mini", out=tmp_path / "r")
    return str(tmp_path / "r")


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, igaku.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
    assert "eval" in cli("--help").stdout


COMMANDS = (
    "eval",
    "grade",
    "show",
    "import",
    "bench list",
    "prompts add",
    "data get",
    "judge",
    "rate export",
    "rate import",
    "exam",
    "fair",
    "compare",
    "contamination",
    "mini",
    "graders",
    "agree-benchmarks",
)


@pytest.mark.parametrize("command", [c.split() for c in COMMANDS], ids=COMMANDS)
def test_every_command_explains_itself(command: list[str]) -> None:
    assert len(cli(*command, "--help").stdout) > 200


def test_show_json_is_one_object_with_the_promised_fields(run: str) -> None:
    done = cli("show", run, "--json")
    data = json.loads(done.stdout)
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


def test_json_everywhere_a_table_is_printed(run: str) -> None:
    for args in (
        ["bench", "list"],
        ["bench", "show", "mini"],
        ["bench", "check", "mini"],
        ["prompts", "list"],
        ["prompts", "show", "chat_ja"],
        ["data", "list"],
        ["grade", run],
        ["show", run, "--question", "mini-001"],
    ):
        done = cli(*args, "--json")
        assert done.returncode == 0, done.stderr
        assert isinstance(json.loads(done.stdout), dict), args


def test_json_of_what_stands_on_runs(tmp_path: Path) -> None:
    runs = []
    for name, letter in (("one", "a"), ("two", "b"), ("three", "e")):
        engine = Replay(lambda _, x=letter: x, name=name)
        igaku.evaluate(
            engine,
            "mini",
            lang="ja",
            out=tmp_path / name,
            prompt=["standard", "closing"],
            order=["original", "rotate-1"],
        )
        runs.append(str(tmp_path / name))
    ids = tmp_path / "ids.txt"
    for args in (
        ["compare", *runs],
        ["fair", runs[0]],
        ["graders", *runs, "--method", "letter,exact,gestalt"],
        ["agree-benchmarks", *runs],
        ["mini", "--bench", "mini", *runs, "--items", "20", "--lang", "ja", "--out", str(ids)],
    ):
        done = cli(*args, "--json")
        assert done.returncode == 0, done.stderr
        assert isinstance(json.loads(done.stdout), dict), args
        assert cli(*args).stdout.count("\n") > 3, args
    assert len(ids.read_text().split()) == 20


def test_tables(run: str) -> None:
    assert "standard_ja" in cli("show", run).stdout
    assert "required" in cli("show", run, "--by", "section").stdout
    assert "gestalt" in cli("grade", run, "--method", "gestalt").stdout
    assert "key: e" in cli("show", run, "--question", "mini-001").stdout
    assert (Path(run) / "verdicts.jsonl").exists()


def test_grade_counts_what_is_unanswered(run: str) -> None:
    journal = Path(run) / "replies.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:150]))
    data = json.loads(cli("grade", run, "--json").stdout)
    assert sum(c["unanswered"] for c in data["cells"]) == 208 - 150


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["show", "gone"], "no run here"),
        (["eval", "--model", "gema", "--bench", "mini", "--out", "x"], "unknown model 'gema'"),
        (["eval", "--model", "gemma-3-270m", "--bench", "minni", "--out", "x"], "did you mean mini"),
        (
            ["eval", "--model", "gemma-3-270m", "--bench", "mini", "--prompt", "standart", "--out", "x"],
            "unknown prompt",
        ),
        (["import", "igakqa", "x", "--bench", "mini", "--out", "x"], "did you mean igakuqa"),
        (["prompts", "show", "alpacca_ja"], "did you mean alpaca_ja"),
        (["bench", "show", "gone.jsonl"], "cannot be read"),
        (["compare", "gone", "lost"], "no run here"),
        (["fair"], "give runs to summarise, or --model"),
        (["fair", "--model", "gemma-3-270m"], "--model also needs --bench and --out"),
        (["judge", "gone", "--judge", "gemma-3-270m"], "no run here"),
        (["rate", "import", "gone"], "no key.json here"),
        (["exam", "gone"], "no run here"),
        (["mini", "--bench", "mini"], "at least three are needed"),
        (["contamination", "--model", "gemma-3-270m", "--bench", "igakua", "--out", "x"], "did you mean igakuqa"),
        (["eval", "--model", "gemma-3-270m", "--bench", "mini", "--only", "gone.txt", "--out", "x"], "gone.txt"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_code_2(args: list[str], told: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "igaku", *args], capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "config"])


def test_a_gold_that_fails_gives_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two choices that differ in nothing a grader can see, with the key on one: exact cannot tell wrong from right."""
    own = tmp_path / "own.jsonl"
    own.write_text(
        json.dumps({"id": "1", "stem": "どれか。", "choices": ["…", "……。"], "answer": "a"}, ensure_ascii=False)
    )
    done = cli("bench", "check", str(own))
    assert done.returncode == 1


SLOW = """
import sys, time
from igaku import cli, engines
from igaku.engines.replay import Replay
from igaku.question import Answer

def slowly(request):
    time.sleep(0.02)
    return Answer(text="b")

engines.build_engine = lambda *a, **k: Replay(slowly)
import igaku.runs.evaluate
igaku.runs.evaluate.build_engine = engines.build_engine
sys.argv = ["igaku", "eval", "--model", "x", "--bench", "mini", "--out", sys.argv[1]]
cli.main()
"""


def test_an_interrupt_keeps_what_was_answered_and_says_so(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path / "r")], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    journal = tmp_path / "r" / "replies.jsonl"
    while child.poll() is None and not (journal.exists() and journal.stat().st_size > 2000):
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "the same command goes on from there" in told
    assert "Traceback" not in told
    assert 5 < len(journal.read_text().splitlines()) < 208


@pytest.mark.model
def test_the_demo_command_with_json(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("command", [["fair"], ["compare"]])
def test_without_the_stats_extra_it_says_what_to_install(command: list[str], tmp_path: Path) -> None:
    """A fresh install has no numpy; here a module of that name that cannot be imported stands for it."""
    (tmp_path / "numpy.py").write_text("raise ImportError('not here')")
    engine = Replay(lambda r: "ab"[len(r.prompt) % 2], name="m")
    igaku.evaluate(
        engine,
        "mini",
        lang="ja",
        limit=8,
        prompt=["standard", "closing"],
        order=["original", "rotate-1"],
        out=tmp_path / "r",
    )
    done = cli(*command, str(tmp_path / "r"), PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "pip install 'igaku[stats]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "extra"), [("ecg", "ecg"), ("merge", "train"), ("corpus", "corpus")])
def test_a_package_that_is_not_installed_is_one_line(
    command: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy.linalg")

    monkeypatch.setattr(commands, "app", fails)
    monkeypatch.setattr(sys, "argv", ["igaku", command])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(
        f"igaku: numpy is not installed; install it with: pip install 'igaku[{extra}]'"
    )
    monkeypatch.setattr(sys, "argv", ["igaku", "show"])
    with pytest.raises(ModuleNotFoundError):
        commands.main()
