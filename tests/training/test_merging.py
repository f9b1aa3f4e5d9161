import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.plans.evolve import evolved
from igaku.training import read_texts, train
from igaku.training.config import Base, Config, Data, Method, Train
from igaku.training.evolution import evolve
from igaku.training.merging import Member, merge, read_members
from igaku.training.weights import Weights

pytestmark = pytest.mark.torch


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
    command = ["merge", str(tiny_folder), str(tmp_path / "a"), f"{tmp_path / 'b'}:0.5:0.3", "--method", "dare-ties"]
    command += ["--out", str(tmp_path / "m")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    AutoModelForCausalLM.from_pretrained(tmp_path / "m")
    merged = json.loads((tmp_path / "m/merge.json").read_text())
    files = {"model.safetensors": file_sha256(tmp_path / "b/model.safetensors")}
    assert merged["members"][1] == {"folder": "b", "files": files, "weight": 0.5, "density": 0.3}
    assert merged["base"]["files"] and "adapter_model.safetensors" in merged["members"][0]["files"]
    page = (tmp_path / "m/README.md").read_text()
    assert "CONTAMINATED" in page and "| `b` | 0.5 | 0.3 |" in page and "base_model" in page
    assert sorted(p.name for p in (tmp_path / "a").iterdir() if p.is_dir()) == ["checkpoint"], "nothing is stored there"
    _merged_once(command, tmp_path)
    assert "on purpose" in (tmp_path / "m/igaku.json").read_text()
    alone = merge(tiny_folder, [Member(tmp_path / "b", 1.0, 1.0)], tmp_path / "one")
    mine, theirs = Weights(alone), Weights(tmp_path / "b")
    assert all(torch.allclose(mine.tensor(n), theirs.tensor(n), atol=1e-6) for n in mine)
    shutil.copytree(tmp_path / "b", tmp_path / "c")
    (tmp_path / "c/model.safetensors").unlink()
    with pytest.raises(IgakuError, match="no safetensors found"):
        merge(tiny_folder, [Member(tmp_path / "c")], tmp_path / "x")
    with pytest.raises(IgakuError, match="unknown merge method"):
        merge(tiny_folder, [], tmp_path / "x", "tie")


def _merged_once(command: list[str], tmp_path: Path) -> None:
    """The same command does nothing; other inputs are refused, or merged with ``--redo``."""
    file = tmp_path / "m/model.safetensors"
    before = file.stat().st_mtime_ns
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 0 and "already done" in again.stderr and file.stat().st_mtime_ns == before
    other = [*command[:3], f"{tmp_path / 'b'}:0.25:0.3", *command[4:]]
    refused = CliRunner().invoke(app, other)
    assert isinstance(refused.exception, IgakuError) and "weight: 0.5, now 0.25" in str(refused.exception)
    assert file.stat().st_mtime_ns == before
    assert CliRunner().invoke(app, [*other, "--redo"]).exit_code == 0 and file.stat().st_mtime_ns != before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    foreign = CliRunner().invoke(app, [*command[:-1], str(tmp_path / "mine")]).exception
    assert isinstance(foreign, IgakuError) and "did not write" in str(foreign)


def test_an_adapter_that_changes_is_merged_anew(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """Nothing of an earlier merge is taken from the adapter's folder."""
    config = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=2, batch=4),
    )
    adapter = tmp_path / "a"
    train(config, adapter, data=mix)
    first = Weights(merge(tiny_folder, [Member(adapter, 1.0, 1.0)], tmp_path / "1"))
    shutil.rmtree(adapter)
    config.train.lr = 5e-2
    train(config, adapter, data=mix)
    second = Weights(merge(tiny_folder, [Member(adapter, 1.0, 1.0)], tmp_path / "2"))
    assert any(not first.tensor(n).equal(second.tensor(n)) for n in first)


def test_the_search_scores_merged_models(tiny_folder: Path, mix: Path, tmp_path: Path) -> None:
    read_texts(tiny_folder, ["Question: which one? Answer: C"] * 4, tmp_path / "b", epochs=1, lr=1e-3, block=32)
    lines: list[str] = []
    found = evolved(tiny_folder, [Member(tmp_path / "b")], "mini", generations=1, limit=10, say=lines.append)
    assert len(lines) == 7 and all(" % with b " in line for line in lines)
    assert [m.folder for m in found] == [tmp_path / "b"]


def test_members_are_read() -> None:
    assert read_members(["a", "b:2", "c:1:0.3"]) == [
        Member(Path("a")),
        Member(Path("b"), 2.0),
        Member(Path("c"), 1.0, 0.3),
    ]
    for wrong in ("a:much", "a:1:0.5:2"):
        with pytest.raises(IgakuError, match="write FOLDER"):
            read_members([wrong])


def test_the_search_climbs() -> None:
    wanted = {"a": 1.6, "b": 0.3}
    top, best = evolve(
        lambda trial: -sum((m.weight - wanted[m.folder.name]) ** 2 for m in trial),
        [Member(Path("a")), Member(Path("b"))],
        generations=8,
    )
    assert top > -0.2 and best[0].weight > 1.2 and best[1].weight < 0.7


def test_an_adapter_that_peft_cannot_merge_is_one_line(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    config = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(r=4),
        data=Data(block=64),
        train=Train(lr=5e-3, steps=1, batch=4),
    )
    train(config, tmp_path / "a", data=mix)
    file = tmp_path / "a" / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"alora_invocation_tokens": [1, 2]}))
    with pytest.raises(IgakuError, match=r"peft can load.*aLoRA"):
        merge(tiny_folder, [Member(tmp_path / "a", 1.0, 1.0)], tmp_path / "m")


def test_an_adapter_of_another_model_is_named(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    config = Config(
        model=Base(base=str(tiny_folder)), method=Method(r=2), data=Data(block=64), train=Train(steps=1, batch=2)
    )
    train(config, tmp_path / "a", data=mix)
    read_texts(tiny_folder, ["Which one? C"] * 4, tmp_path / "other", epochs=1, lr=1e-3, block=32)
    lines: list[str] = []
    merge(tmp_path / "other", [Member(tmp_path / "a")], tmp_path / "m", say=lines.append)
    assert any("which is another model" in line for line in lines)
    lines.clear()
    shutil.copytree(tiny_folder, tmp_path / "copy")
    merge(tmp_path / "copy", [Member(tmp_path / "a")], tmp_path / "n", say=lines.append)
    assert lines == ["merge"], "a copy of its base is its base"
