import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.training import read_texts, train
from igaku.training.config import Base, Config, Data, Method, Train
from igaku.training.merging import Member, Weights, combined, dared, evolve, merge, read_members, trimmed

pytestmark = pytest.mark.torch


def of(*values: float) -> Any:
    import torch

    return torch.tensor(values)


def test_ties_by_hand() -> None:
    a, b = of(4.0, -3.0, 0.1, 2.0), of(2.0, 5.0, 0.2, -2.0)
    assert trimmed(a, 0.5).tolist() == [4.0, -3.0, 0.0, 0.0]
    two = [Member(Path("a"), 1.0, 0.75), Member(Path("b"), 1.0, 0.75)]
    # signs of the sum: +, +, 0 (both trimmed), 0 (they cancel): the first is averaged, the second is b's alone
    assert combined([a, b], two, "ties", "").tolist() == [3.0, 5.0, 0.0, 0.0]
    assert combined([a, b], [Member(Path("a"), 3.0), Member(Path("b"), 1.0)], "linear", "").tolist() == pytest.approx(
        [3.5, -1.0, 0.125, 1.0]
    )


def test_dare_keeps_the_mean() -> None:
    import torch

    change = torch.ones(20_000)
    thinned = dared(change, 0.3, "s")
    assert float(thinned.mean()) == pytest.approx(1.0, abs=0.05) and thinned.unique().tolist() == pytest.approx(
        [0.0, 1 / 0.3]
    )
    assert torch.equal(thinned, dared(change, 0.3, "s")) and not torch.equal(thinned, dared(change, 0.3, "t"))


def test_models_and_adapters_of_one_base_are_merged(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    config = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=3, batch=4),
    )
    train(config, tmp_path / "a", data=mix)
    read_texts(tiny_folder, ["Question: which one? Answer: C"] * 4, tmp_path / "b", epochs=2, lr=1e-3, block=32)
    told = CliRunner().invoke(
        app,
        [
            "merge",
            str(tiny_folder),
            str(tmp_path / "a"),
            f"{tmp_path / 'b'}:0.5:0.3",
            "--method",
            "dare-ties",
            "--out",
            str(tmp_path / "m"),
        ],
    )
    assert told.exit_code == 0, told.output
    AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    assert json.loads((tmp_path / "m/merge.json").read_text())["members"][1] == {
        "folder": "b",
        "weight": 0.5,
        "density": 0.3,
    }
    assert "on purpose" in (tmp_path / "m/igaku.json").read_text()
    alone = merge(tiny_folder, [Member(tmp_path / "b", 1.0, 1.0)], tmp_path / "one")
    mine, theirs = Weights(alone), Weights(tmp_path / "b")
    assert all(torch.allclose(mine.tensor(n), theirs.tensor(n), atol=1e-6) for n in mine)
    shutil.copytree(tmp_path / "b", tmp_path / "c")
    (tmp_path / "c/model.safetensors").unlink()
    with pytest.raises(IgakuError, match="no safetensors there"):
        merge(tiny_folder, [Member(tmp_path / "c")], tmp_path / "x")
    with pytest.raises(IgakuError, match="unknown merge method"):
        merge(tiny_folder, [], tmp_path / "x", "tie")


def test_members_are_read() -> None:
    assert read_members(["a", "b:2", "c:1:0.3"]) == [
        Member(Path("a")),
        Member(Path("b"), 2.0),
        Member(Path("c"), 1.0, 0.3),
    ]
    with pytest.raises(IgakuError, match="write FOLDER"):
        read_members(["a:much"])


def test_the_search_climbs() -> None:
    wanted = {"a": 1.6, "b": 0.3}
    top, best = evolve(
        lambda trial: -sum((m.weight - wanted[m.folder.name]) ** 2 for m in trial),
        [Member(Path("a")), Member(Path("b"))],
        generations=8,
    )
    assert top > -0.2 and best[0].weight > 1.2 and best[1].weight < 0.7
