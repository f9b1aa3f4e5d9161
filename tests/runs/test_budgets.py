from pathlib import Path

import pytest

import igaku
from igaku.engines.base import EngineBase, Identity, may_think
from igaku.engines.replay import Replay
from igaku.prompts import load_prompt
from igaku.question import Answer, Request, Sampling
from igaku.runs.budgets import THINKING, fitted, most_new_tokens, sampling_of, wanted_length
from igaku.runs.cut import cut_notes

CHAT, PLAIN = load_prompt("chat_ja"), load_prompt("standard_ja")


class Room(EngineBase):
    """An engine of one token a character."""

    def __init__(self, context: int, thinking: bool | None = None, served: bool = False) -> None:
        super().__init__()
        self.identity = Identity(model="m", engine="e", version="1")
        self.context, self.thinking, self.sends_messages = context, thinking, served


def request(prompt: str, longest: int) -> Request:
    return Request(kind="text", prompt=prompt, sampling=Sampling(max_tokens=longest))


def test_a_chat_leaves_room_to_think_unless_the_model_does_not() -> None:
    assert wanted_length(Room(9000), CHAT) == CHAT.card.max_tokens + THINKING
    assert wanted_length(Room(9000, thinking=True), CHAT) == CHAT.card.max_tokens + THINKING
    assert wanted_length(Room(9000, thinking=False), CHAT) == CHAT.card.max_tokens
    assert wanted_length(Room(9000), PLAIN) == PLAIN.card.max_tokens
    assert wanted_length(Room(9000, thinking=True, served=True), PLAIN) == PLAIN.card.max_tokens + THINKING
    assert wanted_length(Room(9000), CHAT, 77) == 77


def test_no_stop_string_ends_a_thought() -> None:
    few = load_prompt("fewshot_ja")
    assert few.card.stop
    assert sampling_of(Room(9000, thinking=True), few, 0.0, 0).stop == ()
    assert sampling_of(Room(9000, thinking=False), few, 0.0, 0) == few.sampling(0.0, 0)
    assert sampling_of(Room(9000), PLAIN, 0.0, 0).stop == PLAIN.card.stop


def test_a_thought_of_seventy_thousand_characters_fits() -> None:
    assert wanted_length(Room(1 << 17, thinking=True), CHAT) >= 65_000


@pytest.mark.parametrize(
    ("template", "thinking", "thinks"),
    [
        ("", None, False),
        (None, None, False),
        ("{{ bos }}{% for m in messages %}{{ m.content }}{% endfor %}", None, False),
        ("{% if enable_thinking %}<think>{% endif %}", None, True),
        ("<|start|>assistant<|channel|>analysis", None, True),
        ("{% if enable_thinking %}<think>{% endif %}", False, False),
        ("", True, True),
    ],
)
def test_a_chat_template_says_whether_its_model_thinks(
    template: str | None, thinking: bool | None, thinks: bool
) -> None:
    assert may_think(template, thinking) is thinks


def test_the_context_limits_the_room_and_one_length_serves_a_batch() -> None:
    asked = [request("x" * 100, 5000), request("x" * 300, 5000), request("x" * 300, 50)]
    lengths = [r.sampling.max_tokens for r in fitted(Room(1000), asked, [200, 200, 50])]
    assert lengths == [700, 700, 50]


def test_a_prompt_without_room_for_its_answer_is_left_to_be_too_long() -> None:
    asked = [request("x" * 100, 5000), request("x" * 900, 5000)]
    assert [r.sampling.max_tokens for r in fitted(Room(1000), asked, [200, 200])] == [900, 900]
    assert [r.sampling.max_tokens for r in fitted(Room(1000), asked[1:], [200])] == [200]


def test_what_the_user_gave_is_sent_as_it_is() -> None:
    assert fitted(Room(100), [request("x" * 50, 5000)], [0])[0].sampling.max_tokens == 5000


def test_a_server_of_unknown_context_decides_itself_if_it_can() -> None:
    server = Room(1 << 30, served=True)
    assert fitted(server, [request("x", 5000)], [200])[0].sampling.max_tokens == 200
    server.leaves_length_out = True  # type: ignore[attr-defined]
    assert fitted(server, [request("x", 5000)], [200])[0].sampling.max_tokens == 0
    assert fitted(Room(1 << 30), [request("x", 5000)], [200])[0].sampling.max_tokens == 5000


def test_a_servers_tokens_are_estimated_with_slack() -> None:
    (one,) = fitted(Room(4000, served=True), [request("x" * 1000, 5000)], [200])
    assert one.sampling.max_tokens < 4000 - 1000 - 256


def test_a_plan_counts_no_more_than_the_context() -> None:
    assert most_new_tokens(Room(1000), [request("x", 5000), request("x", 10)]) == 1010


def test_the_key_of_a_reply_does_not_hang_on_the_context(tmp_path: Path) -> None:
    for context in (8192, 4096):
        engine = Replay(lambda r: "答え：a", context=context)
        igaku.evaluate(engine, "mini", lang="ja", prompt="chat", limit=3, out=tmp_path / "r")
        assert len(engine.requests) == (3 if context == 8192 else 0)
    assert {r.sampling.max_tokens < 8192 for r in engine.requests} <= {True}


def test_replies_that_were_cut_say_what_to_set(tmp_path: Path) -> None:
    def long(request: Request) -> Answer:
        return Answer(text="考える。" * 9, finish="length", new_tokens=request.sampling.max_tokens)

    run = igaku.evaluate(Replay(long), "mini", lang="ja", prompt="chat", limit=3, out=tmp_path / "a")
    (note,) = cut_notes(run)
    assert "3 replies to chat_ja (ja) were cut off" in note
    assert "--context" in note
    run = igaku.evaluate(Replay(long), "mini", lang="ja", prompt="chat", limit=3, max_tokens=500, out=tmp_path / "b")
    assert "give --max-tokens 1000 (now 500) and another --out" in cut_notes(run)[0]
    fine = igaku.evaluate(Replay(lambda r: "答え：a"), "mini", lang="ja", limit=3, out=tmp_path / "c")
    assert cut_notes(fine) == []
