"""Conversations: a later turn's prompt holds the replies before it, and nothing is asked twice."""

import json
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request
from igaku.runs.plan import replies_in

RUBRIC = [{"point": "受診を勧めている", "weight": 1}]


def talk(folder: Path, n: int = 2) -> Path:
    rows = []
    for c in range(n):
        rows += [
            {"id": f"c{c}-1", "stem": f"頭が痛い {c}", "rubric": RUBRIC, "group": f"c{c}"},
            {"id": f"c{c}-2", "stem": "熱もある", "rubric": RUBRIC, "group": f"c{c}", "after": f"c{c}-1"},
            {"id": f"c{c}-3", "stem": "薬は", "rubric": RUBRIC, "group": f"c{c}", "after": f"c{c}-2"},
        ]
    file = folder / "talk.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return file


class Chatty(Replay):
    """Takes turns, as a server does, and numbers its replies."""

    sends_messages = True

    def __init__(self, name: str = "chatty") -> None:
        super().__init__(lambda r: f"返事{sum(m.role == 'assistant' for m in r.messages) + 1}", name=name)


def asked(engine: Replay) -> list[tuple[Message, ...]]:
    return [r.messages for r in engine.requests]


def test_each_turn_is_answered_with_the_models_own_replies_before_it(tmp_path: Path) -> None:
    engine = Chatty()
    run = igaku.evaluate(engine, str(talk(tmp_path)), prompt="conversation", out=tmp_path / "r")
    assert len(engine.requests) == 6
    last = next(m for m in asked(engine) if len(m) == 5 and m[0].content == "頭が痛い 1")
    assert [(m.role, m.content) for m in last] == [
        ("user", "頭が痛い 1"),
        ("assistant", "返事1"),
        ("user", "熱もある"),
        ("assistant", "返事2"),
        ("user", "薬は"),
    ]
    (task,) = run.manifest.tasks
    assert all(task.replies[f"c{c}-{n}"]["text"] in run.replies for c in (0, 1) for n in (1, 2, 3))


def test_the_same_command_again_asks_nothing(tmp_path: Path) -> None:
    file = talk(tmp_path)
    igaku.evaluate(Chatty(), str(file), prompt="conversation", out=tmp_path / "r")
    before = (tmp_path / "r" / "replies.jsonl").read_bytes()
    again = Chatty()
    igaku.evaluate(again, str(file), prompt="conversation", out=tmp_path / "r")
    assert not again.requests and (tmp_path / "r" / "replies.jsonl").read_bytes() == before


class Killed(Exception):
    pass


@pytest.mark.parametrize("at", range(6))
def test_killed_anywhere_it_goes_on_with_the_same_lines_and_asks_nothing_twice(tmp_path: Path, at: int) -> None:
    class Cut(Chatty):
        def _one(self, request: Request) -> Answer:
            if len(self.requests) > at:
                raise Killed
            return super()._one(request)

    file, first, second = talk(tmp_path), Cut(), Chatty()
    with pytest.raises(Killed):
        igaku.evaluate(first, str(file), prompt="conversation", out=tmp_path / "r")
    run = igaku.evaluate(second, str(file), prompt="conversation", out=tmp_path / "r")
    assert len(second.requests) == 6 - at and len(run.replies) == 6
    whole = igaku.evaluate(Chatty(), str(file), prompt="conversation", out=tmp_path / "w")
    lines = [sorted((f / "replies.jsonl").read_text().splitlines()) for f in (run.path, whole.path)]
    assert lines[0] == lines[1]


def test_a_turn_depends_on_the_reply_before_it(tmp_path: Path) -> None:
    file = str(talk(tmp_path, 1))
    one = igaku.evaluate(Chatty(), file, prompt="conversation", out=tmp_path / "a")
    other = Replay(lambda r: "別の返事")
    other.sends_messages, other.identity = True, Chatty().identity
    two = igaku.evaluate(other, file, prompt="conversation", out=tmp_path / "b")
    first, *later = (
        [t.replies[f"c0-{n}"]["text"] for t in (r.manifest.tasks[0] for r in (one, two))] for n in (1, 2, 3)
    )
    assert first[0] == first[1] and all(a != b for a, b in later)


