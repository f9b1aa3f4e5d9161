from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.errors import IgakuError
from igaku.plans.chain import chain_names, read_chain, run_chain

pytestmark = pytest.mark.torch


def test_from_text_to_a_report_with_one_command(tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("rensa")
    (tmp_path / "books").mkdir()
    for n in range(12):
        (tmp_path / "books" / f"{n}.txt").write_text(
            f"Passage {n}: in heart failure number {n} the legs swell since venous pressure rises by {n} units."
        )
    (tmp_path / "recipe.yaml").write_text(
        f"model: {{base: {tiny_folder}}}\nmethod: {{r: 4}}\ndata: {{form: text, block: 64}}\ntrain: {{lr: 1.0e-3, steps: 4, batch: 4}}\n"
    )
    (tmp_path / "chain.yaml").write_text(f"""
corpus:
  sources: {{books: {{files: ["{tmp_path / "books"}"]}}}}
  clean: {{languages: [en]}}
  dedup: {{exact: true}}
  mix: {{tokenizer: "{tiny_folder}"}}
recipe: {tmp_path / "recipe.yaml"}
evaluate: [{{bench: mini, lang: en, limit: 3}}]
""")
    command = ["chain", str(tmp_path / "chain.yaml"), "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0, (told.output, told.exception)
    report = (tmp_path / "out/REPORT.md").read_text()
    assert "mini (en, letter-logprob)" in report and (tmp_path / "out/report/index.html").exists()
    assert "Before and after" in (tmp_path / "out/model/README.md").read_text()
    before = (tmp_path / "out/model/log.jsonl").stat().st_mtime_ns
    assert CliRunner().invoke(app, command).exit_code == 0
    assert (tmp_path / "out/model/log.jsonl").stat().st_mtime_ns == before


def test_shipped_chains_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    assert "tiny" in chain_names() and read_chain("tiny")[0].corpus is not None
    with pytest.raises(IgakuError, match="unknown chain"):
        read_chain("tin")
    (tmp_path / "c.yaml").write_text("recipe: tiny\nevaluate: []\ncorpus: {sources: {a: {files: [x]}}}\n")
    with pytest.raises(IgakuError, match="ends with a mix"):
        run_chain(str(tmp_path / "c.yaml"), tmp_path / "out")
