"""What a server's error means for a question: each vendor's shape and wording, in our own numbers."""

import json

import pytest

from igaku.engines.fleet_errors import ServerError, error_of, kind_of, read_error
from tests.growth import is_linear

OVERLONG = [
    "This model's maximum context length is 6000 tokens, but the messages came to 7001 tokens.",
    "Your input exceeds the context window of this model.",
    "Input tokens exceed the configured limit of 90000 tokens.",
    "request (7001 tokens) exceeds the available context size (6000 tokens)",
    "prompt is too long: 7001 tokens > 6000 maximum",
    "input length and `max_tokens` exceed context limit: 5000 + 2000 > 6000",
    "The input token count (7001) exceeds the maximum number of tokens allowed (6000).",
    "the input token count is 7001 but the model only supports up to 6000",
    "Range of input length should be [1, 6000]",
    "Please reduce the length of the messages or completion.",
    "'max_tokens' must be at least 1, got -1001.",
    "max_tokens must be greater than 0, got 0",
    "max_tokens=7001 cannot be greater than max_model_len=6000",
    "Prompt contains 7001 tokens, too large for model with 6000 maximum context length",
    "The decoder prompt (length 7001) is longer than the maximum model length of 6000.",
    "Input length (7001 tokens) exceeds the maximum allowed length (6000 tokens).",
    "`inputs` tokens + `max_new_tokens` must be <= 6000. Given: 7001 `inputs` tokens and 9 `max_new_tokens`",
    "`inputs` must have less than 6000 tokens. Given: 7001",
    "Input is too long for requested model.",
    "Too many input tokens. Max input tokens: 6000, request input token count: 7001",
    "too many tokens: total number of tokens cannot exceed 6000, received 7001",
    "This model's maximum prompt length is 6000 but the request contains 7001 tokens.",
    "Your request exceeded model token limit: 6000",
    "The sum of prompt length (7001), max_tokens (9) should not exceed max_seq_len (6000)",
    "This prompt has 7001 tokens, over the limit of 6000 tokens",
    "Your prompt of 7001 tokens does not fit into 6000",
    "the model is loaded with context length of only 6000 tokens, which is not enough",
    "ContextWindowExceededError",
    "输入长度超过最大限制",
    "入力トークン数が上限を超えています",
]
REFUSED = [
    "The response was filtered due to the prompt triggering the content management policy.",
    "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    "Content Exists Risk",
    "Input data may contain inappropriate content.",
    "Content violates usage guidelines.",
    "The request was rejected because it was considered high risk",
    "Your request was rejected by our safety system",
    "Request blocked by guardrail",
    "输入包含敏感内容",
]
ERRORS = [
    "max_tokens is too large: 90000. This model supports at most 8000 completion tokens.",
    "max_tokens: 9000 > 8000, which is the maximum allowed number of output tokens",
    "Request too large on tokens per minute (TPM): Limit 6000, Requested 7001, please reduce your message size",
    "Unsupported parameter: 'context_length'",
    "Invalid value for temperature: it exceeds the maximum of 2",
    "image too large: it exceeds 5 MB",
    "The model does not exist",
    "messages: roles must alternate",
    "Could not finish the message because max_tokens was reached.",
    "Range of max_tokens should be [1, 8000]",
    "CUDA out of memory",
    "You exceeded your current quota",
    "out of order",
]


@pytest.mark.parametrize(
    ("kind", "message"),
    [(k, m) for k, all_of in (("overlong", OVERLONG), ("refused", REFUSED), ("error", ERRORS)) for m in all_of],
)
def test_words_decide_where_there_is_no_code(kind: str, message: str) -> None:
    assert kind_of(ServerError(message)) == kind


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("overlong", "context_length_exceeded"),
        ("overlong", "exceed_context_size_error"),
        ("overlong", "prompt_too_long"),
        ("refused", "content_filter"),
        ("refused", "ResponsibleAIPolicyViolation"),
        ("refused", "DataInspectionFailed"),
        ("refused", "1301"),
        ("error", "invalid_request_error"),
        ("error", "model_not_found"),
    ],
)
def test_a_code_decides_whatever_the_words(kind: str, code: str) -> None:
    assert kind_of(error_of({"error": {"message": "no", "code": code}})) == kind


SHAPES = {
    "openai": {"error": {"message": "no such seed", "param": "seed", "code": "x"}},
    "azure": {"error": {"message": "no such seed", "param": "seed", "innererror": {"code": "x"}}},
    "fastapi": {"detail": [{"loc": ["body", "seed"], "msg": "no such seed", "type": "x"}]},
    "mistral": {"message": {"detail": [{"loc": ["body", "seed"], "msg": "no such seed", "type": "x"}]}},
    "google": [{"error": {"message": "no such seed", "status": "x", "param": "seed"}}],
    "router": {
        "error": {
            "message": "from upstream",
            "metadata": {"raw": '{"error": {"message": "no such seed", "code": "x", "param": "seed"}}'},
        }
    },
    "aws": {"__type": "x", "message": "no such seed", "param": "seed"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_vendors_shape_is_read(name: str) -> None:
    found = read_error(json.dumps(SHAPES[name]).encode())
    assert "no such seed" in found.message
    assert "x" in found.codes and "seed" in found.parameters


@pytest.mark.parametrize("raw", [b"<html>bad gateway</html>", b"", b"[]", b'"no"', b"\xff\xfe", b"[" * 5000])
def test_a_body_of_any_kind_is_a_line(raw: bytes) -> None:
    assert "\n" not in read_error(raw).message


def test_a_prompt_that_is_repeated_in_an_error_does_not_decide() -> None:
    echoed = "value is not a valid dict: " + "皮膚の感覚が敏感な患者。" * 200
    assert kind_of(ServerError("validation failed " * 20 + echoed)) == "error"


def test_hostile_words_are_read_in_linear_time() -> None:
    for words in ("prompt " * 100_000, "max_tokens at least " * 50_000, "violating " * 90_000, '{"error":' * 20_000):
        assert is_linear(lambda text: kind_of(read_error(text.encode())), words)
