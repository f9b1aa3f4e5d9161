"""What a server calls an effort. Each name is tried with a value that no server can take, and with the value itself.

A server that refuses the first reads the parameter; one whose prompt grows by it writes it into a template. One that
answers both as if nothing had been sent ignores it, as most servers ignore what they do not know.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from igaku.engines.effort import NO_LEVEL, SWITCH
from igaku.engines.fleet import Failed
from igaku.engines.openai_bodies import Json
from igaku.errors import IgakuError

Try = Callable[[Json], "Seen | Failed | None"]
"""Asks one short question with further parameters."""
NOTHING_READ = "takes it and does nothing with it"


class Seen(NamedTuple):
    """What of a trial reply shows an effort: tokens of the prompt, and whether it thought."""

    prompt_tokens: int
    thought: bool


class Candidate(NamedTuple):
    """One name of an effort: the parameters, and others that must have another effect."""

    own: Json
    other: Json


def candidates(effort: str, responses: bool) -> Iterator[Candidate]:
    """The names of an effort, the commonest first."""
    if responses:
        yield Candidate({"reasoning": {"effort": effort}}, {"reasoning": {"effort": NO_LEVEL}})
    elif effort in SWITCH:
        yield from _switches(effort == "on")
    elif effort.isdecimal():
        yield from _budgets(int(effort))
    else:
        yield Candidate({"reasoning_effort": effort}, {"reasoning_effort": NO_LEVEL})
        yield _kwargs("reasoning_effort", effort, NO_LEVEL)
        yield Candidate({"reasoning": {"effort": effort}}, {"reasoning": {"effort": NO_LEVEL}})


def _switches(on: bool) -> Iterator[Candidate]:
    for name in ("enable_thinking", "thinking"):
        yield _kwargs(name, on, not on)
    words = {True: "enabled", False: "disabled"}
    yield Candidate({"thinking": {"type": words[on]}}, {"thinking": {"type": words[not on]}})
    yield Candidate({"enable_thinking": on}, {"enable_thinking": not on})
    yield Candidate({"reasoning": {"enabled": on}}, {"reasoning": {"enabled": not on}})


def _budgets(tokens: int) -> Iterator[Candidate]:
    for name in ("thinking_token_budget", "thinking_budget"):
        yield Candidate({name: tokens}, {name: NO_LEVEL})
    enabled: Json = {"type": "enabled"}
    yield Candidate(
        {"thinking": {**enabled, "budget_tokens": tokens}}, {"thinking": {**enabled, "budget_tokens": NO_LEVEL}}
    )
    yield Candidate({"reasoning": {"max_tokens": tokens}}, {"reasoning": {"max_tokens": NO_LEVEL}})
    yield _kwargs("thinking_budget", tokens, tokens + 1_000_001)


def _kwargs(name: str, own: object, other: object) -> Candidate:
    return Candidate({"chat_template_kwargs": {name: own}}, {"chat_template_kwargs": {name: other}})


def server_extras(url: str, efforts: Sequence[str], ask: Try, responses: bool = False) -> list[Json]:
    """What each effort is sent as.

    Args:
        url: of the server, for messages.
        ask: asks once with the parameters given, in chats or (``responses``) through the Responses API.

    Raises:
        IgakuError: nothing has an effect, with what the server says.
    """
    plain = ask({})
    if not isinstance(plain, Seen):
        raise IgakuError(f"{url}: --effort cannot be tried: {plain.message[:200] if plain else 'no answer'}")
    steady = ask({}) == plain
    return [_found(url, effort, ask, plain if steady else None, responses) for effort in efforts]


def _found(url: str, effort: str, ask: Try, plain: Seen | None, responses: bool) -> Json:
    """The first name that has an effect; where two equal questions look different, only a refusal shows one."""
    why = NOTHING_READ
    for own, other in candidates(effort, responses):
        with_own = ask(own)
        if isinstance(with_own, Seen):
            with_other = plain if plain and with_own != plain else ask(other)
            if _is_refusal(with_other) or (plain and isinstance(with_other, Seen) and with_other != with_own):
                return own
        elif isinstance(with_own, Failed) and why == NOTHING_READ:
            why = with_own.message[:200]
    raise IgakuError(f"{url}: --effort {effort}: {why}; leave it out, or set it on the server or by the model's name")


def _is_refusal(result: object) -> bool:
    """Whether the server refused the request itself."""
    return isinstance(result, Failed) and result.status in (400, 422)
