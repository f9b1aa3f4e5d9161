import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import igaku
from igaku.cli import commands
from igaku.cli.switches import check_switches
from igaku.engines.replay import Replay
from igaku.errors import IgakuError

from .conftest import Cli

GEMMA = "eval --model gemma-3-270m --out x"
LINES = {
    "show gone": "no run",
    "eval --model gema --bench mini --out x": "unknown model 'gema'",
    f"{GEMMA} --bench minni": "did you mean mini",
    f"{GEMMA} --bench mini --prompt standart": "unknown prompt",
    f"{GEMMA} --bench mini --question-format opn": "did you mean open",
    f"{GEMMA} --bench mini --only gone.txt": "gone.txt",
    f"{GEMMA} --bench mini --engine lamacpp": "did you mean llamacpp",
    f"{GEMMA} --bench mini --engine llamacpp --concurrency 3": "--concurrency is not a setting of --engine llamacpp",
    "import igakqa x --bench mini --out x": "did you mean igakuqa",
    "prompts show alpacca_ja": "did you mean alpaca_ja",
    "bench show gone.jsonl": "cannot be read",
    "compare gone lost": "no run",
    "fair": "give runs to summarise, or --model",
    "fair --model gemma-3-270m": "--model also needs --bench and --out",
    "judge gone --judge gemma-3-270m": "no run",
    "rate import gone": "no key.json",
    "exam gone": "no run",
    "items gone --bench mini": "no run",
    "verify gone": "no run",
    "suites show qick": "did you mean quick",
    "eval --model gemma-3-270m --out x --suite quick --bench mini": "leave out --bench",
    "short-form --bench mini": "at least three are needed",
    "contamination --model gemma-3-270m --bench igakua --out x": "did you mean igakuqa",
}


@pytest.mark.parametrize(("line", "says"), LINES.items(), ids=LINES)
def test_what_the_user_can_correct_is_one_line_and_exit_code_2(
    line: str, says: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli(*line.split())
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "config"])


@pytest.mark.parametrize(
    ("text", "says"), [("method: [\n", "not valid YAML"), ("hello: 1\n", "unknown field `hello`"), ("", "recipe")]
)
def test_a_file_that_is_no_recipe_is_not_shown_as_one(text: str, says: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    done = cli("recipes", "show", str(tmp_path / "mine.yaml"))
    assert done.returncode == 2 and says in done.stderr and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_in_a_process_of_its_own_there_is_no_traceback_either(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "igaku", "show", str(tmp_path / "gone")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


def test_rank_correlation_of_one_benchmark_is_refused(cli: Cli, tmp_path: Path) -> None:
    igaku.evaluate(Replay(lambda _: "a"), "mini", lang="ja", limit=3, out=tmp_path / "r")
    done = cli("rank-benchmarks", str(tmp_path / "r"))
    assert done.returncode == 2 and "needs two benchmarks or more" in done.stderr


SLOW = """
import sys, time
from igaku import cli
from igaku.engines import build
from igaku.engines.replay import Replay
from igaku.question import Answer

def slowly(request):
    time.sleep(0.02)
    return Answer(text="b")

build.build_engine = lambda *a, **k: Replay(slowly)
sys.argv = ["igaku", "eval", "--model", "x", "--bench", "mini", "--out", sys.argv[1]]
cli.main()
"""


def test_an_interrupt_keeps_what_was_answered_and_says_so(tmp_path: Path) -> None:
    """The interrupt comes once some replies are on the disk, however slow the machine is."""
    child = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path / "r")], stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "r" / "replies.jsonl"
    while child.poll() is None and not (journal.exists() and journal.stat().st_size > 2000):
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, says = child.communicate(timeout=120)
    assert child.returncode == 130, says
    assert "the same command goes on from there" in says and "Traceback" not in says
    lines = journal.read_bytes().splitlines(keepends=True)
    assert 5 < len(lines) < 208 and lines[-1].endswith(b"\n")


@pytest.mark.parametrize(
    "module", ["engines.llamacpp", "engines.openai", "runs.importers", "studies.compare", "studies.exam", "report.card"]
)
def test_what_a_small_install_offers_needs_no_numpy(module: str, tmp_path: Path) -> None:
    """`make demo` installs llama.cpp alone; a module of that name that cannot be imported stands for no numpy."""
    (tmp_path / "numpy.py").write_text("raise ImportError('not installed')")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    code = f"import igaku.{module}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr.decode()


def test_without_the_stats_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """A fresh install has no numpy; here a module of that name that cannot be imported stands for it."""
    (tmp_path / "numpy.py").write_text("raise ImportError('not installed')")
    engine = Replay(lambda r: "ab"[len(r.prompt) % 2], name="m")
    ways = {"prompt": ["standard", "closing"], "order": ["original", "rotate-1"]}
    igaku.evaluate(engine, "mini", lang="ja", limit=8, out=tmp_path / "r", **ways)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    done = subprocess.run(
        [sys.executable, "-m", "igaku", "fair", str(tmp_path / "r")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 2
    assert "pip install 'igaku[stats]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "extra"), [("ecg", "ecg"), ("merge", "merge"), ("corpus", "corpus")])
def test_a_package_that_is_not_installed_is_one_line(
    command: str, extra: str, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy.linalg")

    monkeypatch.setattr(commands, "app", fails)
    assert cli("--ui", "ja", command) == cli(command)
    done = cli(command)
    assert done.returncode == 2
    assert done.stderr.startswith(f"igaku: numpy is not installed; install it with: pip install 'igaku[{extra}]'")
    with pytest.raises(ModuleNotFoundError):
        cli("show")


@pytest.mark.parametrize("given", [["--thinking", "on,off"], ["--thinking=on,off"], ["--thinking", "low,high"]])
def test_a_switch_that_is_given_efforts_points_to_the_flag_that_takes_them(given: list[str]) -> None:
    with pytest.raises(IgakuError, match=r"--thinking (on,off|low,high): it takes no value; give --effort \1 for"):
        check_switches(["eval", *given, "--model", "m"])


@pytest.mark.parametrize("given", [["--thinking"], ["--thinking", "--bench", "mini"], ["--effort", "on,off"]])
def test_the_switch_itself_and_the_other_flag_pass(given: list[str]) -> None:
    check_switches(["eval", "--model", "m", *given])
