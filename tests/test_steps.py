"""Steps are done once, continued where they were cut off, and never write over what is not theirs."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from igaku.errors import IgakuError
from igaku.steps import RECORD, Steps, difference, fingerprint, hashes, read_record


class Stopped(Exception):
    """As if the process had been killed inside a step."""


class Work:
    """A step that writes one file, counts its calls, and can be cut off after writing half."""

    def __init__(self, cut_off: bool = False) -> None:
        self.calls, self.cut_off = 0, cut_off

    def do(self, folder: Path) -> str:
        self.calls += 1
        half = folder / "half"
        found = half.read_text() if half.exists() else ""
        if not found:
            half.write_text("begun")
        if self.cut_off:
            self.cut_off = False
            raise Stopped
        (folder / "result").write_text("made" + found)
        return self.load(folder)

    @staticmethod
    def load(folder: Path) -> str:
        return (folder / "result").read_text()


def run(out: Path, work: Work, inputs: object, say: Callable[[str], None] = lambda _: None, redo: bool = False) -> str:
    return Steps(out, say, redo=redo).run("train/age", inputs, work.do, work.load, what="train for age")


def test_a_step_is_done_once(tmp_path: Path) -> None:
    work, lines = Work(), []
    assert [run(tmp_path, work, {"lr": 0.1}, lines.append) for _ in range(3)] == ["made"] * 3
    assert work.calls == 1
    assert lines == ["train for age", "train for age: already done", "train for age: already done"]
    record = read_record(tmp_path / "train" / "age")
    assert record and record.done and record.inputs == {"lr": 0.1} and record.fingerprint == fingerprint({"lr": 0.1})


def test_a_step_cut_off_is_called_again_in_its_folder(tmp_path: Path) -> None:
    work = Work(cut_off=True)
    with pytest.raises(Stopped):
        run(tmp_path, work, 1)
    record = read_record(tmp_path / "train" / "age")
    assert record is not None and not record.done
    assert run(tmp_path, work, 1) == "madebegun"
    assert work.calls == 2


def test_cut_off_while_its_record_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "train" / "age"
    folder.mkdir(parents=True)
    (folder / f"{RECORD}.partial").write_text("{")
    assert run(tmp_path, Work(), 1) == "made"


class Settings(Struct):
    lr: float = 1e-4
    layers: list[int] = []


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (Settings(), Settings(lr=5e-4), "lr: 0.0001, now 0.0005"),
        ({"data": {"a.jsonl": "77"}}, {"data": {"a.jsonl": "78"}}, "data.a.jsonl: 77, now 78"),
        (Settings(layers=[1, 2]), Settings(layers=[1, 3]), r"layers\[1\]: 2, now 3"),
        (Settings(layers=[1]), Settings(layers=[1, 3]), r"layers\[1\]: nothing, now 3"),
        ({"a": 1}, {"a": 1, "b": None}, "b: nothing, now null"),
        ({"a": 1}, {"a": 1.0}, "a: 1, now 1.0"),
        ({"a": True}, {"a": 1}, "a: true, now 1"),
        ({"a": Path("x/y")}, {"a": Path("x/z")}, "a: x/y, now x/z"),
        ({"a": "x" * 500 + "1"}, {"a": "x" * 500 + "2"}, r"a: \.\.\.x+1, now \.\.\.x+2"),
        (1, 2, "inputs: 1, now 2"),
    ],
)
def test_other_inputs_are_refused_with_the_change(tmp_path: Path, before: object, now: object, change: str) -> None:
    work = Work()
    run(tmp_path, work, before)
    with pytest.raises(IgakuError, match=rf"was made from other inputs \({change}\); give another --out, or --redo"):
        run(tmp_path, work, now)
    assert work.calls == 1
    assert run(tmp_path, work, before) == "made"  # what was there is untouched


def test_redo_does_a_changed_step_anew_and_only_that(tmp_path: Path) -> None:
    work = Work()
    run(tmp_path, work, 1)
    run(tmp_path, work, 1, redo=True)
    assert work.calls == 1
    assert run(tmp_path, work, 2, redo=True) == "made"  # not "madebegun": nothing of the first is left
    assert run(tmp_path, work, 2) == "made"
    assert work.calls == 2
    assert [p.name for p in tmp_path.iterdir()] == ["train"]


def test_redo_cut_off_while_the_old_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, Work(), 1)

    def cut(path: Path, ignore_errors: bool = False) -> None:
        if path.exists():
            raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr("igaku.steps.shutil.rmtree", cut)
        with pytest.raises(Stopped):
            run(tmp_path, Work(), 2, redo=True)
    assert run(tmp_path, Work(), 2) == "made"
    assert [p.name for p in tmp_path.iterdir()] == ["train"]


def test_a_folder_with_other_files_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "train" / "age").mkdir(parents=True)
    (tmp_path / "train" / "age" / "thesis.docx").write_text("mine")
    for redo in (False, True):
        with pytest.raises(IgakuError, match="holds files that step train/age did not write; give another --out"):
            run(tmp_path, Work(), 1, redo=redo)
    assert (tmp_path / "train" / "age" / "thesis.docx").read_text() == "mine"
    assert [p.name for p in (tmp_path / "train" / "age").iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": 3}', "[" * 100_000])
def test_a_damaged_record_is_one_line(tmp_path: Path, text: str) -> None:
    work = Work()
    run(tmp_path, work, 1)
    (tmp_path / "train" / "age" / RECORD).write_text(text)
    with pytest.raises(IgakuError, match=r"step\.json: damaged; remove the folder to do step train/age again"):
        run(tmp_path, work, 1)
    assert work.calls == 1


def test_inputs_are_the_same_in_whatever_order_they_come() -> None:
    assert fingerprint({"a": 1, "b": {"x", "y"}}) == fingerprint({"b": {"y", "x"}, "a": 1})
    with pytest.raises(TypeError, match="got object"):  # its text holds an address, which changes in every process
        fingerprint({"a": object()})


def test_a_file_counts_by_its_contents(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    first = hashes([file])
    file.write_text("other!")
    assert list(first) == [str(file)] and hashes([file]) != first


scalar = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
plain = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@given(plain, plain)
def test_same_inputs_are_never_run_twice_and_others_never_pass(one: object, other: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Work()
        run(Path(folder), work, one)
        run(Path(folder), work, json.loads(json.dumps(one)))
        assert work.calls == 1
        if msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted"):
            run(Path(folder), work, other)
        else:
            with pytest.raises(IgakuError, match="was made from other inputs"):
                run(Path(folder), work, other)
        assert work.calls == 1


def value_at(inputs: object, path: str) -> object:
    for part in path.replace("[", ".[").strip(".").split(".") if path != "inputs" else []:
        if part.startswith("["):
            index = int(part[1:-1])
            inputs = inputs[index] if index < len(inputs) else ...  # type: ignore[index, arg-type]
        else:
            inputs = inputs.get(part, ...)  # type: ignore[attr-defined]
    return inputs


@given(plain, plain)
def test_a_difference_names_a_position_that_differs(one: object, other: object) -> None:
    if msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted"):
        return
    found = difference(one, other)
    path, _, values = found.partition(": ")
    first, second = value_at(one, path), value_at(other, path)
    assert repr(first) != repr(second)
    before, _, now = values.partition(", now ")
    assert before != now


def writes(text: str) -> object:
    def do(folder: Path) -> str:
        with (folder / "out.txt").open("a") as file:
            file.write(text)
        return text

    return do


def run_a(out: Path, inputs: object, text: str, redo: bool = False, grows: bool = False) -> str:
    do, steps = writes(text), Steps(out, redo=redo)
    return steps.run("a", inputs, do, lambda folder: "loaded", grows=grows)  # type: ignore[arg-type, return-value]


def test_other_inputs_are_refused_or_done_anew_with_redo(tmp_path: Path) -> None:
    assert run_a(tmp_path, {"n": 1}, "x") == "x" and run_a(tmp_path, {"n": 1}, "y") == "loaded"
    with pytest.raises(IgakuError, match=r"other inputs \(n: 1, now 2\)"):
        run_a(tmp_path, {"n": 2}, "y")
    assert run_a(tmp_path, {"n": 2}, "y", redo=True) == "y" and (tmp_path / "a/out.txt").read_text() == "y"


def test_a_step_that_only_adds_goes_on_with_other_inputs(tmp_path: Path) -> None:
    run_a(tmp_path, {"n": 1}, "x", grows=True)
    assert run_a(tmp_path, {"n": 2}, "y", grows=True) == "y" and (tmp_path / "a/out.txt").read_text() == "xy"
    assert run_a(tmp_path, {"n": 2}, "z", grows=True) == "loaded"
    (tmp_path / "b" / "a").mkdir(parents=True)
    (tmp_path / "b" / "a" / "mine.txt").write_text("mine")
    with pytest.raises(IgakuError, match="did not write"):
        run_a(tmp_path / "b", {"n": 1}, "x", grows=True)


def test_a_step_that_failed_before_it_wrote_anything_can_be_corrected(tmp_path: Path) -> None:
    def fails(folder: Path) -> str:
        raise IgakuError("wrong input")

    with pytest.raises(IgakuError, match="wrong input"):
        Steps(tmp_path).run("a", {"n": 1}, fails, lambda folder: "loaded")
    assert run_a(tmp_path, {"n": 2}, "x") == "x"
