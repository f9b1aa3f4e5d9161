"""A finished command loads nothing, and whatever could change a reply loads the model again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines import build, hub
from igaku.engines.replay import Replay
from igaku.question import Answer
from igaku.runs import fingerprint as prints
from igaku.runs.finished import FILE
from igaku.runs.plan import Plan

Load = Callable[..., list[Plan]]


class Loads:
    """Counts how often a model is loaded, and lets the engine answer as it is set."""

    def __init__(self) -> None:
        self.count, self.answer = 0, Answer(text="答え：b")

    def build(self, *_: object, **__: object) -> Replay:
        self.count += 1
        return Replay(lambda _: self.answer, name="m")


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loads:
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    found = Loads()
    monkeypatch.setattr(build, "build_engine", found.build)
    return found


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "m.gguf").write_bytes(b"GGUF and weights")
    return tmp_path / "m.gguf"


def evaluate(weights: Path, out: Path, **given: Any) -> list[Plan]:
    plans: list[Plan] = []
    igaku.evaluate(str(weights), "mini", **{"lang": "ja", "limit": 5, "out": out, **given}, on_plan=plans.append)
    return plans


def test_the_same_command_on_a_finished_run_loads_nothing(loads: Loads, weights: Path, tmp_path: Path) -> None:
    evaluate(weights, tmp_path / "r")
    before = {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir()}
    (plan,) = evaluate(weights, tmp_path / "r")
    assert loads.count == 1
    assert (plan.prompts, plan.done) == (5, 5)
    assert {p.name: p.read_bytes() for p in (tmp_path / "r").iterdir()} == before


def test_a_suite_that_is_finished_loads_nothing(loads: Loads, weights: Path, tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text("version: '1'\ntitle: t\ntasks:\n- {bench: [mini], lang: [ja], limit: 3}\n")
    for _ in range(2):
        igaku.evaluate_suite(str(weights), suite, out=tmp_path / "r")
    assert loads.count == 1
    suite.write_text(suite.read_text().replace("limit: 3", "limit: 4"))
    with pytest.raises(igaku.IgakuError, match="this run was asked as suite"):
        igaku.evaluate_suite(str(weights), suite, out=tmp_path / "r")


def other_weights(weights: Path, out: Path) -> dict[str, Any]:
    weights.write_bytes(b"GGUF and Weights")
    return {}


def other_questions(weights: Path, out: Path) -> dict[str, Any]:
    return {"limit": 6}


def other_order(weights: Path, out: Path) -> dict[str, Any]:
    return {"order": "rotate-1"}


def other_setting(weights: Path, out: Path) -> dict[str, Any]:
    return {"threads": 2}


def a_reply_less(weights: Path, out: Path) -> dict[str, Any]:
    journal = out / "replies.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    return {}


def keys_changed_by_hand(weights: Path, out: Path) -> dict[str, Any]:
    file = out / "run.json"
    file.write_text(file.read_text().replace('"limit"', '"limit" ') + "\n")
    return {}


def a_damaged_note(weights: Path, out: Path) -> dict[str, Any]:
    (out / FILE).write_text('{"commands": 7}')
    return {}


CHANGES = (
    *(other_weights, other_questions, other_order, other_setting, a_reply_less, keys_changed_by_hand, a_damaged_note),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_whatever_differs_loads_the_model(
    change: Callable[[Path, Path], dict[str, Any]], loads: Loads, weights: Path, tmp_path: Path
) -> None:
    evaluate(weights, tmp_path / "r")
    evaluate(weights, tmp_path / "r", **change(weights, tmp_path / "r"))
    assert loads.count == 2


def test_a_folder_is_known_by_all_that_an_engine_may_read_of_it(loads: Loads, tmp_path: Path) -> None:
    folder = tmp_path / "my-8b"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "optimizer.pt"):
        (folder / name).write_text("{}")
    for _ in range(2):
        evaluate(folder, tmp_path / "r", engine="transformers")
    assert loads.count == 1
    for n, name in enumerate(("config.json", "tokenizer.json", "chat_template.jinja"), 2):
        (folder / name).write_text('{"other": 1}')
        evaluate(folder, tmp_path / "r", engine="transformers")
        assert loads.count == n


def test_another_igaku_or_library_loads_the_model(
    loads: Loads, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(weights, tmp_path / "r")
    monkeypatch.setattr(prints, "version", lambda name: "9.9")
    evaluate(weights, tmp_path / "r")
    monkeypatch.setattr(prints, "_code", lambda: "other code")
    evaluate(weights, tmp_path / "r")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    evaluate(weights, tmp_path / "r")
    assert loads.count == 4


def test_errors_are_asked_again_where_that_is_wanted(loads: Loads, weights: Path, tmp_path: Path) -> None:
    loads.answer = Answer(finish="error", error="out of memory")
    evaluate(weights, tmp_path / "r")
    evaluate(weights, tmp_path / "r")
    assert loads.count == 1
    loads.answer = Answer(text="答え：b")
    evaluate(weights, tmp_path / "r", retry_errors=True)
    assert loads.count == 2 and igaku.open_run(tmp_path / "r").cells[0].engine_error == 0


def test_a_server_is_asked_each_time_what_it_is(loads: Loads, tmp_path: Path) -> None:
    for _ in range(2):
        igaku.evaluate("m", "mini", lang="ja", limit=3, out=tmp_path / "r", base_url="http://127.0.0.1:9/v1")
    assert loads.count == 2 and not (tmp_path / "r" / FILE).exists()


HUB = "models--owner--name"


def hub_cache(folder: Path, commit: str) -> None:
    at = folder / HUB / "snapshots" / commit
    at.mkdir(parents=True)
    (at / "config.json").write_text(f'{{"is": "{commit[:3]}"}}')
    (folder / HUB / "refs").mkdir(exist_ok=True)
    (folder / HUB / "refs" / "main").write_text(commit)


def test_a_hub_model_is_known_by_its_commit(loads: Loads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub_cache(tmp_path / "hub", "a" * 40)
    for _ in range(2):
        evaluate(Path("owner/name"), tmp_path / "r", engine="transformers")
    assert loads.count == 1
    hub_cache(tmp_path / "hub", "b" * 40)
    evaluate(Path("owner/name"), tmp_path / "r", engine="transformers")
    assert loads.count == 2


def test_of_a_branch_the_hub_says_which_commit_it_is_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr(hub, "_answers", lambda: True)
    hub_cache(tmp_path, "a" * 40)
    monkeypatch.setattr(hub, "_at_hub", lambda name, branch: "b" * 40)
    assert hub.snapshot("owner/name") is None
    monkeypatch.setattr(hub, "_at_hub", lambda name, branch: "a" * 40)
    assert hub.snapshot("owner/name") == tmp_path / HUB / "snapshots" / ("a" * 40)
    assert hub.snapshot("owner/name", "a" * 40) == hub.snapshot("owner/name")
