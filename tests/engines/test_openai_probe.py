"""What is found out at load: parameters refused one at a time, longer replies, letters, other paths and names."""

from collections.abc import Callable
from typing import Any

import pytest

from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Message, Request, Sampling

from .stub import Act, Stub, completion, error
from .test_openai import LOGS, QUICK

pytest.importorskip("aiohttp")
TURNS = (Message("user", "q"),)
TEXT = Request(kind="text", prompt="q", messages=TURNS, sampling=Sampling(max_tokens=99, stop=("##",)))
LETTERS = Request(kind="letters", prompt="q", messages=TURNS, continuations=("A", "B"))
Rule = Callable[[dict[str, Any]], Act | None]


class Vendor(Stub):
    """A server of chats alone; a rule refuses a body, or answers it, and None leaves it to the usual answer."""

    def __init__(self, rule: Rule, path: str = "/chat/completions") -> None:
        self.bodies: list[dict[str, Any]] = []

        def act(asked: str, body: dict[str, Any], n: int) -> Act:
            if asked != path:
                return error(404, "no such path")
            self.bodies.append(body)
            own = rule(body)
            return completion("答え：b", **(LOGS if body.get("logprobs") else {})) if own is None else own

        super().__init__(act)

    def engine(self, **more: Any) -> OpenAI:
        return OpenAI("stub", base_url=self.url, budget=QUICK, **more)


def sent(rule: Rule) -> tuple[dict[str, Any], OpenAI]:
    """The body of a question after the probe, and the engine."""
    with Vendor(rule) as vendor:
        engine = vendor.engine()
        answer = dict(engine.answer([TEXT]))[0]
        assert answer.text == "答え：b", answer
        return {k: v for k, v in vendor.bodies[-1].items() if k not in ("model", "messages")}, engine


def refuses(name: str, words: str) -> Rule:
    return lambda body: error(400, words) if name in body else None


ALL = {"max_tokens": 99, "temperature": 0.0, "top_p": 1.0, "seed": 0, "stop": ["##"]}


@pytest.mark.parametrize("name", ["temperature", "top_p", "seed", "stop"])
@pytest.mark.parametrize("words", ["'{}' is not supported", "{}: extra input", "bad request"])
def test_a_refused_parameter_is_left_out_alone(name: str, words: str) -> None:
    body, engine = sent(refuses(name, words.format(name)))
    assert body == {k: v for k, v in ALL.items() if k != name}
    notes = " ".join(engine.notes)
    assert (f"no {name}" in notes) is (name != "stop")
    assert ("may differ" in notes) is (name == "temperature")


def test_a_parameter_that_is_named_as_such() -> None:
    detail = b'{"detail": [{"loc": ["body", "seed"], "msg": "extra", "type": "extra_forbidden"}]}'
    whole = b"HTTP/1.1 422 X\r\nContent-Length: %d\r\n\r\n" % len(detail) + detail
    body, engine = sent(lambda body: whole if "seed" in body else None)
    assert body == {k: v for k, v in ALL.items() if k != "seed"}
    assert engine.notes == ["the server takes no seed; the temperature is sent"]


def test_of_two_that_exclude_each_other_the_temperature_stays() -> None:
    both = "`temperature` and `top_p` cannot both be given"
    body, _ = sent(lambda body: error(400, both) if {"temperature", "top_p"} <= set(body) else None)
    assert body["temperature"] == 0.0 and "top_p" not in body and "seed" in body


def test_one_that_was_named_for_anothers_sake_is_taken_in_again() -> None:
    words = "temperature is not supported; use top_p"
    body, _ = sent(refuses("temperature", words))
    assert body == {k: v for k, v in ALL.items() if k != "temperature"}


def test_a_temperature_that_must_be_positive() -> None:
    body, engine = sent(
        lambda body: error(422, "`temperature` must be strictly positive") if body.get("temperature") == 0 else None
    )
    assert body == ALL | {"temperature": 0.01}
    assert "0.01 is sent" in engine.notes[0] and "least-temperature=0.01" in engine.identity.settings


