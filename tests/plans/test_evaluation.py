from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

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
    file.write_text(SUITE + "  - {bench: mini, lang: [en], method: letter, limit: 4}\nnames: {}\n")
    run_suite(file, out)
    after = (out / "good/replies.jsonl").read_text().splitlines()
    assert loads == ["good", "bad"] * 2 and after[: len(lines)] == lines and len(after) == len(lines) + 4
    assert len(msgspec.json.decode((out / "board.json").read_bytes(), type=SuiteBoard).standings) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: []\ntasks: [{bench: mini}]", "at least one model"),
        ("models: [a]\ntasks: [{benhc: mini}]", "tasks, entry 1: .*benhc"),
        ("models: [{model: a, enigne: vllm}]\ntasks: [{bench: mini}]", "unknown field `enigne`"),
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