def test_where_the_engine_failed_the_talk_waits_and_goes_on_when_it_is_asked_again(tmp_path: Path) -> None:
    file, failing = str(talk(tmp_path, 1)), Chatty()
    failing._script = lambda r: Answer(finish="error", error="x")
    run = igaku.evaluate(failing, file, prompt="conversation", out=tmp_path / "r")
    assert len(failing.requests) == 1 and run.manifest.tasks[0].replies["c0-2"] == {}
    igaku.evaluate(Chatty(), file, prompt="conversation", out=tmp_path / "r")
    assert len(replies_in(tmp_path / "r")) == 1
    run = igaku.evaluate(Chatty(), file, prompt="conversation", out=tmp_path / "r", retry_errors=True)
    assert len(run.replies) == 3


def test_a_reply_without_words_stands_as_a_silence_and_thinking_is_not_passed_on(tmp_path: Path) -> None:
    engine = Chatty()
    replies = iter([Answer(finish="refused"), Answer(text="<think>内緒</think>はい")])
    engine._script = lambda r: next(replies, "終")
    igaku.evaluate(engine, str(talk(tmp_path, 1)), prompt="conversation", out=tmp_path / "r")
    assert [m.content for m in asked(engine)[-1] if m.role == "assistant"] == ["（返答なし）", "はい"]


def test_a_model_without_a_chat_template_is_shown_who_speaks(tmp_path: Path) -> None:
    class Plain(Replay):
        chat = igaku.EngineBase.chat

    engine = Plain(lambda _: "はい")
    igaku.evaluate(engine, str(talk(tmp_path, 1)), prompt="conversation", out=tmp_path / "r")
    assert engine.requests[1].prompt == (
        "ユーザー： 頭が痛い 0\n\nアシスタント： はい\n\nユーザー： 熱もある\n\nアシスタント："
    )


def test_scripted_turns_go_before_the_last_one(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "咳"}, {"role": "assistant", "content": "いつから"}]
    row = {"id": "1", "stem": "昨日", "rubric": RUBRIC, "conversation": turns}
    file, engine = tmp_path / "scripted.jsonl", Chatty()
    file.write_text(json.dumps(row), encoding="utf-8")
    igaku.evaluate(engine, str(file), prompt="conversation", out=tmp_path / "r")
    (messages,) = asked(engine)
    assert [(m.role, m.content) for m in messages] == [("user", "咳"), ("assistant", "いつから"), ("user", "昨日")]


def test_what_cannot_be_a_conversation_is_refused_in_one_line(tmp_path: Path) -> None:
    file = str(talk(tmp_path, 1))
    with pytest.raises(IgakuError, match="needs a prompt with chat turns"):
        igaku.evaluate(Chatty(), file, prompt="standard", out=tmp_path / "r")
    with pytest.raises(IgakuError, match="c0-3 is a later turn of the conversation that c0-2 belongs to"):
        igaku.evaluate(Chatty(), file, prompt="conversation", only=["c0-3"], out=tmp_path / "r")
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"id": "1", "stem": "x", "rubric": RUBRIC, "conversation": [{"role": "user"}]}))
    with pytest.raises(IgakuError, match="line 1: field 'content' is missing"):
        igaku.load_benchmark(str(bad))
    bad.write_text(json.dumps({"id": "1", "stem": "x", "rubric": RUBRIC, "after": "1"}))
    with pytest.raises(IgakuError, match="comes after '1', which is no question before it"):
        igaku.load_benchmark(str(bad)).load()


def test_a_plan_counts_the_turns_that_follow(tmp_path: Path) -> None:
    plan = igaku.plan(Chatty(), str(talk(tmp_path)), prompt="conversation")
    assert plan.prompts == 2 and any("4 later turns" in note for note in plan.notes)
