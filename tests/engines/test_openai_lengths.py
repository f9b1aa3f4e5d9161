from igaku.engines.openai_bodies import UNLIMITED, Dialect, bodies
from igaku.engines.openai_replies import Replies
from igaku.question import Message, Request, Sampling


def sent(longest: int, has_chat: bool) -> dict[str, object]:
    dialect = Dialect("m", has_chat=has_chat, has_completions=not has_chat)
    request = Request(kind="text", prompt="q", messages=(Message("user", "q"),), sampling=Sampling(max_tokens=longest))
    (body,) = bodies(request, dialect, Replies("m"))
    assert body.new_tokens == (longest or UNLIMITED)
    return body.json


def test_a_chat_without_a_limit_is_sent_without_one() -> None:
    assert sent(500, has_chat=True)["max_tokens"] == 500
    assert "max_tokens" not in sent(0, has_chat=True)


def test_completions_are_always_sent_a_limit_because_their_own_is_a_few_words() -> None:
    assert sent(0, has_chat=False)["max_tokens"] == UNLIMITED
