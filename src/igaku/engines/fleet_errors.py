"""What servers say of an error, in their many shapes, and what it means: too long, refused by a filter, or failed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["overlong", "refused", "error"]
_WORDS = ("message", "msg", "detail", "error", "error_message", "error_msg", "reason", "raw", "title")
_CODES = ("code", "type", "error_type", "errorType", "__type", "status", "reason", "object")
_PARAMETERS = ("param", "loc")
_INNER = ("error", "errors", "detail", "details", "message", "innererror", "inner_error", "metadata", "raw", "loc")
DEEPEST = 6


@dataclass(frozen=True)
class ServerError:
    """An error as a server words it."""

    message: str
    """In one line."""
    codes: tuple[str, ...] = ()
    """Codes, types and reasons, in lower case."""
    parameters: tuple[str, ...] = ()
    """The parameters that it names as such."""

    @property
    def status(self) -> int:
        """An HTTP status that stands in the body; 0 where there is none."""
        return next((int(c) for c in self.codes if c.isdecimal() and 400 <= int(c[:4]) < 600), 0)


def read_error(raw: bytes | str) -> ServerError:
    """An error of any server's shape: OpenAI's, FastAPI's ``detail``, Google's list, plain words, one in another."""
    text = raw if isinstance(raw, str) else raw[:100_000].decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ServerError(" ".join(text[:4000].split()))
    return error_of(body)


def error_of(body: object) -> ServerError:
    """An error that is decoded already."""
    words: list[str] = []
    codes: list[str] = []
    parameters: list[str] = []
    for key, value in _leaves(body, 0):
        line = " ".join(str(value)[:4000].split())
        if not line or isinstance(value, bool):
            continue
        if key in _WORDS and not isinstance(value, int | float):
            words.append(line)
        if key in _CODES:
            codes.append(line.lower()[:80])
        if key in _PARAMETERS:
            parameters.append(line)
    message = " / ".join(dict.fromkeys(words)) or " ".join(json.dumps(body, ensure_ascii=False)[:4000].split())
    return ServerError(message, tuple(codes), tuple(parameters))


def _leaves(value: object, depth: int, key: str = "message") -> Iterator[tuple[str, object]]:
    """(key, plain value) of an error's body, its inner errors and JSON in strings included."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(inner, dict | list) or name in _INNER:
                yield from _leaves(inner, depth + 1, str(name))
    elif isinstance(value, list):
        for inner in value[-1:] if key == "loc" else value[:20]:
            yield from _leaves(inner, depth + 1, key)
    elif isinstance(value, str) and value[:1] in ("{", "[") and depth < DEEPEST - 1:
        yield from _decoded(value, depth, key)
    elif value is not None:
        yield key, value


def _decoded(value: str, depth: int, key: str) -> Iterator[tuple[str, object]]:
    try:
        yield from _leaves(json.loads(value), depth + 1, key)
    except (ValueError, RecursionError):
        yield key, value


