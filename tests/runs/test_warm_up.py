from pathlib import Path

import igaku
from igaku.engines.replay import Replay


def test_a_plan_asks_nothing_and_names_the_first_question(tmp_path: Path) -> None:
    engine = Replay(lambda r: "答え：a")
    plan = igaku.plan(engine, "mini", lang="ja", prompt="chat", limit=9, out=tmp_path / "r")
    assert engine.requests == []
    assert not (tmp_path / "r").exists()
    run = igaku.evaluate(engine, "mini", lang="ja", prompt="chat", limit=9, out=tmp_path / "r")
    bench, lang, name, *_ = plan.first.split(" ")
    stem = run.questions[bench, lang.strip("()"), name].stem
    assert stem in engine.requests[0].prompt
    assert "chat_ja: text, at most 67,584 tokens" in plan.first
    again = igaku.plan(engine, "mini", lang="ja", prompt="chat", limit=9, out=tmp_path / "r")
    assert (again.prompts - again.done, again.first) == (0, "")


def test_a_plan_for_a_server_speaks_to_nobody() -> None:
    plan = igaku.plan("m", "mini", lang="ja", base_url="http://127.0.0.1:9/v1", limit=3)
    assert plan.first.startswith("mini (ja) mini-")
    assert any("http://127.0.0.1:9/v1" in note and "trial requests" in note for note in plan.notes)
