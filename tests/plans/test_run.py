import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import igaku
from igaku.cli import app
from igaku.errors import IgakuError
from igaku.plans import kind_of, run_plan
from igaku.plans.chain_file import name_of, read_chain

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("adapt.yaml", "training chain"),
        ("steps/plan.yaml", "training chain"),
        ("corpus.yaml", "corpus"),
        ("ecg.yaml", "ECG experiment"),
        ("evaluation.yaml", "evaluation suite"),
    ],
)
def test_the_fields_of_a_file_say_its_kind(file: str, kind: str) -> None:
    assert kind_of(str(EXAMPLES / file)) == kind


def test_the_chains_of_the_examples_can_be_begun(tmp_path: Path) -> None:
    names = ["text", "answers", "rewards"]
    assert [name_of(step) for step in read_chain(str(EXAMPLES / "adapt.yaml"))[0].train] == names
    root = tmp_path / "checkout"
    shutil.copytree(EXAMPLES / "steps", root / "examples/steps")
    plan = str(root / "examples/steps/plan.yaml")
    with pytest.raises(IgakuError, match=r"step 3: data .*practice\.jsonl: no such file"):
        read_chain(plan)
    command = [sys.executable, str(root / "examples/steps/make_exam.py"), str(root / "runs/steps-data")]
    subprocess.run(command, check=True, capture_output=True)
    chain, folder = read_chain(plan)
    assert [name_of(step) for step in chain.train] == names and folder == root / "examples/steps"
    exam = igaku.load_benchmark(str(root / "runs/steps-data/exam.jsonl")).load("en")
    assert len(exam) == 100 and {len(q.choices) for q in exam} == {4}


def test_a_chain_is_run_by_its_name_too() -> None:
    assert kind_of("tiny") == "training chain"
    with pytest.raises(IgakuError, match="did you mean tiny"):
        kind_of("tinny")


@pytest.mark.parametrize("text", ["nothing: 1", "- a", "", "sauces: {}"])
def test_a_file_of_no_kind_is_one_line_that_names_the_kinds(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(IgakuError, match=r"evaluation suite: models \+ tasks; training chain: .*; corpus: sources"):
        run_plan(str(tmp_path / "p.yaml"), tmp_path / "out")


def test_options_of_another_kind_are_refused(tmp_path: Path) -> None:
    for options, match in (({"contaminated": True}, "--contaminated is for"), ({"workers": 2}, "--workers is for")):
        with pytest.raises(IgakuError, match=match):
            run_plan(str(EXAMPLES / "evaluation.yaml"), tmp_path / "out", **options)  # type: ignore[arg-type]


def test_a_corpus_by_the_command(tmp_path: Path) -> None:
    pytest.importorskip("rensa")
    (tmp_path / "a.txt").write_text("In heart failure the legs swell since venous pressure rises.")
    plan = tmp_path / "plan.yaml"
    plan.write_text("sources: {a: {files: [a.txt]}}\ndecontaminate: {benchmarks: [mini]}\nclean: {}\n")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["run", str(plan), "--out", str(out), "--set", "clean.languages=[en]"])
    assert result.exit_code == 0, (result.output, result.exception)
    assert "read" in result.stderr and "| clean | 1 | 1 |" in (out / "MANIFEST.md").read_text()
