"""Effort as a factor of a run: a row each, keys of their own, compared, verified and continued."""

from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.runs.plan import plan
from igaku.runs.specs import task_spec
from igaku.studies.verify import verify
from tests.engines.stub import Act, Stub, completion, error

LEVELS = ("low", "medium", "high")


class Model(Stub):
    """Right where it is let think much, wrong else; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(self._act)

    def _act(self, path: str, body: dict[str, Any], n: int) -> Act:
        if path != "/chat/completions":
            return error(404, "no such path")
        level = body.get("reasoning_effort", "medium")
        if level not in LEVELS:
            return error(400, f"reasoning_effort: no {level}")
        self.asked.append(level)
        return completion("答え：e" if level == "high" else "答え：z")


def asked(server: Model, out: Path, *efforts: str, **more: Any) -> igaku.Run:
    given: dict[str, Any] = {"effort": list(efforts)} if efforts else {}
    wanted = {"prompt": "chat", "lang": "ja", "limit": 6} | more
    return igaku.evaluate("stub", "mini", base_url=server.url, out=out, **wanted, **given)


def test_a_run_has_a_row_at_each_effort(tmp_path: Path) -> None:
    with Model() as server:
        run = asked(server, tmp_path, "low", "high")
    rows = {c.model: c for c in run.cells}
    assert list(rows) == ["stub (low)", "stub (high)"] and len(run.replies) == 12
    assert rows["stub (high)"].accuracy > rows["stub (low)"].accuracy == 0
    assert run.manifest.identity and run.manifest.identity.model == "stub"
    assert [t.effort for t in run.manifest.tasks] == ["low", "high"]


def test_the_rows_are_compared_in_pairs(tmp_path: Path) -> None:
    with Model() as server:
        run = asked(server, tmp_path, "low", "medium", "high")
    pairs = {(c.a, c.b): c for c in igaku.compare(run).comparisons}
    low, medium, high = (f"stub ({level})" for level in LEVELS)
    assert set(pairs) == {(low, medium), (low, high), (medium, high)}
    assert pairs[low, high].difference < 0 == pairs[low, medium].difference


def test_a_run_goes_on_with_another_effort_and_asks_nothing_twice(tmp_path: Path) -> None:
    with Model() as server:
        plain = asked(server, tmp_path)
        kept = set(plain.replies)
        run = asked(server, tmp_path, "high")
        assert kept < set(run.replies) and [c.model for c in run.cells] == ["stub", "stub (high)"]
        before = server.asked.count("high")
        again = asked(server, tmp_path, "high", "low")
        assert set(run.replies) < set(again.replies)
        assert server.asked.count("high") - before <= 3  # the trials at load, and no question
        assert len(again.cells) == 3


def test_a_run_with_efforts_is_verified_key_by_key(tmp_path: Path) -> None:
    with Model() as server:
        asked(server, tmp_path, "low", "high")
    found = verify(tmp_path)
    rows = {c.name: c for c in found.checks if c.name in ("identity", "replies")}
    assert [(c.status, c.checked, c.unchecked) for c in rows.values()] == [("holds", 12, 0)] * 2, rows


def test_a_prompt_without_turns_is_refused_before_a_question_is_asked(tmp_path: Path) -> None:
    with Model() as server, pytest.raises(IgakuError, match="--effort low reaches only prompts with turns"):
        asked(server, tmp_path, "low", prompt="standard")


def test_one_effort_is_wanted_where_one_answer_is(tmp_path: Path) -> None:
    with (
        pytest.raises(IgakuError, match="--effort low,high: several rows are for igaku eval"),
        igaku.engines.using("stub", base_url="http://127.0.0.1:9/v1", effort=["low", "high"]),
    ):
        pass


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"effort": ["low", "low"]}, "give each once"),
        ({"effort": ["lo"]}, "did you mean low"),
        ({"effort": ["low"], "thinking": True}, "leave out --thinking"),
    ],
)
def test_wrong_efforts_are_said_before_a_server_is_spoken_to(more: dict[str, Any], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        igaku.build_engine("stub", base_url="http://127.0.0.1:9/v1", **more)


def test_a_plan_counts_the_prompts_of_every_effort() -> None:
    task = task_spec(prompt="chat", lang="ja", limit=6)
    given = {"base_url": "http://127.0.0.1:9/v1", "task": task}
    one, two = (plan("stub", "mini", effort=e, **given) for e in (["low"], ["low", "high"]))  # type: ignore[arg-type]
    assert (one.prompts, two.prompts) == (6, 12)