_LONG_CODES = re.compile(
    r"context_?(?:length|window|size)|string_above_max|(?:prompt|input|request|query)_?(?:is_)?too_?(?:long|large|big)|"
    r"max_?(?:context|input|prompt)_?\w*_?exceeded|input_?tokens?_?exceed|token_?limit_?exceed"
)
_RATES = re.compile(
    r"per[ -](?:second|minute|hour|day|month)|\b[TR]P[MD]\b|rate.?limit|quota|credit|billing|timed? ?out|"
    r"(?:images?|files?|audio|video|attachments?|pictures?)\b\W+(?:\w+\W+){0,4}?(?:too|exceed|larger|size)|"
    r"(?:too many|number of) (?:images|files|tools|messages|requests|stop)",
    re.I,
)
_CONTEXT = re.compile(
    r"context[ _-]?(?:length|window|size|limit|is\b|overflow)|maximum context|context the overflow|max_model_len|"
    r"(?:maximum )?model(?:'s)? (?:maximum )?(?:length|token limit)|max_?(?:seq|sequence)_?len|\bn_ctx\b|"
    r"(?:maximum|max\.?|allowed)[ _](?:prompt|input|sequence)[ _](?:tokens?|length|size|characters)|"
    r"range of input length|larger context|longer context",
    re.I,
)
_TOO_MUCH = re.compile(
    r"(?:prompts?|inputs?|messages?|requests?|quer(?:y|ies)|conversation|sequences?|texts?|documents?|payload|tokens)\b"
    r"[^.;]{0,90}?(?:too (?:long|large|big|many)|exceed|longer than|larger than|greater than|more than|beyond|overflow|"
    r"must (?:be|have) (?:<|less|at most|fewer|under|no more|shorter)|(?:should|can) ?not be (?:longer|more|greater)|"
    r"only supports up to|is over|(?:over|above|past) (?:the|its) (?:limit|maximum)|(?:not|n't) fit)",
    re.I,
)
_FEWER = re.compile(
    r"(?:reduce|shorten|decrease|trim|truncate|shorter|smaller|fewer|too many)\W+(?:\w+\W+){0,5}?"
    r"(?:tokens?|prompt|inputs?|lengths?|messages?|characters|context|conversation)\b|"
    r"input tokens exceeded|tokens? (?:count )?exceeds?",
    re.I,
)
_NO_ROOM = re.compile(
    r"max_(?:completion_|new_|output_)?tokens\W[^.;]{0,60}?(?:at least|greater than|positive)[^;]{0,60}?"
    r"(?:got|given|received|was|:)\W{0,3}(?:-\d|0\b)",
    re.I,
)
_OUTPUT = re.compile(r"max_(?:completion_|new_|output_)?tokens|(?:completion|output|generated|new) tokens", re.I)
_ASIAN = re.compile(
    r"超长|過長|(?:输入|輸入|入力|提示|プロンプト|上下文|文脈|コンテキスト|トークン)[^。；]{0,30}"
    r"(?:超过|超出|超過|超え|长度|太长|長すぎ|過大|上限)|(?:입력|프롬프트|토큰|컨텍스트)[^.]{0,30}(?:초과|깁니다|너무)"
)
_UNKNOWN = re.compile(r"un(?:supported|known|recognized|expected)|not (?:supported|permitted|allowed)|extra", re.I)
_REFUSED_CODES = re.compile(
    r"content_?(?:filter|policy|block|moderation)|responsibleai|data_?inspection|moderation|guardrail|safety|"
    r"prohibited_?content|blocklist|sensitive|policy_?violation|usage_?policy|\b1301\b"
)
_REFUSED = re.compile(
    r"content[_ ](?:management |moderation )?(?:filter|polic)|content (?:exists|was (?:blocked|flagged)|violat)|"
    r"usage (?:polic|guideline)|safety (?:system|filter|polic|setting|reason|check|guideline)|(?:for|by|of) safety\b|"
    r"flagged (?:as|by|for|because)|was flagged|requires moderation|by (?:our |the )?moderation|"
    r"inappropriate content|prohibited (?:content|use)|guardrail|violat\w+ [^.]{0,60}(?:polic|guideline|terms)|"
    r"(?:considered|deemed) (?:to be )?high.risk|blocked (?:by|due to|because of) [^.]{0,40}(?:polic|filter|safety)",
    re.I,
)
_REFUSED_ASIAN = re.compile(r"敏感|不安全|违规|不適切|有害|유해|부적절")
WORDED = 1000
"""Characters of a message that are looked at: some servers repeat the whole prompt behind their own words."""
WORDED_ASIAN = 200


def kind_of(error: ServerError) -> Kind:
    """``overlong`` where the prompt does not fit the model, ``refused`` where a filter stopped it, else ``error``.

    A code decides where there is one that is known; else words do, since each vendor has its own. A reply that was
    asked to be longer than the model ever writes, and limits of an account (tokens a minute), are plain errors.
    """
    text, codes = error.message[:WORDED], " ".join(error.codes)
    if _REFUSED_CODES.search(codes):
        return "refused"
    if _LONG_CODES.search(codes) and not _RATES.search(text):
        return "overlong"
    if _REFUSED.search(text) or _REFUSED_ASIAN.search(text[:WORDED_ASIAN]):
        return "refused"
    return "overlong" if is_overlong(text) else "error"


def is_overlong(text: str) -> bool:
    """Whether words say that a prompt is longer than the model takes."""
    if _RATES.search(text):
        return False
    if _NO_ROOM.search(text) or _ASIAN.search(text[:WORDED_ASIAN]):
        return True
    if _CONTEXT.search(text):
        return not _UNKNOWN.search(text)
    if _OUTPUT.search(text) and not re.search(r"prompts?\b|inputs?\b|messages\b|sequence", text, re.I):
        return False
    measured = re.search(r"token|length|long|character|context|size|bytes", text, re.I)
    return bool(measured and (_TOO_MUCH.search(text) or _FEWER.search(text)))
