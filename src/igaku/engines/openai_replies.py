"""What servers with OpenAI's interface answer, read with distrust: a body of another form is ``BadPayload``."""

from collections.abc import Sequence
from math import inf, nextafter
from typing import Any, NotRequired, TypedDict

from igaku.engines.fleet_calls import BadPayload, Failed
from igaku.engines.openai_letters import THINKING_FIRST, NoLetters, of_letter, top_tokens
from igaku.engines.openai_messages import Written, check_error, finish_of, opens_thinking, written
from igaku.engines.openai_names import same_model
from igaku.question import Answer, Request, Sampling

Body = dict[str, Any]
"""A decoded JSON object; its values are whatever the server wrote."""


class Usage(TypedDict):
    """Tokens as the server counts them."""

    prompt_tokens: int
    new_tokens: int
    thinking_tokens: NotRequired[int]
    """Those of thinking among the new ones, where it counts them."""


class Replies:
    """Reads the bodies that answer one model's requests.

    Attributes:
        systems: what the server says of its own version, a line each (``system_fingerprint``).
        served: the names under which the server answered.
        any_name: whether the server may call the model as it likes; llama.cpp's has one model, and goes by no name.
        aliases: further names that stand for the model, as the user gave them.
    """

    def __init__(self, model: str, aliases: Sequence[str] = ()) -> None:
        self.model, self.aliases, self.any_name = model, tuple(aliases), False
        self.systems: set[str] = set()
        self.served: set[str] = set()

    def check_model(self, body: Body) -> None:
        """Keep the name under which a body was answered.

        Raises:
            BadPayload: it is another model's.
        """
        served = body.get("model")
        if isinstance(served, str) and served:
            known = self.any_name or any(same_model(served, name) for name in (self.model, *self.aliases))
            if not known:
                other = f"answered by {served[:80]!r} instead of {self.model!r}"
                raise BadPayload(f"{other} (if that is the same model: --served-as {served[:80]})")
            self.served.add(served[:200])
        if system := body.get("system_fingerprint"):
            self.systems.add(f"{served} {system}"[:100])

    def choice(self, body: object) -> Body:
        """The one choice of a body.

        Raises:
            BadPayload: none, or more than one, or another model's, or an error in its place.
        """
        check_error(body)
        choices = body.get("choices") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(choices, list) or len(choices) != 1:
            raise BadPayload("not one choice in it")
        if not isinstance(choices[0], dict):
            raise BadPayload("not one choice in it")
        check_error(choices[0])
        self.check_model(body)
        return choices[0]

    def text(self, body: object, as_chat: bool, sampling: Sampling, opened: bool = False) -> Answer:
        """A written reply, cut at the stop strings; reasoning that the server took out is its thinking.

        Args:
            opened: whether the prompt opened the model's thinking.
        """
        choice = self.choice(body)
        finish = finish_of(choice.get("finish_reason"))
        if not as_chat and not isinstance(choice.get("text"), str):
            raise BadPayload("no text in it")
        found = written(choice.get("message") or {}) if as_chat else Written([choice["text"]])
        return Answer(**found.reply(finish, sampling.stop, opened)._asdict(), **usage(body))

    def response(self, body: object, sampling: Sampling, limit: int = 0) -> Answer:
        """A written reply of the Responses API: a list of reasoning and messages.

        Args:
            limit: tokens that the reply could have; some servers call one complete that they cut there.

        Raises:
            BadPayload: it failed, or is none.
        """
        check_error(body)
        if not isinstance(body, dict) or not isinstance(body.get("output"), list):
            raise BadPayload("no output in it")
        self.check_model(body)
        why = (body.get("incomplete_details") or {}).get("reason")
        finish = finish_of(why or body.get("status") or "completed")
        counted = usage(body)
        if finish == "stop" and counted["new_tokens"] >= limit > 0:
            finish = "length"
        found = Written()
        for item in body["output"]:
            if isinstance(item, dict) and item.get("type") in ("message", "reasoning"):
                part = written({"content": item.get("content") if item["type"] == "message" else [item]})
                found.text += part.text
                found.thinking += part.thinking
                found.refusal += part.refusal
        return Answer(**found.reply(finish, sampling.stop)._asdict(), **counted)

    def letters(self, body: object, letters: Sequence[str]) -> Answer:
        """Log-probabilities of letters; one that is not among the likeliest tokens gets the least of theirs, or just
        less where that is another letter's."""
        try:
            found = self.first_token(body)
        except NoLetters as error:  # asking again would not help
            return Answer(finish="error", error=str(error), **usage(body))
        values = [of_letter(found, letter) for letter in letters]
        if all(v is None for v in values):
            why = f"none of the letters is among the {len(found)} likeliest tokens"
            return Answer(finish="error", error=why, **usage(body))
        least = min(found.values())
        rest = nextafter(least, -inf) if least in values else least
        logprobs = tuple(rest if v is None else v for v in values)
        return Answer(logprobs=logprobs, tokens=(1,) * len(values), **usage(body))

    def first_token(self, body: object) -> dict[str, float]:
        """Token -> log-probability at the beginning of an answer.

        Raises:
            NoLetters: the server gives none, or a thought begins there.
        """
        choice = self.choice(body)
        if written(choice.get("message") or {}).thinking or _reasoned(body):
            raise NoLetters(THINKING_FIRST)
        try:
            found = top_tokens(choice.get("logprobs"))
        except BadPayload as error:
            raise NoLetters(f"the server's answer has {error}".replace(" in it", "")) from None
        if opens_thinking(first := max(found, key=lambda token: found[token])):
            raise NoLetters(f"{THINKING_FIRST} ({first.strip()})")
        return found

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


def usage(body: object) -> Usage:
    """Tokens that the server counted; 0 where it does not say.

    Some (xAI, Gemini) leave thinking out of the tokens of the reply, and have it in the total alone, which is what they
    bill: what the total holds beyond the two is then thinking. A total that goes beyond them by another number than the
    thinking that the server itself counted holds something else, and is left alone.
    """
    used = (body.get("usage") if isinstance(body, dict) else None) or {}
    names = (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
    prompt, new = (int(used.get(a) or used.get(b) or 0) for a, b in names)
    thinking, beyond = _thinking_tokens(used), int(used.get("total_tokens") or 0) - prompt - new
    if new and beyond > 0 and thinking in (None, beyond):
        thinking, new = beyond, new + beyond
    found: Usage = {"prompt_tokens": prompt, "new_tokens": new}
    if thinking is not None and thinking <= new:
        found["thinking_tokens"] = thinking
    return found


def _thinking_tokens(used: Body) -> int | None:
    """Tokens of reasoning, where the server counts them."""
    for name in ("completion_tokens_details", "output_tokens_details"):
        counted = (used.get(name) or {}).get("reasoning_tokens")
        if isinstance(counted, int) and counted >= 0:
            return counted
    return None


def _reasoned(body: object) -> bool:
    """Whether the server counted tokens of reasoning."""
    used = (body.get("usage") if isinstance(body, dict) else None) or {}
    return bool(_thinking_tokens(used))


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
    if failed.kind == "error":
        return Answer(finish="error", error=failed.message)
    return Answer(finish=failed.kind, error=failed.message[:200])
