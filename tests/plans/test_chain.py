import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.plans.chain import chain_names, read_chain, run_chain
from igaku.training.weights import Weights

pytestmark = pytest.mark.torch


def chain(tmp_path: Path, base: Path) -> str:
    """A chain over twelve passages and the tiny model, merged."""
    (tmp_path / "books").mkdir()
    for n in range(12):
        (tmp_path / "books" / f"{n}.txt").write_text(
            f"Passage {n}: in heart failure number {n} the legs swell since venous pressure rises by {n} units."
        )
    (tmp_path / "recipe.yaml").write_text(
        f"model: {{base: {base}}}\nmethod: {{r: 4}}\ndata: {{form: text, block: 64}}\n"
        "train: {lr: 1.0e-3, steps: 4, batch: 4}\n"
    )
    (tmp_path / "chain.yaml").write_text(f"""
corpus:
  sources: {{books: {{files: ["{tmp_path / "books"}"]}}}}
  clean: {{languages: [en]}}
  dedup: {{exact: true}}
  mix: {{tokenizer: "{base}"}}
recipe: {tmp_path / "recipe.yaml"}
evaluate: [{{bench: mini, lang: en, limit: 3}}]
merge: {{weight: 1.0, density: 1.0}}
""")
    return str(tmp_path / "chain.yaml")


def test_from_text_to_a_report_with_one_command(tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("rensa")
    command = ["run", chain(tmp_path, tiny_folder), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, (result.output, result.exception)
    report = (tmp_path / "out/REPORT.md").read_text()
    assert "mini (en, letter-logprob)" in report and (tmp_path / "out/report/index.html").exists()
    assert "Before and after" in (tmp_path / "out/model/README.md").read_text()
    written = {f: (tmp_path / "out" / f).stat().st_mtime_ns for f in ("model/log.jsonl", "merged/model.safetensors")}
    assert CliRunner().invoke(app, command).exit_code == 0
    assert {f: (tmp_path / "out" / f).stat().st_mtime_ns for f in written} == written
    _changed_weight(command, tmp_path / "out", written)


def _changed_weight(command: list[str], out: Path, written: dict[str, int]) -> None:
    """Another ``merge.weight`` in the YAML is never silently stale: refused, or merged and asked again."""
    before = Weights(out / "merged").tensor("model.layers.0.mlp.up_proj.weight")
    changed = [*command, "--set", "merge.weight=0.5"]
    refused = CliRunner().invoke(app, changed)
    assert isinstance(refused.exception, IgakuError) and "weight: 1.0, now 0.5" in str(refused.exception)
    assert (out / "merged/model.safetensors").stat().st_mtime_ns == written["merged/model.safetensors"]
    redone = CliRunner().invoke(app, [*changed, "--redo"])
    assert redone.exit_code == 0, (redone.output, redone.exception)
    assert json.loads((out / "merged/merge.json").read_text())["members"][0]["weight"] == 0.5
    assert not before.equal(Weights(out / "merged").tensor("model.layers.0.mlp.up_proj.weight"))
    assert (out / "model/log.jsonl").stat().st_mtime_ns == written["model/log.jsonl"], "training has not changed"
    inputs = json.loads((out / "runs/0-after/step.json").read_text())["inputs"]
    files = json.loads((out / "merged/step.json").read_text())
    assert inputs["weights"] and files["done"]


def test_builtin_chains_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    assert "tiny" in chain_names() and read_chain("tiny")[0].corpus is not None
    with pytest.raises(IgakuError, match="unknown chain"):
        read_chain("tin")
    file = tmp_path / "c.yaml"
    file.write_text("recipe: tiny\nevaluate: []\ncorpus: {sources: {a: {files: [x]}}}\n")
    with pytest.raises(IgakuError, match="ends with a mix"):
        run_chain(str(file), tmp_path / "out")
    file.write_text("recipe: tiny\nevaluate: [{bench: mini, lnag: ja}]\n")
    with pytest.raises(IgakuError, match=r"evaluate, entry 1: .*lnag"):
        read_chain(str(file))
    file.write_text("recipe: tiny\nevaluate: [{lang: ja}]\n")
    with pytest.raises(IgakuError, match="entry 1: bench is missing"):
        read_chain(str(file))
    file.write_text("recipe: tiny\nevaluate: [{bench: mini}, {bench: [mini, medqa], method: letter}]\n")
    assert [t.method for t in read_chain(str(file))[0].tasks] == [["letter-logprob"], ["letter"]]
