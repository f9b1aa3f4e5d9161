"""`igaku import`: what the command is given reaches the import."""

import json
from pathlib import Path

import igaku

from .conftest import Cli


def replies(folder: Path) -> Path:
    rows = [{"id": f"q{n}", "stem": f"問{n}", "choices": ["甲", "乙"], "answer": "a"} for n in (1, 2)]
    (folder / "own.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    given = [{"id": f"q{n}", "model": "m", "reply": "b"} for n in (1, 2)]
    (folder / "given.jsonl").write_text("\n".join(map(json.dumps, given)), encoding="utf-8")
    return folder


def test_keys_and_facts_of_models_are_taken_from_the_files_given(cli: Cli, tmp_path: Path) -> None:
    at = replies(tmp_path)
    (at / "keys.csv").write_text("id,answer\nq1,b\nq2,b\n", encoding="utf-8")
    (at / "facts.toml").write_text('["m"]\nvendor = "Somebody"\n', encoding="utf-8")
    more = ["--keys", str(at / "keys.csv"), "--models", str(at / "facts.toml")]
    done = cli(
        "import", "jsonl", str(at / "given.jsonl"), "--bench", str(at / "own.jsonl"), "--out", str(at / "r"), *more
    )
    assert done.returncode == 0, done.stderr
    (cell,) = igaku.open_run(at / "r").cells
    assert (cell.correct, cell.n_scored) == (2, 2)
    assert "Somebody" in (at / "r" / "models.toml").read_text(encoding="utf-8")


def test_a_file_of_keys_that_is_not_there_is_one_line(cli: Cli, tmp_path: Path) -> None:
    at = replies(tmp_path)
    command = ["import", "jsonl", str(at / "given.jsonl"), "--bench", str(at / "own.jsonl"), "--out", str(at / "r")]
    done = cli(*command, "--keys", str(at / "none.csv"))
    assert done.returncode == 2 and "none.csv" in done.stderr and done.stderr.count("\n") == 1
