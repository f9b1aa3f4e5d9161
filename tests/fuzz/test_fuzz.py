"""About a minute of the fuzz suite, with fixed seeds; `make fuzz` goes on for as long as one likes."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from .mutate import KINDS, mutate
from .reader import absent, groups

ROOT = Path(__file__).parents[2]
FEW = {"models": 16, "replies": 24}
"""Inputs of groups whose readers take longer; 60 of the others."""
SOUND = {
    "json": b'{"a": [1, {"b": "c"}]}',
    "jsonl": b'{"a": 1}\n{"a": 2}\n',
    "csv": b"a,b\n1,2\n",
    "yaml": b"a: 1\nb: [2]\n",
    "toml": b"a = 1\n",
    "text": b"a\nb\n",
    "bytes": b"abc",
}


def fuzzed(folder: Path, *given: str) -> str:
    """What the suite prints; its exit code must be 0."""
    command = [sys.executable, "-m", "tests.fuzz", *given, "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("group", groups())
def test_damaged_files_end_in_a_success_or_in_one_line(group: str, tmp_path: Path) -> None:
    if why := absent(group):
        pytest.skip(why)
    fuzzed(tmp_path, "--group", group, "--inputs", str(FEW.get(group, 60)), "--seed", "1")


@pytest.mark.slow
@pytest.mark.parametrize("group", groups())
def test_every_reader_reads_its_sound_example(group: str, tmp_path: Path) -> None:
    if why := absent(group):
        pytest.skip(why)
    fuzzed(tmp_path, "--group", group, "--sound", "--inputs", "1")


@pytest.mark.parametrize("kind", sorted(SOUND))
def test_the_same_seed_damages_alike_and_another_seed_otherwise(kind: str) -> None:
    first = [mutate(kind, SOUND[kind], Random(n)) for n in range(40)]
    assert [mutate(kind, SOUND[kind], Random(n)) for n in range(40)] == first
    assert len({raw for _, raw in first}) > 20
    assert kind in KINDS


def test_a_finding_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the suite counts: a traceback, an exit code of its own, more than a line; not a success or a refusal."""
    import igaku.cli

    from .child import run
    from .reader import Reader

    reader = Reader("r", lambda folder: None, "f", "bytes", ("x",))

    def outcome(do: object) -> str:
        monkeypatch.setattr(igaku.cli, "main", do)
        return run(reader, 0, "", tmp_path, "x").what

    def ends(code: int, line: str) -> object:
        def main() -> None:
            print(line, file=sys.stderr)
            sys.exit(code)

        return main

    assert outcome(lambda: None) == "read"
    assert outcome(ends(2, "igaku: f, line 1: not JSON")) == "refused"
    assert outcome(ends(2, "Usage: something")) == "traceback"
    assert outcome(ends(3, "igaku: f")) == "traceback"
    assert outcome(lambda: [][0]) == "traceback"
