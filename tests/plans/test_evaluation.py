from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError
from igaku.plans.evaluation import SuiteBoard, read_suite, run_name, run_suite
from igaku.question import Answer, Request
from igaku.tables import to_text

SUITE = """
about: two models
models: [good, {model: bad, engine: openai, base_url: "http://localhost:1/v1", max_cost: 2.0}]
tasks:
  - {bench: mini, lang: ja, method: letter, limit: 6}
"""


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the models that were loaded; each always answers with one letter."""
    loaded: list[str] = []

    def load(spec: EngineSpec, **kind: object) -> Replay:
        loaded.append(spec.model)

        def answer(request: Request) -> Answer:
            return Answer(text="答え: a" if spec.model == "good" else "わかりません")

        return Replay(answer, name=spec.model)

    monkeypatch.setattr("igaku.engines.build.build_engine", load)
    yield loaded


def test_every_model_is_asked_every_task_once(tmp_path: Path, loads: list[str]) -> None:
    file, out = tmp_path / "suite.yaml", tmp_path / "out"
    file.write_text(SUITE)
    page = run_suite(file, out).read_text()
    assert loads == ["good", "bad"] and "| good |" in page and "| bad |" in page and "Holm" in page
    board = msgspec.json.decode((out / "board.json").read_bytes(), type=SuiteBoard)
    assert [s.n for s in board.standings] == [6, 6] and "two models" in to_text(board)
    run_suite(file, out, changes=["about=again"])
    assert loads == ["good", "bad"], "what is done is not loaded again"
    lines = (out / "good/replies.jsonl").read_text().splitlines()
    file.write_text(SUITE + "  - {bench: mini, lang: [en], method: letter, limit: 4}\n")
    run_suite(file, out)
    after = (out / "good/replies.jsonl").read_text().splitlines()
    assert loads == ["good", "bad"] * 2 and after[: len(lines)] == lines and len(after) == len(lines) + 4
    assert len(msgspec.json.decode((out / "board.json").read_bytes(), type=SuiteBoard).standings) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: []\ntasks: [{bench: mini}]", "at least one model"),
        ("models: [a]\ntasks: [{benhc: mini}]", "tasks, entry 1: .*benhc"),
        (
            "models: [{model: a, enigne: vllm}]\ntasks: [{bench: mini}]",
            "models, entry 1: .*enigne.*did you mean engine",
        ),
        ("models: [{model: a, name: ../../b}]\ntasks: [{bench: mini}]", "name '../../b'; use letters"),
        ("models: [{model: a, context: -5}]\ntasks: [{bench: mini}]", "models, entry 1: .*>= 0"),
        ("models: [a]\ntasks: [{bench: mini, limit: 0}]", "tasks, entry 1: .*>= 1"),
        ("models: [a]\ntasks: [{bench: 'mini,medqa'}]", "give several as a list"),
        ("models: [a]\ntasks: [{bench: mini}]\ntask: 1", "unknown field `task`"),
    ],
)
def test_a_wrong_suite_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(IgakuError, match=message):
        read_suite(tmp_path / "s.yaml")


def test_runs_have_names_of_their_own(tmp_path: Path) -> None:
    assert run_name(EngineSpec(model="org/My model", adapter="runs/a")) == "My-model+a"
    (tmp_path / "s.yaml").write_text("models: [x/a, y/a]\ntasks: [{bench: mini}]")
    with pytest.raises(IgakuError, match="two models have runs called 'a'"):
        run_suite(tmp_path / "s.yaml", tmp_path / "out")


def test_one_model_in_two_settings_has_two_names(tmp_path: Path, loads: list[str]) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "models: [good, {model: good, dtype: float32, name: full}]\ntasks: [{bench: mini, lang: ja, limit: 2}]"
    )
    run_suite(file, tmp_path / "out")
    assert (tmp_path / "out/good/run.json").exists() and (tmp_path / "out/full/run.json").exists()


def test_a_run_with_failed_replies_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was down for a while: the same command asks what failed, and only that."""
    down, loaded = [True], []

    def load(spec: EngineSpec, **kind: object) -> Replay:
        loaded.append(spec.model)
        return Replay(
            lambda _: Answer(finish="error", error="down") if down[0] else Answer(text="答え: a"), name="good"
        )

    monkeypatch.setattr("igaku.engines.build.build_engine", load)
    file, lines = tmp_path / "s.yaml", []
    file.write_text("models: [good]\ntasks: [{bench: mini, lang: ja, method: letter, limit: 3}]")
    run_suite(file, tmp_path / "out", say=lines.append)
    assert "good: not complete; the same command again goes on" in lines
    down[0] = False
    run_suite(file, tmp_path / "out")
    run_suite(file, tmp_path / "out")
    run = igaku.open_run(tmp_path / "out/good")
    assert loaded == ["good", "good"] and run.cells[0].engine_error == 0 and run.cells[0].n_scored == 3


def test_a_changed_question_or_weight_is_not_stale(tmp_path: Path, loads: list[str]) -> None:
    exam, weights = tmp_path / "my_exam.py", tmp_path / "good"
    text = (Path(__file__).parents[2] / "examples/my_benchmark/my_exam.py").read_text()
    exam.write_text(text)
    weights.mkdir()
    (weights / "w.safetensors").write_bytes(b"one")
    file = tmp_path / "s.yaml"
    file.write_text(f"models: [{weights}]\ntasks: [{{bench: '{exam}', lang: ja}}]")
    run_suite(file, tmp_path / "out")
    run_suite(file, tmp_path / "out")
    assert len(loads) == 1
    (weights / "w.safetensors").write_bytes(b"two")
    run_suite(file, tmp_path / "out")
    assert len(loads) == 2


def test_a_changed_prompt_or_example_is_not_stale(tmp_path: Path, loads: list[str]) -> None:
    prompt, shots = tmp_path / "own.jinja", tmp_path / "shots.jsonl"
    prompt.write_text(
        "+++\ntitle = 'own'\nlang = 'ja'\nreply = 'letter'\n+++\n"
        "{% for s in shots %}{{ s.stem }} {{ s.answer }}\n{% endfor %}{{ stem }}\n答え:"
    )
    shots.write_text('{"id": "s", "stem": "例", "choices": ["甲", "乙"], "answer": "a"}\n')
    file = tmp_path / "s.yaml"
    file.write_text(
        f"models: [good]\ntasks: [{{bench: mini, lang: ja, prompt: '{prompt}', method: letter, limit: 2, "
        f"shots: 1, examples: '{shots}'}}]"
    )
    run_suite(file, tmp_path / "out")
    run_suite(file, tmp_path / "out")
    assert len(loads) == 1
    shots.write_text(shots.read_text().replace("例", "練習"))
    run_suite(file, tmp_path / "out")
    assert len(loads) == 2, "the same questions behind another example are asked"
    prompt.write_text(prompt.read_text().replace("答え", "解答"))
    with pytest.raises(IgakuError, match="another version of prompt own"):
        run_suite(file, tmp_path / "out")
