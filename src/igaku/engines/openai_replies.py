"""What servers with OpenAI's interface answer, read with distrust: a body of another form is ``BadPayload``."""

import re
from collections.abc import Sequence
from typing import Any, TypedDict

from igaku.engines.fleet_calls import BadPayload, Failed
from igaku.question import Answer, Finish, Request, Sampling

Body = dict[str, Any]
"""A decoded JSON object; its values are whatever the server wrote."""
TOO_LONG = (
    "context length",
    "context window",
    "maximum context",
    "too long",
    "exceeds the",
    "max_model_len",
    "context size",
)
FILTERED = ("content_filter", "content policy", "safety")
_DATE = re.compile(r"[-@]?\d{4}-?\d{2}-?\d{2}|-\d{4}|-latest")
_FINISH: dict[str, Finish] = {"length": "length", "content_filter": "refused"}


class Usage(TypedDict):
    """Tokens as the server counts them."""

    prompt_tokens: int
    new_tokens: int


class Replies:
    """Reads the bodies that answer one model's requests.

    Attributes:
        systems: what the server says of its own version, a line each (``system_fingerprint``).
        any_name: whether the server may call the model as it likes; llama.cpp's has one model, and goes by no name.
    """

    def __init__(self, model: str) -> None:
        self.model, self.any_name = model, False
        self.systems: set[str] = set()

    def choice(self, body: object) -> Body:
        """The one choice of a body.

        Raises:
            BadPayload: none, or more than one, or another model's.
        """
        choices = body.get("choices") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(choices, list) or len(choices) != 1:
            raise BadPayload("not one choice in it")
        if not isinstance(choices[0], dict):
            raise BadPayload("not one choice in it")
        served = body.get("model")
        if isinstance(served, str) and served and not self.any_name and not same_model(served, self.model):
            raise BadPayload(f"answered by {served[:80]!r} instead of {self.model!r}")
        if system := body.get("system_fingerprint"):
            self.systems.add(f"{served} {system}"[:100])
        return choices[0]

    def text(self, body: object, as_chat: bool, sampling: Sampling) -> Answer:
        """A written reply, cut at the stop strings; reasoning that the server took out stands in ``<think>`` again."""
        choice = self.choice(body)
        thought, text = _message(choice) if as_chat else ("", choice.get("text"))
        if not isinstance(text, str) or not isinstance(thought, str):
            raise BadPayload("no text in it")
        finish = _FINISH.get(str(choice.get("finish_reason")), "stop")
        cut = min((at for s in sampling.stop if (at := text.find(s)) >= 0), default=None)
        if cut is not None:
            text, finish = text[:cut], "stop"
        if thought:  # so that the journal holds it, and a reply that was cut inside it is seen to be
            text = f"<think>{thought}</think>{text}" if text or finish == "stop" else f"<think>{thought}"
        return Answer(finish=finish, text=text, **usage(body))

    def letters(self, body: object, letters: Sequence[str]) -> Answer:
        """Log-probabilities of letters; one that is not among the likeliest tokens gets the least of theirs."""
        choice = self.choice(body)
        try:
            found = top_tokens(choice.get("logprobs"))
        except BadPayload as error:  # asking again would not help
            why = f"the server's answer has {error}".replace(" in it", "")
            return Answer(finish="error", error=why, **usage(body))
        values = [_of_letter(found, letter) for letter in letters]
        if all(v is None for v in values):
            why = f"none of the letters is among the {len(found)} likeliest tokens"
            return Answer(finish="error", error=why, **usage(body))
        least = min(found.values())
        logprobs = tuple(least if v is None else v for v in values)
        return Answer(logprobs=logprobs, tokens=(1,) * len(values), **usage(body))

    def scored(self, body: object, length: int) -> tuple[float, int, int]:
        """Of the prompt's tokens that reach into its last ``length`` characters: the sum of their log-probabilities and
        their number; then the number of the tokens before them.

        Counted from the end: a server's offsets may count a beginning-of-text token as the characters of its name.
        """
        logs = self.choice(body).get("logprobs") or {}
        tokens, values, offsets = (logs.get(k) or [] for k in ("tokens", "token_logprobs", "text_offset"))
        n = usage(body)["prompt_tokens"]
        if not n or len(values) < n or len(offsets) < n or len(tokens) < n:
            raise BadPayload("the prompt's own tokens are not scored")
        last = offsets[n] if len(offsets) > n else offsets[n - 1] + len(str(tokens[n - 1]))
        ends = [*offsets[1:n], last]
        mine = [k for k in range(1, n) if ends[k] > ends[-1] - length]
        return sum(float(values[k]) for k in mine), len(mine), n - len(mine)

    def count_top(self, body: object) -> int:
        """How many log-probabilities a token a body has."""
        return len(top_tokens(self.choice(body).get("logprobs")))


def same_model(served: str, wanted: str) -> bool:
    """Equal except folders and ``.gguf`` (llama.cpp), or the date that vendors add (``gpt-4o-2024-08-06``)."""
    a, b = (n.rpartition("/")[2].lower().removesuffix(".gguf") for n in (served, wanted))
    return a == b or (a.startswith(b) and _DATE.fullmatch(a[len(b) :]) is not None)


def usage(body: object) -> Usage:
    """Tokens that the server counted; 0 where it does not say."""
    used = (body.get("usage") if isinstance(body, dict) else None) or {}
    return {"prompt_tokens": int(used.get("prompt_tokens") or 0), "new_tokens": int(used.get("completion_tokens") or 0)}


def _message(choice: Body) -> tuple[object, object]:
    """The reasoning that the server took out, and the message's text."""
    message = choice.get("message") or {}
    text = message.get("content")
    return message.get("reasoning_content") or message.get("reasoning") or "", "" if text is None else text


def top_tokens(logprobs: object) -> dict[str, float]:
    """Token -> log-probability of the first generated token, from either form in use.

    Raises:
        BadPayload: there are none.
    """
    logs: Body = logprobs if isinstance(logprobs, dict) else {}
    found: dict[str, float] = {}
    if content := logs.get("content"):
        for row in content[0].get("top_logprobs") or []:
            found.setdefault(str(row.get("token")), float(row["logprob"]))
    else:
        first = (logs.get("top_logprobs") or [{}])[0]
        found = {str(k): float(v) for k, v in (first or {}).items()}
    if not found:
        raise BadPayload("no log-probabilities in it")
    return found


def _of_letter(found: dict[str, float], letter: str) -> float | None:
    """The letter's token as it would follow the prompt; else the same letter with or without a blank before it."""
    if letter in found:
        return found[letter]
    alike = [v for token, v in found.items() if token.strip() == letter.strip()]
    return max(alike) if alike else None


def joined_answer(request: Request, parts: Sequence[object]) -> Answer:
    """The answer to a request from the results of its calls."""
    failed = next((p for p in parts if isinstance(p, Failed)), None)
    if failed:
        return _failed_answer(failed)
    if isinstance(parts[0], Answer):
        return parts[0]
    sums, lengths, starts = zip(*(p for p in parts if isinstance(p, tuple)))
    return Answer(logprobs=sums, tokens=lengths, prompt_tokens=starts[0])


def _failed_answer(failed: Failed) -> Answer:
    message = failed.message.lower()
    if failed.status in (400, 413, 422) and any(words in message for words in TOO_LONG):
        return Answer(finish="overlong", error=failed.message[:200])
    if failed.status in (400, 451) and any(words in message for words in FILTERED):
        return Answer(finish="refused", error=failed.message[:200])
    return Answer(finish="error", error=failed.message)
