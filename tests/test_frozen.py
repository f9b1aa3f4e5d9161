"""What users have on their disks does not change in silence: reply keys, journals, run folders, and `--json`.

``python -m tests.test_frozen`` writes the record anew; a change in it is a change of format, and belongs in the
changelog.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.corpus.asking import ask_all
from igaku.engines.replay import Replay
from igaku.question import Answer, Request
from igaku.studies.contamination import contamination as contamination

FROZEN = Path(__file__).parent / "assets" / "frozen"


def scripted(name: str) -> Replay:
    """An engine whose answers hang on nothing but its name and the request."""

    def answer(request: Request) -> Answer:
        drawn = hashlib.sha256(f"{name}{request.kind}{request.prompt}".encode()).digest()
        if request.kind == "text":
            said = (
                "採点：\n1: はい\n2: いいえ\n3: はい"
                if "採点" in request.prompt
                else f"考えると、答え：{'abcde'[drawn[0] % 5]}"
            )
            return Answer(text=said, prompt_tokens=len(request.prompt), new_tokens=7)
        n = len(request.continuations) if request.kind != "tokens" else 6
        numbers = tuple(-0.25 - drawn[i] / 64 for i in range(n))
        spread = {"means": (-3.0,) * n, "deviations": (1.5,) * n} if request.kind == "tokens" else {}
        return Answer(logprobs=numbers, tokens=(1 + drawn[9] % 3,) * n, prompt_tokens=len(request.prompt), **spread)

    return Replay(answer, name=name)


def asked(folder: Path) -> None:
    """Runs over every kind of request, a judge's votes, probes, and a corpus step's journal."""
    ways = {
        "prompt": ["standard", "closing"],
        "order": ["original", "rotate-1"],
        "method": ["letter", "letter-logprob", "likelihood"],
    }
    for name in ("one", "two", "three"):
        igaku.evaluate(scripted(name), "mini", out=folder / name, limit=12, **ways)
    igaku.evaluate(scripted("one"), "mini", out=folder / "forms", lang="ja", limit=12, method="letter")
    igaku.evaluate(scripted("one"), "mini", out=folder / "forms", lang="ja", limit=12, question_format="open")
    igaku.evaluate(scripted("one"), "mini", out=folder / "forms", lang="ja", limit=12, question_format="statements")
    igaku.evaluate(scripted("one"), "clinical_open", out=folder / "open", limit=4, shots=0)
    igaku.judge(folder / "open", scripted("judge"), votes=3)
    contamination(scripted("one"), "mini", out=folder / "probes", limit=10, reference=scripted("two"))
    requests = [(f"d{i}", Request(kind="letters", prompt=f"文書 {i}", continuations=("A", "B"))) for i in range(4)]
    ask_all(scripted("one"), "label", requests, folder / "corpus" / "replies.jsonl")


def journal(file: Path) -> str:
    """Each reply's key, and a hash of its line's bytes."""
    lines = file.read_bytes().splitlines()
    return "".join(f"{json.loads(line)['key']} {hashlib.sha256(line).hexdigest()[:16]}\n" for line in lines)


JOURNALS = ("one", "forms", "open", "probes", "corpus")

COMMANDS = {
    "show": ["show", "one"],
    "show-question": ["show", "one", "--question", "mini-001"],
    "show-forms": ["formats", "forms"],
    "show-open": ["show", "open"],
    "grade": ["grade", "one", "--method", "letter,exact,gestalt"],
    "compare": ["compare", "one", "two", "--method", "letter-logprob"],
    "consistency": ["consistency", "one", "two"],
    "fair": ["fair", "one"],
    "graders": ["graders", "one", "two", "three", "--method", "letter,exact,gestalt,letter-logprob"],
    "rank-benchmarks": ["rank-benchmarks", "one", "two", "three", "forms"],
    "short-form": [
        "short-form",
        "--bench",
        "mini",
        "one",
        "two",
        "three",
        "--limit",
        "10",
        "--lang",
        "ja",
        "--by",
        "runs",
    ],
    "bench-list": ["bench", "list"],
    "bench-show": ["bench", "show", "mini"],
}


def printed(name: str) -> str:
    done = CliRunner().invoke(app, [*COMMANDS[name], "--json"])
    return done.stdout if done.exit_code == 0 else f"exit {done.exit_code}: {done.exception}\n"


def board(format: str) -> str:
    return CliRunner().invoke(app, ["leaderboard", "one", "two", "three", "--format", format]).stdout


def card() -> str:
    return CliRunner().invoke(app, ["card", "one"]).stdout


def record(folder: Path) -> dict[str, str]:
    """Everything that is frozen, by name."""
    out = {f"journal-{name}.txt": journal(folder / name / "replies.jsonl") for name in JOURNALS}
    out |= {f"{name}.json": printed(name) for name in COMMANDS}
    out |= {f"leaderboard.{format}": board(format) for format in ("json", "md", "csv")}
    return out | {"card.yaml": card()}


def written(folder: Path) -> dict[str, str]:
    """The run folder's files, but for what a clock or a version decides."""
    manifest = json.loads((folder / "run.json").read_text())
    manifest.pop("igaku")
    names = ("questions.jsonl", "prompts.jsonl", "replies.jsonl")
    return {"run.json": json.dumps(manifest, ensure_ascii=False)} | {n: (folder / n).read_text() for n in names}


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frozen")
    asked(folder)
    return folder


@pytest.mark.parametrize("name", sorted(p.name for p in FROZEN.iterdir() if p.is_file()))
def test_what_was_promised_is_as_it_was(name: str, now: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(now)
    if name.startswith("journal-"):
        found = journal(now / name.removeprefix("journal-").removesuffix(".txt") / "replies.jsonl")
    elif name.startswith("leaderboard."):
        found = board(name.removeprefix("leaderboard."))
    else:
        found = card() if name == "card.yaml" else printed(name.removesuffix(".json"))
    assert found == (FROZEN / name).read_text()


def test_a_run_folder_of_an_earlier_version_is_read_as_it_was(now: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = FROZEN / "run"
    assert written(now / "open") == written(old)
    assert igaku.open_run(old).as_data()["cells"] == igaku.open_run(now / "open").as_data()["cells"]


def test_asked_again_nothing_is_asked(now: Path, tmp_path: Path) -> None:
    """A reply's key is the same as it was, so that nobody pays twice for what is on the disk."""
    shutil.copytree(FROZEN / "run", tmp_path / "run")
    engine = scripted("one")
    igaku.evaluate(engine, "clinical_open", out=tmp_path / "run", limit=4, shots=0)
    assert engine.requests == []


if __name__ == "__main__":
    import os

    with TemporaryDirectory() as scratch:
        asked(Path(scratch))
        os.chdir(scratch)
        for file, text in record(Path(scratch)).items():
            (FROZEN / file).write_text(text)
        shutil.rmtree(FROZEN / "run", ignore_errors=True)
        shutil.copytree(Path(scratch) / "open", FROZEN / "run", ignore=shutil.ignore_patterns("sessions.jsonl"))
    sys.stdout.write("written\n")
