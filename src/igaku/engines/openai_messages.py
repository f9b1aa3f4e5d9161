"""What a model wrote, in the shapes that servers give it: a string or parts, thinking beside it, a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from igaku.engines.fleet_calls import BadPayload, ErrorInBody
from igaku.engines.fleet_errors import error_of
from igaku.engines.written import first_stop
from igaku.question import Finish
from igaku.thinking import split
from igaku.thinking.marks import marks

STOPPED = (
    "stop end_turn eos eos_token stop_sequence stop_token complete completed finished finish end done normal "
    "tool_calls tool_call tool_use function_call"
)
"""A model that calls a tool has not answered in words; that is the model's doing and not the server's."""
CUT = (
    "length max_tokens model_length max_output_tokens max_completion_tokens max_new_tokens max_length token_limit "
    "length_limit limit truncated incomplete model_context_window_exceeded context_length_exceeded error_limit"
)
REFUSED = (
    "content_filter content_filtered content_policy content_policy_violation safety safety_stop sensitive refusal "
    "refused recitation blocklist blocked prohibited_content spii image_safety guardrail_intervened model_armor "
    "moderation error_toxic policy_violation"
)
FINISHES: dict[str, Finish] = {
    **dict.fromkeys(STOPPED.split(), "stop"),
    **dict.fromkeys(CUT.split(), "length"),
    **dict.fromkeys(REFUSED.split(), "refused"),
}
"""Why a reply ended, in the words of OpenAI, Anthropic, Google, Mistral, Cohere, Zhipu, TGI and others."""
_THOUGHT = ("thinking", "thought", "reasoning", "reasoning_text", "reasoning_content", "summary_text")


def finish_of(reason: object) -> Finish:
    """Why a reply ended. Servers that give no reason have ended it as usual.

    Raises:
        BadPayload: it failed (``error``, ``abort``), or for a reason that is not known: it may be half a reply.
    """
    name = str(reason or "stop").strip().lower().rpartition(".")[2].replace("-", "_").replace(" ", "_")
    name = name.removeprefix("finish_reason_")
    if name not in FINISHES:
        raise BadPayload(f"the reply ended with finish_reason {str(reason)[:60]!r}")
    return FINISHES[name]


@dataclass
class Written:
    """A message in its parts, as they came."""

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)

    def reply(self, finish: Finish, stop: Sequence[str] = (), opened: bool = False) -> "Spoken":
        """The answer, cut at its first stop string, the thinking, and why it ended.

        Marks of thinking that the server left in the text part it as the engines of this machine do.

        Args:
            opened: whether the prompt opened the thinking.
        """
        text = "".join(self.text)
        parts = split(text, opened)
        if parts.thinking or parts.cut or _has_marks(text):
            text = parts.answer
        if not text and self.refusal:
            text, finish = "".join(self.refusal), "refused"
        if (at := first_stop(text, stop)) is not None:
            text, finish = text[:at], "refused" if finish == "refused" else "stop"
        if parts.cut and finish == "stop":
            finish = "length"
        return Spoken(text, "\n".join([*self.thinking, *([parts.thinking] if parts.thinking else [])]), finish)


def _has_marks(text: str) -> bool:
    """Whether any mark stands in a text: of an empty thought, or of the end of a turn."""
    return any(bracket in text for bracket in "<[＜◁&") and any(sign.kind != "nothing" for sign in marks(text))


class Spoken(NamedTuple):
    """A reply as it is kept."""

    text: str
    thinking: str
    finish: Finish


def opens_thinking(token: str) -> bool:
    """Whether a reply's first token begins its thinking (``<think>``, ``<|channel|>``, ``[THINK]``)."""
    word = token.strip()
    is_part = len(word) >= 3 and any(
        whole.startswith(word) for whole in ("<think", "[THINK", "<|channel", "<|START_TH")
    )
    return is_part or any(s.kind == "open" or s.rule in ("unfinished", "channel") for s in marks(word))


def written(message: object) -> Written:
    """The parts of a chat's message, or of a plain text.

    Raises:
        BadPayload: what it holds is not text.
    """
    found = Written()
    if not isinstance(message, dict):
        _take(message, found)
        return found
    for name in ("reasoning_content", "reasoning", "thinking"):
        if not found.thinking and message.get(name):
            found.thinking += _strings(message[name])
    _take(message.get("content"), found)
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        found.refusal.append(message["refusal"])
    return found


def _take(content: object, found: Written) -> None:
    if isinstance(content, str):
        found.text.append(content)
    elif isinstance(content, dict):
        _take_part(content, found)
    elif isinstance(content, list):
        for part in content:
            _take(part, found)
    elif content is not None:
        raise BadPayload("no text in it")


def _take_part(part: dict[str, object], found: Written) -> None:
    kind = str(part.get("type") or "text").lower()
    if "refusal" in kind:
        found.refusal += _strings(part.get("refusal") or part.get("text"))
    elif kind.startswith(_THOUGHT):
        found.thinking += [t for name in (*_THOUGHT, "summary", "content", "text") for t in _strings(part.get(name))]
    elif "parts" in part or isinstance(part.get("content"), list):
        _take(part.get("parts") or part.get("content"), found)
    elif isinstance(part.get("text"), str):
        found.text.append(str(part["text"]))
    elif kind == "text":
        raise BadPayload("no text in it")


def _strings(value: object) -> list[str]:
    """All plain text in a value of any shape."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list):
        return [t for part in value for t in _strings(part)]
    if isinstance(value, dict):
        return [t for name in ("text", "thinking", "content", "summary") for t in _strings(value.get(name))]
    return []


def check_error(body: object) -> None:
    """Refuse a body, or a choice in it, that holds an error instead of an answer.

    Raises:
        ErrorInBody: it does.
    """
    if isinstance(body, dict) and (error := body.get("error")):
        raise ErrorInBody(error_of({"error": error}))
