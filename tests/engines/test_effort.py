"""Efforts: what a template understands is tried, and one model gives a row at each."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from igaku.engines import EngineBase, Identity, as_spec
from igaku.engines.effort import (
    NO_LEVEL,
    AtEffort,
    Extras,
    at_effort,
    at_efforts,
    check_effort,
    rows_of,
    template_extras,
)
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request

TURN = (Message("user", "which?"),)


class Thinker(EngineBase):
    """Writes the extras into its chat text, and answers with them."""

    def __init__(self) -> None:
        super().__init__()
        self.identity = Identity(model="thinker", engine="own", version="1", settings="context=9")
        self.extras: Mapping[str, object] = {}

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Extras]:
        return template_extras(lambda extras: f"effort {extras.get('reasoning_effort', 'usual')}", efforts)

    def use_extras(self, extras: Mapping[str, object]) -> Mapping[str, object]:
        before, self.extras = self.extras, extras
        return before

    def chat(self, messages: Sequence[Message]) -> str:
        return f"{self.extras} {messages[0].content}"

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        yield from ((i, Answer(text=str(self.extras.get("reasoning_effort")))) for i in range(len(requests)))


@pytest.mark.parametrize("effort", ["low", "none", "max", "on", "off", "1024"])
def test_efforts_that_exist(effort: str) -> None:
    check_effort(effort)


@pytest.mark.parametrize("effort", ["lwo", "", "0", "-5", "１０", "9" * 5000, "low,high"])
def test_others_are_refused(effort: str) -> None:
    with pytest.raises(IgakuError, match="unknown effort"):
        check_effort(effort)


def test_near_matches_are_named() -> None:
    with pytest.raises(IgakuError, match="did you mean medium"):
        check_effort("meduim")


def gptoss(extras: Extras) -> str:
    return f"Reasoning: {extras.get('reasoning_effort', 'medium')}"


def strict(extras: Extras) -> str:
    level = extras.get("reasoning_effort", "low")
    if level not in ("low", "high"):
        raise ValueError(f"no such level {level}")
    return f"think {level}"


def switched(name: str, default: bool) -> object:
    return lambda extras: "think" if extras.get(name, default) else "<think></think>"


def test_a_template_that_writes_levels_understands_each() -> None:
    wanted = ("low", "medium", "high")
    assert template_extras(gptoss, wanted) == [{"reasoning_effort": one} for one in wanted]


def test_a_template_that_refuses_other_levels_understands_its_own() -> None:
    assert template_extras(strict, ["low", "high"]) == [{"reasoning_effort": "low"}, {"reasoning_effort": "high"}]
    with pytest.raises(IgakuError, match=r"^--effort medium: the chat template does nothing with it"):
        template_extras(strict, ["medium"])


@pytest.mark.parametrize("name", ["enable_thinking", "thinking"])
@pytest.mark.parametrize("default", [True, False])
def test_the_switch_is_found_under_its_name_whatever_the_default(name: str, default: bool) -> None:
    found = template_extras(switched(name, default), ["on", "off"])  # type: ignore[arg-type]
    assert found == [{name: True}, {name: False}]


@pytest.mark.parametrize("effort", ["low", "on", "off", "512"])
def test_a_template_that_ignores_an_effort_is_one_line(effort: str) -> None:
    with pytest.raises(IgakuError, match=rf"^--effort {effort}: the chat template does nothing") as error:
        template_extras(lambda extras: "plain", [effort])
    assert "\n" not in str(error.value)


def test_a_budget_is_written_as_a_number() -> None:
    found = template_extras(lambda extras: f"budget {extras.get('thinking_budget', 0)}", ["512", "2048"])
    assert found == [{"thinking_budget": 512}, {"thinking_budget": 2048}]


def test_two_efforts_of_one_prompt_are_refused() -> None:
    def coarse(extras: Extras) -> str:
        return {"low": "little", "medium": "little", NO_LEVEL: "as ever"}.get(str(extras["reasoning_effort"]), "much")

    with pytest.raises(IgakuError, match=r"^--effort low,medium: .* same prompt for both"):
        template_extras(coarse, ["low", "medium"])


def test_an_effort_is_part_of_the_identity_and_of_the_name() -> None:
    plain = Thinker().identity
    assert at_effort(plain, "") == plain
    low, off, tokens = (at_effort(plain, one) for one in ("low", "off", "1024"))
    assert (low.model, low.settings) == ("thinker (low)", "context=9 effort=low")
    assert (off.model, tokens.model) == ("thinker (thinking off)", "thinker (1024 thinking tokens)")


def test_rows_share_the_model_and_leave_it_as_it_was() -> None:
    engine = Thinker()
    low, high = at_efforts(engine, ["low", "high"])
    texts = [one.chat(TURN) for one in (low, high)]
    assert texts[0] != texts[1] and engine.extras == {}
    answers = [dict(one.answer([Request(kind="text", prompt=t)])) for one, t in zip((low, high), texts)]
    assert [a[0].text for a in answers] == ["low", "high"] and engine.extras == {}


def test_the_model_is_left_as_it_was_when_asking_is_cut_off() -> None:
    engine = Thinker()
    (low,) = at_efforts(engine, ["low"])
    asking = low.answer([Request(kind="text", prompt=low.chat(TURN))] * 2)
    next(asking)
    asking.close()  # type: ignore[attr-defined]
    assert engine.extras == {}


def test_a_prompt_without_turns_is_refused_as_no_effort_reaches_it() -> None:
    (low,) = at_efforts(Thinker(), ["low"])
    with pytest.raises(IgakuError, match=r"^--effort low reaches only prompts with turns"):
        list(low.answer([Request(kind="text", prompt="Question: …")]))


def test_room_to_think_is_given_but_where_thinking_is_off() -> None:
    rows = [AtEffort(Thinker(), one, {}) for one in ("on", "high", "512", "off", "none")]
    assert [r.thinking for r in rows] == [True, True, True, False, None]


def test_an_engine_without_efforts_says_so() -> None:
    class Plain(EngineBase):
        identity = Identity(model="x", engine="plain", version="")

    with pytest.raises(IgakuError, match="--engine plain has no efforts"):
        at_efforts(Plain(), ["low"])
    assert len(rows_of(Plain())) == 1


def test_yaml_reads_switches_and_budgets_as_other_types() -> None:
    assert as_spec("x", effort=[True, False, 1024, "low"]).effort == ("on", "off", "1024", "low")
    assert as_spec("x", effort="low").effort == ("low",)