@pytest.mark.parametrize("least", [16, 200, 1000])
def test_models_that_need_more_tokens_than_one(least: int) -> None:
    def rule(body: dict[str, Any]) -> Act | None:
        if "max_tokens" in body:
            return error(400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
        is_probe = body.get("stop") != ["##"]
        words = "Could not finish the message because the output limit was reached; try higher max_tokens."
        return error(400, words) if is_probe and body["max_completion_tokens"] < least else None

    body, engine = sent(rule)
    assert body == {k.replace("max_tokens", "max_completion_tokens"): v for k, v in ALL.items()}
    assert "text" in engine.supported


def test_letters_where_a_reply_of_one_token_is_refused() -> None:
    def rule(body: dict[str, Any]) -> Act | None:
        return error(400, "max_tokens: must be at least 16 tokens") if body["max_tokens"] < 16 else None

    with Vendor(rule) as vendor:
        answer = dict(vendor.engine().answer([LETTERS]))[0]
    assert answer.logprobs == (-2.5, -0.1)


@pytest.mark.parametrize("status", [400, 403])
def test_where_log_probabilities_are_forbidden_text_works(status: int) -> None:
    with Vendor(refuses("logprobs", "no")) as vendor:
        vendor.act = (lambda act: lambda path, body, n: error(status) if "logprobs" in body else act(path, body, n))(
            vendor.act
        )
        engine = vendor.engine()
        assert dict(engine.answer([TEXT]))[0].text == "答え：b"
    assert engine.supported == {"text"} and "no log-probabilities" in engine.unsupported["letters"]


def test_a_key_that_is_refused_is_still_a_key_that_is_refused() -> None:
    with Vendor(lambda body: error(403, "no access")) as vendor, pytest.raises(IgakuError, match=r"403.*IGAKU_API_KEY"):
        vendor.engine()


@pytest.mark.parametrize(
    "reply",
    [
        completion("", message={"content": None, "reasoning_content": "hm"}, **LOGS),
        completion("<think>hm", **LOGS),
        completion("x", logprobs={"content": [{"top_logprobs": [{"token": "<think>", "logprob": -0.1}]}]}),
        {**completion("x", **LOGS), "usage": {"completion_tokens_details": {"reasoning_tokens": 7}}},
    ],
)
def test_letters_are_refused_where_the_model_thinks_first(reply: Act) -> None:
    with Vendor(lambda body: reply) as vendor:
        engine = vendor.engine()
        assert engine.supported == {"text"} and "thinks before it answers" in engine.unsupported["letters"]
        with pytest.raises(IgakuError, match=r"no letters of a chat's answer: the model thinks .* use --method letter"):
            list(engine.answer([LETTERS]))


def test_a_model_that_thinks_is_sent_no_stop_strings() -> None:
    """Servers would end its thinking at the first of them; its answer is cut here."""
    thinking = completion("", message={"content": "答え：b##c", "reasoning_content": "一##二"})
    with Vendor(lambda body: thinking) as vendor:
        answer = dict(vendor.engine().answer([TEXT]))[0]
    assert "stop" not in vendor.bodies[-1] and (answer.text, answer.thinking) == ("答え：b", "一##二")


def test_a_setting_of_the_chat_template_that_is_refused_is_one_line() -> None:
    with Vendor(refuses("chat_template_kwargs", "unknown field chat_template_kwargs")) as vendor:
        with pytest.raises(IgakuError, match=r"takes no chat_template_kwargs, which --thinking and --no-thinking send"):
            vendor.engine(thinking=False)
        assert vendor.engine().supported == {"text", "letters"}


def responds(body: dict[str, Any]) -> Act:
    if unknown := set(body) - {"model", "input", "store", "max_output_tokens", "temperature", "top_p"}:
        return error(400, f"unknown parameter {unknown}")
    if body["max_output_tokens"] < 16:
        return error(400, "max_output_tokens: below the minimum of 16")
    text = [{"type": "output_text", "text": "答え：b"}]
    return {"model": "stub", "status": "completed", "output": [{"type": "message", "content": text}]}


def test_the_responses_api_where_there_is_no_other() -> None:
    with Vendor(responds, "/responses") as vendor:
        engine = vendor.engine()
        answer = dict(engine.answer([TEXT]))[0]
        short = Request(kind="text", prompt="q", sampling=Sampling(max_tokens=4))
        assert dict(engine.answer([short]))[0].text == "答え：b"
        with pytest.raises(IgakuError, match=r"no such path"):
            vendor.engine(api="chat")
    assert answer.text == "答え：b" and vendor.bodies[-1]["input"][0] == {"role": "user", "content": "q"}
    assert engine.supported == {"text"} and "Responses API" in engine.unsupported["letters"]
    assert engine.identity.settings.startswith("api=responses")


def test_images_in_the_responses_api(tmp_path: Any) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    with Vendor(responds, "/responses") as vendor:
        request = Request(kind="text", prompt="q", messages=TURNS, images=(str(tmp_path / "x.png"),))
        list(vendor.engine(vision=True, api="responses").answer([request]))
    picture, text = vendor.bodies[-1]["input"][0]["content"]
    assert picture["type"] == "input_image" and picture["image_url"].startswith("data:image/png;base64,")
    assert text == {"type": "input_text", "text": "q"}


def named(name: str) -> Rule:
    return lambda body: completion("答え：b", model=name, **(LOGS if body.get("logprobs") else {}))


def test_another_name_is_refused_and_a_setting_allows_it() -> None:
    with Vendor(named("acme-9-preview")) as vendor:
        with pytest.raises(IgakuError, match=r"answered by 'acme-9-preview' .*--served-as acme-9-preview"):
            vendor.engine()
        engine = vendor.engine(served_as="acme-9, acme-9-preview")
        assert dict(engine.answer([TEXT]))[0].text == "答え：b"
        assert vendor.bodies[-1]["model"] == "stub"
    assert "served-as=acme-9,acme-9-preview" in engine.identity.settings
    assert engine.session["served_as"] == ["acme-9-preview"]


def test_two_names_in_one_session_are_spoken_of(caplog: pytest.LogCaptureFixture) -> None:
    count = iter(range(100))
    with Vendor(lambda body: completion("b", model=f"stub-2026010{1 + (next(count) > 5)}")) as vendor:
        engine = vendor.engine()
        list(engine.answer([TEXT] * 8))
    assert "several names (stub-20260101, stub-20260102)" in caplog.text
    assert engine.session["served_as"] == ["stub-20260101", "stub-20260102"]


def test_errors_are_asked_again_and_their_reasons_said(caplog: pytest.LogCaptureFixture) -> None:
    endings = iter(["error", "abort", "stop"])

    def rule(body: dict[str, Any]) -> Act | None:
        if body.get("max_tokens") == 99:
            return completion("答え：b", finish_reason=next(endings, "overheated"))
        return error(418, "teapot") if body.get("max_tokens") == 98 else None

    with Vendor(rule) as vendor:
        engine = vendor.engine(concurrency=1)
        assert dict(engine.answer([TEXT]))[0].finish == "stop"
        assert not caplog.text
        odd = Request(kind="text", prompt="q", messages=TURNS, sampling=Sampling(max_tokens=98))
        answers = dict(engine.answer([TEXT, odd]))
    assert answers[0].finish == "error" and "finish_reason 'overheated'" in answers[0].error
    assert "requests that failed: 2 (" in caplog.text and "1 x teapot" in caplog.text
    assert engine.session["errors"]["teapot"] == 1  # type: ignore[index]


def test_filters_and_lengths_inside_a_body_of_200_are_settled_at_once() -> None:
    words = {"99": "prompt is too long: 7001 tokens > 6000 maximum", "98": "blocked by our safety system"}

    def rule(body: dict[str, Any]) -> Act | None:
        message = words.get(str(body["max_tokens"]))
        return {"error": {"message": message, "code": 400}} if message else None

    with Vendor(rule) as vendor:
        engine, before = vendor.engine(), len(vendor.bodies)
        bad = Request(kind="text", prompt="q", messages=TURNS, sampling=Sampling(max_tokens=98))
        answers = dict(engine.answer([TEXT, bad]))
        assert len(vendor.bodies) == before + 2
    assert [answers[i].finish for i in (0, 1)] == ["overlong", "refused"]


def test_moderation_by_403_refuses_the_question_and_not_the_key() -> None:
    with Vendor(
        lambda b: error(403, "your input was flagged for violence") if b["max_tokens"] == 99 else None
    ) as vendor:
        assert dict(vendor.engine().answer([TEXT]))[0].finish == "refused"
