import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.plans.chain import run_chain
from igaku.plans.chain_file import Start, chain_names, changes_of, read_chain, recipe_of, start_of
from igaku.plans.chain_stages import Stage, ask_all, spec_of
from igaku.question import Answer
from igaku.runs.specs import TaskSpec
from igaku.steps import Steps
from igaku.training.weights import Weights

pytestmark = pytest.mark.torch
PROMPT = "+++\ntitle = 'bare'\nlang = 'any'\nreply = 'letter'\nlabels = 'A'\nmax_tokens = 4\n+++\n{{ stem }}\nAnswer:"


@pytest.fixture(autouse=True)
def few_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decontamination against what igaku ships alone, which takes no minute."""
    monkeypatch.setenv("IGAKU_DATA", str(Path(__file__).parent / "none"))


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
train: [{{recipe: recipe.yaml, name: model}}]
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
    inputs = json.loads((out / "runs/0-merged/step.json").read_text())["inputs"]
    files = json.loads((out / "merged/step.json").read_text())
    assert inputs["weights"] and files["done"]


def test_builtin_chains_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    assert "tiny" in chain_names() and read_chain("tiny")[0].corpus is not None
    with pytest.raises(IgakuError, match="unknown chain"):
        read_chain("tin")
    file = tmp_path / "c.yaml"
    file.write_text("train: [{recipe: tiny}]\nevaluate: []\ncorpus: {sources: {a: {files: [x]}}}\n")
    with pytest.raises(IgakuError, match="ends without a mix"):
        run_chain(str(file), tmp_path / "out")
    file.write_text("train: [{recipe: tiny, data: .}]\nevaluate: [{bench: mini, lnag: ja}]\n")
    with pytest.raises(IgakuError, match=r"evaluate, entry 1: .*lnag"):
        read_chain(str(file))
    file.write_text("train: [{recipe: tiny, data: .}]\nevaluate: [{lang: ja}]\n")
    with pytest.raises(IgakuError, match="entry 1: bench is missing"):
        read_chain(str(file))
    file.write_text(
        "train: [{recipe: tiny, data: .}]\nevaluate: [{bench: mini}, {bench: [mini, medqa], method: letter}]\n"
    )
    assert [t.method for t in read_chain(str(file))[0].tasks] == [["letter-logprob"], ["letter"]]


def three_steps(tmp_path: Path, base: Path) -> str:
    """Text, answers and rewards on twelve passages, each recipe beside the chain's file."""
    chain(tmp_path, base)
    rows = [
        {"id": f"e{n}", "text": f"x{n} B", "instruction": f"Which organ fails in case {n}?", "output": "B"}
        for n in range(8)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    exam = [{"id": f"q{n}", "stem": f"Which one, {n}?", "choices": ["x", "y"], "answer": "b"} for n in range(4)]
    (tmp_path / "exam.jsonl").write_text("\n".join(map(json.dumps, exam)))
    (tmp_path / "bare.jinja").write_text(PROMPT)
    start = f"model: {{base: {base}}}\ntrain: {{lr: 1.0e-3, steps: 2, batch: 2, micro: 2}}\n"
    (tmp_path / "text.yaml").write_text(start + "method: {kind: full}\ndata: {form: text, block: 64}\n")
    (tmp_path / "answers.yaml").write_text(start + "method: {r: 4}\ndata: {block: 64}\n")
    (tmp_path / "rewards.yaml").write_text(
        start + "method: {r: 4, objective: grpo}\ndata: {form: questions}\n"
        "grpo: {answers: 2, tokens: 4, prompt: bare.jinja, method: letter}\n"
    )
    (tmp_path / "steps.yaml").write_text(f"""
corpus:
  sources: {{books: {{files: [books], licence: CC BY 4.0}}, rows: {{files: [rows.jsonl], licence: CC BY-NC 4.0}}}}
train:
  - {{recipe: text.yaml, mix: {{tokenizer: "{base}", weights: {{books: 1}}}}}}
  - {{recipe: answers.yaml, mix: {{tokenizer: "{base}", weights: {{rows: 1}}}}}}
  - {{recipe: rewards.yaml, data: exam.jsonl}}
merge: {{weight: 1.0}}
evaluate: [{{bench: mini, lang: en, limit: 3}}, {{bench: exam.jsonl, prompt: bare.jinja, method: letter}}]
""")
    return str(tmp_path / "steps.yaml")


def test_text_answers_rewards_and_merge_each_have_a_row(tiny_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    lines: list[str] = []
    page = run_chain(three_steps(tmp_path, tiny_folder), tmp_path / "out", say=lines.append)
    report = json.loads((tmp_path / "out/steps.json").read_bytes())
    steps = [s["step"] for s in report["scores"]]
    assert steps == ["base", "text", "answers", "rewards", "merged"] * 2 and "scores by step" in page.read_text()
    settings = json.loads((tmp_path / "out/rewards/adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == str(tmp_path / "out/text"), (
        "rewards go on with the adapter of answers"
    )
    card = (tmp_path / "out/rewards/README.md").read_text()
    assert all(
        text in card for text in ("books: CC BY 4.0", "rows: CC BY-NC 4.0", "not for commercial use", "reward.svg")
    )
    assert "CC BY-NC 4.0" in (tmp_path / "out/merged/README.md").read_text(), "licences go into what is merged"
    _merged_whole(tmp_path / "out", tiny_folder)
    lines.clear()
    run_chain(str(tmp_path / "steps.yaml"), tmp_path / "out", say=lines.append)
    assert "train rewards: already done" in lines and not any(line.startswith("update") for line in lines)


def _merged_whole(out: Path, base: Path) -> None:
    """The merged model at weight 1 is the last adapter in its base."""
    import torch

    merged, whole = Weights(out / "merged"), Weights(out / "rewards-whole")
    before = Weights(base)
    assert all(torch.allclose(merged.tensor(n), whole.tensor(n), atol=1e-6) for n in whole)
    assert any(not merged.tensor(n).equal(before.tensor(n)) for n in whole)


def own_questions(
    tmp_path: Path, grpo: str = "method: letter", second: str = "recipe: rewards.yaml, data: exam.jsonl"
) -> str:
    """A chain whose second step learns from questions; its first one would load a model that is not there."""
    exam = [{"id": f"q{n}", "stem": f"Which one, {n}?", "choices": ["x", "y"], "answer": "b"} for n in range(4)]
    (tmp_path / "exam.jsonl").write_text("\n".join(map(json.dumps, exam)))
    (tmp_path / "books.txt").write_text("In heart failure the legs swell since venous pressure rises.")
    (tmp_path / "text.yaml").write_text("model: {base: none/none}\ndata: {form: text}\n")
    (tmp_path / "rewards.yaml").write_text(
        "model: {base: none/none}\nmethod: {objective: grpo}\ndata: {form: questions}\n"
        f"grpo: {{answers: 2, {grpo}}}\n"
    )
    (tmp_path / "eval.yaml").write_text("model: {base: none/none}\neval: {rows: rows.jsonl}\n")
    (tmp_path / "dev.yaml").write_text(
        "model: {base: none/none}\neval: {questions: 'mini:2022', limit: 2}\ndata: {form: text}\n"
    )
    (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "legs"}\n')
    (tmp_path / "c.yaml").write_text(
        "corpus: {sources: {books: {files: [books.txt]}}, mix: {tokenizer: none/none}}\n"
        f"train: [{{recipe: text.yaml}}, {{{second}}}]\nevaluate: [{{bench: mini, lang: en}}]\n"
    )
    return str(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("grpo", "second", "message"),
    [
        ("prompt: leter.jinja", "recipe: rewards.yaml, data: exam.jsonl", r"step 2 \(rewards\): .*leter\.jinja"),
        ("method: letter", "recipe: rewards.yaml, data: 'igakuqa:2022'", r"step 2 \(rewards\): .*evaluation"),
        (
            "method: letter-logprob",
            "recipe: rewards.yaml, data: exam.jsonl",
            r"step 2 \(rewards\): letter-logprob reads no text",
        ),
        (
            "vllm: true, method: letter",
            "recipe: rewards.yaml, data: exam.jsonl",
            r"step 2 \(rewards\): vllm is not installed",
        ),
        ("method: letter", "recipe: text.yaml, name: b, data: rows.jsonl", r"step 2 \(b\): .*decontamination"),
        ("method: letter", "recipe: eval.yaml, name: b", r"step 2 \(b\): .*rows\.jsonl: .*decontamination"),
        ("method: letter", "recipe: eval.yaml, name: b, set: ['eval.rows=gone']", r"step 2 \(b\): gone: not found"),
        ("method: letter", "recipe: dev.yaml, name: b", r"step 2 \(b\): .*mini"),
    ],
)
def test_what_would_stop_a_later_step_stops_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grpo: str, second: str, message: str
) -> None:
    monkeypatch.setattr("igaku.plans.chain_checks.find_spec", lambda name: name != "vllm")
    file = own_questions(tmp_path, grpo, second)
    with pytest.raises(IgakuError, match=message):
        run_chain(file, tmp_path / "out")
    assert not (tmp_path / "out/corpus").exists()


def test_a_merge_without_its_package_stops_before_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("igaku.plans.chain_checks.find_spec", lambda name: name != "mergekit")
    file = Path(own_questions(tmp_path))
    file.write_text(file.read_text() + "merge: {}\n")
    with pytest.raises(IgakuError, match="mergekit is not installed"):
        run_chain(str(file), tmp_path / "out")
    assert not (tmp_path / "out/corpus").exists()


def test_a_changed_prompt_is_not_already_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Replay(lambda _: Answer(text="b"), name="good")
    monkeypatch.setattr("igaku.engines.build.build_engine", lambda spec, **kind: engine)
    prompt = tmp_path / "own.jinja"
    prompt.write_text(PROMPT)
    tasks = [TaskSpec(bench=["mini"], lang=["en"], prompt=[str(prompt)], method=["letter"], limit=2)]
    stages, lines = [Stage("base", EngineSpec(model="good"))], list[str]()
    steps = Steps(tmp_path / "out", lines.append)
    ask_all(steps, tasks, stages)
    ask_all(steps, tasks, stages)
    assert lines[-1] == "ask mini: base: already done"
    prompt.write_text(PROMPT.replace("Answer:", "The answer is"))
    with pytest.raises(IgakuError, match=r"made from other inputs \(prompts\.own"):
        ask_all(steps, tasks, stages)
    ask_all(Steps(tmp_path / "out", lines.append, redo=True), tasks, stages)
    assert lines[-1] == "ask mini: base"


def test_files_in_a_recipe_are_beside_the_chain(tmp_path: Path) -> None:
    chain, base = read_chain(own_questions(tmp_path, "prompt: letter.jinja, method: letter"))
    (tmp_path / "letter.jinja").write_text(PROMPT)
    assert recipe_of(chain.train[1], base).grpo.prompt == str(tmp_path / "letter.jinja")
    chain.train[1].recipe, chain.train[1].set = "dev.yaml", ["eval.questions=exam.jsonl", "eval.limit=3"]
    assert recipe_of(chain.train[1], base).eval.questions == str(tmp_path / "exam.jsonl")
    assert recipe_of(chain.train[1], base).eval.limit == 3


def test_a_revision_goes_with_the_model_that_it_is_of(tmp_path: Path) -> None:
    chain, base = read_chain(own_questions(tmp_path))
    chain.train[0].set = ["model.revision=v2"]
    first = start_of(chain, base)
    assert first.pinned == "none/none@v2"
    adapter, whole = tmp_path / "adapter", tmp_path / "whole"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "none/none"}')
    assert spec_of(str(adapter), first) == EngineSpec(model="none/none@v2", adapter=str(adapter), engine="transformers")
    assert spec_of(str(whole), first) == EngineSpec(model=str(whole), engine="transformers")
    chain.model = "other/model"
    assert start_of(chain, base) == Start("other/model", ""), "the recipe's revision is of the recipe's model"
    assert 'model.revision=""' in changes_of(chain.train[0], base, "")
    chain.model = "other/model@v3"
    assert start_of(chain, base) == Start("other/model", "v3")


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ("[]", "train is empty"),
        ("[{recipe: tiny}]", r"step 1: no data to train on"),
        ("[{recipe: tiny, data: ., name: runs}]", r"step 1: name 'runs'"),
        ("[{recipe: tiny, data: .}, {recipe: tiny, data: .}]", r"step 2: name 'tiny'"),
        ("[{recipe: qwen3-8b-grpo}]", r"step 1: a recipe of grpo learns from questions"),
        ("[{recipe: tiny, mix: {tokenizer: x}}]", r"step 1: a mix is of the corpus's documents"),
        ("[{recipe: tiny, data: ., set: [lrr=1]}]", r"lrr.*did you mean"),
        ("[{recipe: tinny, data: .}]", "did you mean tiny"),
        ("[{recipe: tiny, data: gone.jsonl}]", r"step 1: data gone\.jsonl: no such file"),
    ],
)
def test_a_wrong_step_is_one_line_before_anything_is_done(tmp_path: Path, train: str, message: str) -> None:
    (tmp_path / "c.yaml").write_text(f"train: {train}\nevaluate: [{{bench: mini}}]\n")
    with pytest.raises(IgakuError, match=message):
        run_chain(str(tmp_path / "c.yaml"), tmp_path / "out")
    assert not (tmp_path / "out/corpus").exists()
