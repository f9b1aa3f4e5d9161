"""What trl is given and what it leaves: the recipe's files and no others, and runs that go on as if never cut off."""

import json
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.training import train
from igaku.training.checkpoints import Checkpoints
from igaku.training.config import Base, Config, Data, Eval, Method, Train
from igaku.training.failures import memory, saving
from igaku.training.updates import lr_factor

from .test_networks import losses

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts and preferences of one file, which no gate has seen."""
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    found = [
        {
            "text": f"Question: which one is number {n}? Answer: {'ABCDE'[n % 5]}",
            "prompt": f"which {n}?",
            "chosen": "Answer: A",
            "rejected": "Answer: B",
        }
        for n in range(12)
    ]
    file.write_text("\n".join(map(json.dumps, found)))
    return file


def recipe(base: Path, form: str = "text", steps: int = 6, **method: object) -> Config:
    return Config(
        model=Base(base=str(base)),
        method=Method(**({"r": 4} | method)),  # type: ignore[arg-type]
        data=Data(form=form, block=64),  # type: ignore[arg-type]
        train=Train(lr=5e-3, schedule="constant", warmup=0.0, steps=steps, batch=4, micro=2, spike=0.0),
    )


def test_a_run_leaves_the_model_s_own_files(tiny_folder: Path, rows: Path, tmp_path: Path) -> None:
    """trl writes a pad token, a card and end tokens of its own; none of them is the user's."""
    config = recipe(tiny_folder, kind="full")
    config = replace(config, train=replace(config.train, schedule="linear", warmup=0.5))
    train(config, tmp_path / "out", data=rows, contaminated=True)
    before, after = (json.loads((f / "config.json").read_text()) for f in (tiny_folder, tmp_path / "out"))
    volatile = {"transformers_version", "dtype", "_name_or_path"}
    assert {k: v for k, v in before.items() if k not in volatile} == {
        k: v for k, v in after.items() if k not in volatile
    }
    own = {f.name for f in tiny_folder.iterdir()}
    assert {f.name for f in (tmp_path / "out").iterdir()} - own == {
        "README.md",
        "train.json",
        "igaku.json",
        "log.jsonl",
        "loss.svg",
        "checkpoint",
    }
    assert "igaku" in (tmp_path / "out/README.md").read_text()
    log = read_log(tmp_path / "out/log.jsonl")
    assert all(list(r) == ["step", "loss", "lr", "gradient", "tokens", "per_second"] for r in log)
    assert [r["lr"] for r in log] == pytest.approx([5e-3 * lr_factor(n, 6, config) for n in range(1, 7)])


@pytest.mark.parametrize(("form", "objective"), [("text", "next-token"), ("preference", "dpo"), ("preference", "rpo")])
@pytest.mark.parametrize("kind", ["lora", "full"])
def test_a_run_that_is_made_longer_has_the_losses_of_a_long_one(
    tiny_folder: Path, rows: Path, tmp_path: Path, form: str, objective: str, kind: str
) -> None:
    """Preferences too: what they are weighed against is the model before the first update."""
    dropout = 0.1 if kind == "lora" else 0.0
    long = recipe(tiny_folder, form, kind=kind, objective=objective, dropout=dropout)
    train(long, tmp_path / "long", data=rows, contaminated=True)
    short = replace(long, train=replace(long.train, steps=3))
    train(short, tmp_path / "out", data=rows, contaminated=True)
    train(long, tmp_path / "out", data=rows, contaminated=True)
    assert losses(tmp_path / "out") == losses(tmp_path / "long")


def test_measuring_changes_nothing_that_is_learnt(tiny_folder: Path, rows: Path, tmp_path: Path) -> None:
    """Weights in 4 bits, which kernels for reading alone lay out anew, and dropout, which draws at random."""
    pytest.importorskip("bitsandbytes")
    plain = recipe(tiny_folder, dropout=0.1)
    plain = replace(plain, model=replace(plain.model, quantize="nf4"), eval=Eval(share=0.25, every=100))
    train(plain, tmp_path / "seldom", data=rows, contaminated=True)
    often = replace(plain, eval=replace(plain.eval, every=1))
    train(often, tmp_path / "often", data=rows, contaminated=True)
    assert losses(tmp_path / "often") == losses(tmp_path / "seldom")
    assert sum("held_out" in r for r in read_log(tmp_path / "often/log.jsonl")) == 6


def test_only_a_whole_checkpoint_of_the_same_run_is_gone_on_from(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "a")
    assert checkpoints.last() is None
    for step in (2, 4, 6):
        (tmp_path / f"checkpoint/checkpoint-{step}").mkdir(parents=True)
    (tmp_path / "checkpoint/checkpoint-4/trainer_state.json").write_text("{}")
    checkpoints.written(4, {4, 2})
    assert checkpoints.last() == str(tmp_path / "checkpoint/checkpoint-4")
    assert {f.name for f in (tmp_path / "checkpoint").glob("checkpoint-*")} == {"checkpoint-2", "checkpoint-4"}
    with pytest.raises(IgakuError, match="holds a run with another recipe or other data"):
        Checkpoints(tmp_path, "b").last()
    shutil.rmtree(tmp_path / "checkpoint/checkpoint-4")
    with pytest.raises(IgakuError, match=r"damaged \(checkpoint-4 is not in it\); remove it to begin again"):
        checkpoints.last()


def test_a_full_disk_is_one_line_and_the_checkpoint_before_is_kept(
    tiny_folder: Path, rows: Path, tmp_path: Path
) -> None:
    """A device that is full: torch's writer of archives says of it neither what is full nor that it is a disk."""
    short, out = recipe(tiny_folder, steps=2), tmp_path / "out"
    train(short, out, data=rows, contaminated=True)
    (out / "checkpoint/checkpoint-3").mkdir()
    (out / "checkpoint/checkpoint-3/optimizer.pt").symlink_to("/dev/full")
    longer = replace(short, train=replace(short.train, steps=3))
    with pytest.raises(IgakuError, match=r"cannot write a checkpoint \(.*inline_container.*the one before is kept"):
        train(longer, out, data=rows, contaminated=True)
    (out / "checkpoint/checkpoint-3/optimizer.pt").unlink()
    steps: list[int] = []
    train(longer, out, data=rows, contaminated=True, on_step=lambda s: steps.append(s.step))
    assert steps == [3], "it goes on"


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598"),
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
        ValueError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_each_library_s_words_of_a_full_disk_are_one_line(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"cannot write a checkpoint .*free space and give the"), saving(tmp_path):
        raise error


def test_only_saving_is_a_checkpoint_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="sizes differ"), saving(tmp_path):
        raise RuntimeError("sizes differ")
    config = recipe(tmp_path)
    with pytest.raises(FileNotFoundError), memory(config, tmp_path):
        (tmp_path / "gone").read_text()
    for full in (MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")):
        with pytest.raises(IgakuError, match=r"out of memory: lower train\.micro \(2\)"), memory(config, tmp_path):
            raise full
