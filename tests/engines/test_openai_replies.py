"""Replies in the shapes of many servers: why they ended, what is answer and what thinking, what is no answer."""

from typing import Any

import pytest

from igaku.engines.fleet_calls import BadPayload, ErrorInBody
from igaku.engines.openai_messages import finish_of, opens_thinking
from igaku.engines.openai_names import same_model
from igaku.engines.openai_replies import Replies
from igaku.grading import METHODS, grade_one
from igaku.question import Answer, Choices, Question, Reply, Sampling

from .stub import completion

QUESTION = Question(id="1", lang="ja", stem="どれか。", choices=("甲", "乙", "丙"), key=Choices(((1,),)), source="own")


def read(content: object, finish: object = "stop", stop: tuple[str, ...] = (), **message: Any) -> Answer:
    body = completion("", message={"content": content, **message}, finish_reason=finish)
    return Replies("stub").text(body, True, Sampling(max_tokens=64, stop=stop))


def graded(answer: Answer) -> str:
    reply = Reply(key="", model="stub", bench="", lang="ja", id="1", answer=answer)
    return grade_one(METHODS["letter"], QUESTION, reply).outcome


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        *[(r, "stop") for r in ("stop", "end_turn", "STOP", "eos_token", "COMPLETE", "FinishReason.STOP", "", None)],
        *[(r, "length") for r in ("length", "max_tokens", "MAX_TOKENS", "model_length", "max_output_tokens")],
        *[(r, "refused") for r in ("content_filter", "SAFETY", "sensitive", "refusal", "RECITATION", "content-filter")],
    ],
)
def test_the_reasons_of_all_vendors_are_three(reason: object, finish: str) -> None:
    assert finish_of(reason) == finish


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource", "unknown", "OTHER", "new one", 7])
def test_any_other_reason_is_an_error_that_is_asked_again(reason: object) -> None:
    with pytest.raises(BadPayload, match="finish_reason"):
        read("答え：b", reason)


def test_an_error_in_the_choice_is_an_error() -> None:
    body = completion("", error={"code": 502, "message": "upstream went away"})
    with pytest.raises(ErrorInBody, match="upstream went away"):
        Replies("stub").text(body, True, Sampling())


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "thinking", "thinking": [{"type": "text", "text": "a か"}]}, {"type": "text", "text": "答え：b"}],
        [
            {"type": "reasoning", "text": "a か"},
            {"type": "output_text", "text": "答え："},
            {"type": "text", "text": "b"},
        ],
        [{"type": "thinking", "thinking": "a か"}, "答え：b"],
        [{"type": "redacted_thinking", "data": "xx"}, {"text": "<think>a か</think>答え：b"}],
        {"parts": [{"type": "thought", "text": "a か"}, {"text": "答え：b"}]},
    ],
)
def test_a_list_of_parts_is_an_answer_and_its_thinking(content: object) -> None:
    answer = read(content)
    assert (answer.thinking, answer.text, answer.finish, graded(answer)) == ("a か", "答え：b", "stop", "right")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_thinking_beside_the_content_is_never_graded(field: str) -> None:
    assert graded(read("答え：b", **{field: "答え：a"})) == "right"
    assert graded(read(None, "length", **{field: "答え：b"})) == "truncated"
    assert graded(read("", **{field: "答え：b"})) != "right"


@pytest.mark.parametrize("mark", ["</think>", "</thinking>", "[/THINK]", "<channel|>", "<|END_THINKING|>"])
def test_marks_inside_the_thinking_do_not_end_it(mark: str) -> None:
    assert graded(read("答え：b", reasoning_content=f"まず {mark} 答え：a と書く")) == "right"


def test_marks_that_the_server_left_in_the_text() -> None:
    answer = read("<|channel|>analysis<|message|>答え：a か<|end|><|start|>assistant<|channel|>final<|message|>答え：b")
    assert (answer.thinking, answer.text, graded(answer)) == ("答え：a か", "答え：b", "right")
    assert graded(read("[THINK]答え：b と思うが", "length")) == "truncated"
    assert graded(read("<think>答え：b と思うが", "stop")) == "truncated"


def test_a_refusal_is_refused() -> None:
    answer = read(None, refusal="お答えできません。")
    assert (answer.finish, answer.text, graded(answer)) == ("refused", "お答えできません。", "refused")
    assert graded(read([{"type": "refusal", "refusal": "お答えできません。"}])) == "refused"
    assert graded(read("答え：b", refusal="")) == "right"


def test_stop_strings_cut_the_answer_alone() -> None:
    beside = read("答え：b\n\n次", stop=("\n\n",), reasoning="一\n\n二")
    within = read("<think>一\n\n二</think>答え：b\n\n次", "length", stop=("\n\n",))
    for answer in (beside, within):
        assert (answer.thinking, answer.text, answer.finish) == ("一\n\n二", "答え：b", "stop")


@pytest.mark.parametrize("content", [7, [7], {"type": "text", "text": 7}])
def test_content_of_another_kind_is_no_answer(content: object) -> None:
    with pytest.raises(BadPayload):
        read(content)


