"""What servers call an effort: a name counts where it has an effect, and none is believed."""

from collections.abc import Callable
from typing import Any

import pytest

from igaku.engines import build_engine
from igaku.engines.fleet import RetryBudget
from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling
from tests.engines.stub import Act, Stub, completion, error

QUICK = RetryBudget(timeout=5.0, tries=2, waiting=5.0, pause=0.01, unreachable=0.5)
LEVELS = ("none", "minimal", "low", "medium", "high")
TEXT = Request(
    kind="text", prompt="問題", messages=(Message("user", "問題"),), sampling=Sampling(max_tokens=99, stop=("##",))
)
Rule = Callable[[dict[str, Any]], Act]


def words(n: int, thought: str = "", **more: Any) -> Act:
    """A reply after a prompt of n tokens, with a thought."""
    body = completion("答え：b", message={"content": "答え：b", "reasoning_content": thought}, **more)
    return body | {"usage": {"prompt_tokens": n, "completion_tokens": 3}}


def vendor(body: dict[str, Any]) -> Act:
    """Checks ``reasoning_effort``, and its prompt never grows."""
    if (level := body.get("reasoning_effort", "medium")) not in LEVELS:
        return error(400, f"reasoning_effort: {level} is not one of {LEVELS}")
    return words(20)


def strict(body: dict[str, Any]) -> Act:
    """Knows no parameter of thinking, and refuses every one."""
    unknown = set(body) & {"reasoning_effort", "chat_template_kwargs", "reasoning", "thinking", "enable_thinking"}
    unknown |= {name for name in body if "budget" in name}
    return error(400, f"unrecognized request argument {min(unknown)}") if unknown else words(20)


def templated(body: dict[str, Any]) -> Act:
    """Writes ``reasoning_effort`` of the template's values, and ignores the parameter of that name."""
    level = str(body.get("chat_template_kwargs", {}).get("reasoning_effort", "medium"))
    return words(20 + len(level.split()))


def switched(body: dict[str, Any]) -> Act:
    """Thinks unless the template is set not to, which makes the prompt longer."""
    on = body.get("chat_template_kwargs", {}).get("enable_thinking", True)
    return words(20, "hm") if on else words(24)


def budgeted(body: dict[str, Any]) -> Act:
    """Takes whole numbers as ``thinking_budget``."""
    given = body.get("thinking_budget", 0)
    return words(20, "hm") if isinstance(given, int) else error(422, "thinking_budget: a whole number")


def nested(body: dict[str, Any]) -> Act:
    """Knows ``thinking`` with a type and tokens, and nothing else."""
    given = body.get("thinking", {"type": "disabled"})
    if given["type"] not in ("enabled", "disabled") or not isinstance(given.get("budget_tokens", 1), int):
        return error(400, "thinking: no such type, or tokens that are no number")
    return words(20, "hm" if given["type"] == "enabled" else "")


@pytest.mark.parametrize(
    ("rule", "effort", "sent"),
    [
        (vendor, "low", {"reasoning_effort": "low"}),
        (vendor, "medium", {"reasoning_effort": "medium"}),
        (templated, "high", {"chat_template_kwargs": {"reasoning_effort": "high"}}),
        (switched, "on", {"chat_template_kwargs": {"enable_thinking": True}}),
        (switched, "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        (budgeted, "2048", {"thinking_budget": 2048}),
        (nested, "on", {"thinking": {"type": "enabled"}}),
        (nested, "2048", {"thinking": {"type": "enabled", "budget_tokens": 2048}}),
    ],
)
def test_an_effort_is_sent_under_the_name_that_has_an_effect(rule: Rule, effort: str, sent: dict[str, object]) -> None:
    with Chats(rule) as server:
        engine = server.engine()
        assert engine.effort_extras([effort]) == [sent]
        list(engine.answer([TEXT]))
        assert not set(sent) & set(server.bodies[-1])


@pytest.mark.parametrize("rule", [strict, lambda body: words(20)])
@pytest.mark.parametrize("effort", ["low", "on", "off", "512"])
def test_a_server_that_refuses_or_ignores_it_is_one_line(rule: Rule, effort: str) -> None:
    with Chats(rule) as server:
        with pytest.raises(IgakuError, match=rf"--effort {effort}: (takes it and does nothing|unrecognized)") as caught:
            server.engine().effort_extras([effort])
        assert "\n" not in str(caught.value)


def test_a_level_that_the_server_lacks_is_refused_in_its_words() -> None:
    with Chats(vendor) as server, pytest.raises(IgakuError, match=r"--effort xhigh: .*is not one of"):
        server.engine().effort_extras(["low", "xhigh"])


def test_a_server_whose_counts_move_by_themselves_is_not_taken_for_one_that_listens() -> None:
    counts = iter(range(20, 10_000))
    with Chats(lambda body: words(next(counts))) as server, pytest.raises(IgakuError, match="does nothing with it"):
        server.engine().effort_extras(["low"])


def test_each_row_is_asked_with_its_effort_and_the_rows_have_their_own_identity() -> None:
    with Chats(vendor) as server:
        engine = build_engine("stub", base_url=server.url, effort=["low", "high"])
        for row in engine.efforts:  # type: ignore[attr-defined]
            assert [a.text for _, a in row.answer([TEXT])] == ["答え：b"]
            assert server.bodies[-1]["reasoning_effort"] == row.effort
        names = [row.identity.model for row in engine.efforts]  # type: ignore[attr-defined]
        assert names == ["stub (low)", "stub (high)"] and engine.identity.model == "stub"


def test_the_responses_api_is_sent_its_own_name() -> None:
    bodies: list[dict[str, Any]] = []

    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path != "/responses":
            return error(404, "no such path")
        bodies.append(body)
        if (level := body.get("reasoning", {}).get("effort", "low")) not in LEVELS:
            return error(400, f"reasoning.effort: {level}")
        text = [{"type": "output_text", "text": "答え：b"}]
        return {"model": "stub", "status": "completed", "output": [{"type": "message", "content": text}]}

    with Stub(act) as server:
        row = build_engine("stub", base_url=server.url, effort="high")
        list(row.answer([TEXT]))
    assert bodies[-1]["reasoning"] == {"effort": "high"}


class Chats(Stub):
    """A server of chats alone."""

    def __init__(self, rule: Rule) -> None:
        self.bodies: list[dict[str, Any]] = []

        def act(path: str, body: dict[str, Any], n: int) -> Act:
            if path != "/chat/completions":
                return error(404, "no such path")
            self.bodies.append(body)
            return rule(body)

        super().__init__(act)

    def engine(self) -> OpenAI:
        return OpenAI("stub", base_url=self.url, budget=QUICK)
