from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.steps import Steps


def write(text: str) -> object:
    def do(folder: Path) -> str:
        with (folder / "out.txt").open("a") as file:
            file.write(text)
        return text

    return do


def run(out: Path, inputs: object, text: str, redo: bool = False, grows: bool = False) -> str:
    do, steps = write(text), Steps(out, redo=redo)
    return steps.run("a", inputs, do, lambda folder: "loaded", grows=grows)  # type: ignore[arg-type, return-value]


def test_a_step_is_done_once_and_other_inputs_are_refused_or_done_anew(tmp_path: Path) -> None:
    assert run(tmp_path, {"n": 1}, "x") == "x" and run(tmp_path, {"n": 1}, "y") == "loaded"
    with pytest.raises(IgakuError, match=r"other inputs \(n: 1, now 2\)"):
        run(tmp_path, {"n": 2}, "y")
    assert run(tmp_path, {"n": 2}, "y", redo=True) == "y" and (tmp_path / "a/out.txt").read_text() == "y"


def test_a_step_that_only_adds_goes_on_with_other_inputs(tmp_path: Path) -> None:
    run(tmp_path, {"n": 1}, "x", grows=True)
    assert run(tmp_path, {"n": 2}, "y", grows=True) == "y" and (tmp_path / "a/out.txt").read_text() == "xy"
    assert run(tmp_path, {"n": 2}, "z", grows=True) == "loaded"
    (tmp_path / "b" / "a").mkdir(parents=True)
    (tmp_path / "b" / "a" / "mine.txt").write_text("mine")
    with pytest.raises(IgakuError, match="did not write"):
        run(tmp_path / "b", {"n": 1}, "x", grows=True)


def test_a_step_that_failed_before_it_wrote_anything_can_be_corrected(tmp_path: Path) -> None:
    def fails(folder: Path) -> str:
        raise IgakuError("wrong input")

    with pytest.raises(IgakuError, match="wrong input"):
        Steps(tmp_path).run("a", {"n": 1}, fails, lambda folder: "loaded")
    assert run(tmp_path, {"n": 2}, "x") == "x"