def test_plain_completions_whose_prompt_opened_the_thinking() -> None:
    body = completion("a か</think>答え：b")
    answer = Replies("stub").text(body, False, Sampling(), opened=True)
    assert (answer.thinking, answer.text) == ("a か", "答え：b")
    cut = Replies("stub").text(completion("答え：b と思う"), False, Sampling(), opened=True)
    assert graded(cut) == "truncated"


def response(status: str = "completed", *, cut: str = "", counted: int = 5, content: Any = None) -> Answer:
    item = {"type": "message", "content": content or [{"type": "output_text", "text": "答え：b"}]}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a か"}]}
    body = {
        "model": "stub",
        "status": status,
        "incomplete_details": {"reason": cut} if cut else None,
        "output": [thought, item],
        "usage": {"input_tokens": 9, "output_tokens": counted},
    }
    return Replies("stub").response(body, Sampling(max_tokens=64), 64)


def test_the_responses_api_is_read_alike() -> None:
    answer = response()
    assert (answer.thinking, answer.text, answer.finish) == ("a か", "答え：b", "stop")
    assert (answer.prompt_tokens, answer.new_tokens) == (9, 5)
    assert response("incomplete", cut="max_output_tokens").finish == "length"
    assert response("incomplete", cut="content_filter").finish == "refused"
    assert response(counted=64).finish == "length", "a server that calls a cut reply complete"
    assert response(content=[{"type": "refusal", "refusal": "いいえ"}]).finish == "refused"
    with pytest.raises(BadPayload):
        response("failed")


@pytest.mark.parametrize("token", ["<think>", " <think>", "[THINK]", "<|channel|>", "<|START_THINKING|>", "<thi"])
def test_tokens_that_begin_a_thought(token: str) -> None:
    assert opens_thinking(token)


@pytest.mark.parametrize("token", ["A", " B", "<", "Ａ", "答え", "\n", "</think>", "think"])
def test_tokens_that_do_not(token: str) -> None:
    assert not opens_thinking(token)


def letters(*rows: tuple[str, float]) -> Answer:
    logs = {"content": [{"top_logprobs": [{"token": t, "logprob": v} for t, v in rows]}]}
    return Replies("stub").letters(completion("x", logprobs=logs), ("A", "B", "C"))


def test_full_width_letters_are_letters() -> None:
    assert letters(("Ｂ", -0.1), ("Ａ", -3.0), ("C", -4.0)).logprobs == (-3.0, -0.1, -4.0)
    assert letters(("Ａ", -0.1), ("A", -9.0), ("B", -3.0), ("C", -4.0)).logprobs == (-0.1, -3.0, -4.0)


def test_a_letter_that_is_named_last_is_above_those_not_named() -> None:
    a, b, c = letters(("x", -0.1), ("C", -4.0)).logprobs
    assert c == -4.0 and a == b < c and c - a < 1e-9


def test_letters_behind_a_thought_are_an_error() -> None:
    answer = letters(("<think>", -0.01), ("A", -12.0), ("B", -13.0), ("C", -14.0))
    assert answer.finish == "error" and "thinks before it answers" in answer.error


@pytest.mark.parametrize(
    ("served", "wanted", "same"),
    [
        ("acme-9-20260102", "acme-9-latest", True),
        ("acme-9-2026-01-02", "acme-9", True),
        ("acme-9-0102", "acme-9", True),
        ("acme-9-mini", "acme-9", False),
        ("acme-9-mini", "acme-9-latest", False),
        ("acme-9-preview-01-02", "acme-latest", False),
        ("acme-91", "acme-9", False),
    ],
)
def test_dates_and_latest_are_one_model(served: str, wanted: str, same: bool) -> None:
    assert same_model(served, wanted) is same


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ({"prompt_tokens": 7, "completion_tokens": 30, "total_tokens": 37}, (7, 30, None)),
        ({"completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 25}}, (0, 30, 25)),
        ({"input_tokens": 7, "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 0}}, (7, 30, 0)),
        # thinking that is in the total alone: counted beside the reply's tokens, or not at all
        (
            {
                "prompt_tokens": 7,
                "completion_tokens": 30,
                "total_tokens": 137,
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            (7, 130, 100),
        ),
        ({"prompt_tokens": 7, "completion_tokens": 30, "total_tokens": 137}, (7, 130, 100)),
        # a total that holds something else
        (
            {
                "prompt_tokens": 7,
                "completion_tokens": 30,
                "total_tokens": 137,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            (7, 30, 20),
        ),
        ({"completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 900}}, (0, 30, None)),
        ({"completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": "many"}}, (0, 30, None)),
        ({"completion_tokens": 30, "completion_tokens_details": None}, (0, 30, None)),
    ],
)
def test_tokens_of_thinking_are_counted_as_they_are_billed(
    used: dict[str, Any], found: tuple[int, int, int | None]
) -> None:
    answer = Replies("stub").text({**completion("b"), "usage": used}, True, Sampling(max_tokens=64))
    assert (answer.prompt_tokens, answer.new_tokens, answer.thinking_tokens) == found
