from igaku.engines.fleet import Call, RetryBudget
from igaku.engines.openai_bodies import RESPONSES, UNLIMITED, Dialect, bodies
from igaku.engines.openai_replies import Replies
from igaku.question import Message, Request, Sampling

TURNS = (Message("user", "q"),)


def sent(longest: int, has_chat: bool) -> dict[str, object]:
    dialect = Dialect("m", has_chat=has_chat, has_completions=not has_chat)
    request = Request(kind="text", prompt="q", messages=TURNS, sampling=Sampling(max_tokens=longest))
    (body,) = bodies(request, dialect, Replies("m"))
    assert body.new_tokens == (longest or UNLIMITED)
    return body.json


def test_a_chat_without_a_limit_is_sent_without_one() -> None:
    assert sent(500, has_chat=True)["max_tokens"] == 500
    assert "max_tokens" not in sent(0, has_chat=True)


def test_a_response_without_a_limit_is_sent_without_one_and_a_short_one_with_the_least() -> None:
    dialect = Dialect("m", has_responses=True)
    found = []
    for longest in (0, 5, 500):
        request = Request(kind="text", prompt="q", messages=TURNS, sampling=Sampling(max_tokens=longest))
        (body,) = bodies(request, dialect, Replies("m"))
        assert body.path == RESPONSES
        found.append((body.json.get("max_output_tokens"), body.new_tokens))
    assert found == [(None, UNLIMITED), (16, 16), (500, 500)]


def test_a_long_reply_is_waited_for_longer_than_a_letter() -> None:
    budget = RetryBudget(timeout=10.0)
    seconds = [budget.seconds(Call(0, "/x", b"", print, new_tokens=n)) for n in (1, 6_000, 18_000, UNLIMITED)]
    assert seconds == [10.0, 10.0, 30.0, 60.0]


def test_completions_are_always_sent_a_limit_because_their_own_is_a_few_words() -> None:
    assert sent(0, has_chat=False)["max_tokens"] == UNLIMITED
