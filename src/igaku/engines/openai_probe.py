"""What a server can do, tried at load and not believed: its paths, its parameters, log-probabilities, echo."""

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec.structs import replace

from igaku.engines.fleet import Call, Failed, Fleet
from igaku.engines.openai_bodies import CHAT, COMPLETIONS, RESPONSES, SHORTEST, Body, Dialect, Json, bodies, echo
from igaku.engines.openai_effort import Seen
from igaku.engines.openai_letters import THINKING_FIRST, NoLetters
from igaku.engines.openai_messages import written
from igaku.engines.openai_negotiation import OPTIONAL, Terms, negotiate
from igaku.engines.openai_replies import Replies
from igaku.engines.openai_vision import NO_TEXTS, check_vision
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request, RequestKind, Sampling

TOPS = (1000, 20, 5)
"""Log-probabilities a token asked for, most first: llama.cpp gives any number, vLLM 20, OpenAI 20 in chats, else 5."""
CHECK = "Question: Is snow white?\nA. yes\nB. no\nAnswer:"
ECHO_HEAD, ECHO_ENDS = "Water freezes at zero degrees and boils at a", (" hundred.", " violin.")
NO_LETTERS = "the server gives no log-probabilities"


class Probe:
    """Finds out the dialect of a fleet's servers, and which kinds of request it allows."""

    def __init__(self, fleet: Fleet, dialect: Dialect, replies: Replies) -> None:
        self._fleet, self._dialect, self._replies = fleet, dialect, replies
        self._failures: list[Failed] = []
        self._length = SHORTEST
        self.notes: list[str] = []
        self.supported: set[RequestKind] = {"text"}
        self.unsupported: dict[RequestKind, str] = {
            "tokens": "the server does not give the moments over the vocabulary"
        }

    def run(self, api: str, vision: bool = False) -> None:
        """Try each kind of request once: chat, completions, how many log-probabilities a token, echo.

        Args:
            vision: whether pictures will be sent: everything then goes through chats, with pictures and without, so
                that what differs between two questions is not the way they are asked.

        Raises:
            IgakuError: the server answers neither chats nor completions, or not with ``--thinking``; it takes no
                pictures.
        """
        d = self._dialect
        if api == "completions" or (api == "auto" and not vision):
            self._try_completions()
        if api in ("auto", "chat"):
            self._try_chat()
        if api == "responses" or (api == "auto" and not d.has_chat and self._wants_responses()):
            self._try_responses()
        if not (d.has_completions or d.has_chat or d.has_responses):
            raise IgakuError(f"{self._fleet.servers[0].url}: {self._why()}; check --base-url and --api")
        self._check_letters()
        if vision:
            self.notes += check_vision(self._send, d, self._replies, self._length)
            self.unsupported["likelihood"] = NO_TEXTS
        elif d.has_completions and self._echoes():
            self.supported.add("likelihood")
        else:
            self.unsupported["likelihood"] = "the server does not score the text of a prompt (echo)"

    def _send(self, body: Body) -> object:
        return self._try(body.path, body.json, body.read)

    def seen(self, extras: Json) -> Seen | Failed | None:
        """What one short question shows with further parameters in a chat, or through the Responses API."""
        d = self._dialect
        request = Request(kind="text", prompt=CHECK, sampling=Sampling(max_tokens=max(self._length, SHORTEST)))
        before, d.extras = d.extras, {**d.extras, **extras}
        try:
            body = bodies(replace(request, messages=(Message("user", CHECK),)), d, self._replies)[0]
        finally:
            d.extras = before
        found = self._try(body.path, body.json, body.read, optional=True)
        if isinstance(found, Answer):
            return Seen(found.prompt_tokens, bool(found.thinking))
        return found if isinstance(found, Failed) else None

    def _check_letters(self) -> None:
        d = self._dialect
        if d.completions_top or (d.has_chat and not d.has_completions and not d.no_chat_letters):
            self.supported.add("letters")
        elif not d.has_chat and d.has_responses:
            self.unsupported["letters"] = "the Responses API is asked for text only"
        else:
            self.unsupported["letters"] = d.no_chat_letters or NO_LETTERS

    def _why(self) -> str:
        """The most telling failure: of the paths that exist, the last."""
        there = [f.message for f in self._failures if f.status not in (404, 405)]
        return (there or [f.message for f in self._failures] or ["answers neither chats nor completions"])[-1]

    def _wants_responses(self) -> bool:
        """Whether the server itself names the Responses API, or answers nothing else."""
        return not self._dialect.has_completions or any("responses" in f.message for f in self._failures)

    def _try_completions(self) -> None:
        d = self._dialect
        base: Json = {"model": d.model, "prompt": CHECK}
        terms = negotiate(lambda drawn: self._try(COMPLETIONS, base | drawn, self._replies.choice), Terms(None, 1))
        d.has_completions = terms.agreed
        if not terms.agreed:
            return
        self._accept(COMPLETIONS, terms)
        plain = base | {"max_tokens": 1, "temperature": d.least_temperature}
        count, tried = self._replies.count_top, ((n, plain | {"logprobs": n}) for n in TOPS)
        found = (n for n, body in tried if isinstance(self._try(COMPLETIONS, body, count, optional=True), int))
        d.completions_top = next(found, 0)

    def _try_chat(self) -> None:
        d = self._dialect
        base: Json = {"model": d.model, "messages": [{"role": "user", "content": CHECK}], **d.extras}
        terms = negotiate(lambda drawn: self._try(CHAT, base | drawn, self._replies.choice), Terms(None))
        if not terms.agreed:
            self._check_extras(terms.result)
            return
        d.has_chat, d.length_field, self._length = True, terms.length_field, terms.length
        self._accept(CHAT, terms)
        thinking = opens_with_thinking(terms.result)
        if thinking:  # servers look for stop strings in the thinking too; replies are cut here
            d.refused[CHAT] = tuple(dict.fromkeys((*d.refused[CHAT], "stop")))
        top = base | {"logprobs": True, "top_logprobs": 20} | terms.fields(("top_p", "seed", "stop"))
        for d.letter_tokens in dict.fromkeys((1, terms.length)):
            found = self._try(CHAT, top | {d.length_field: d.letter_tokens}, self._count_letters, optional=True)
            if not (isinstance(found, Failed) and found.error and "tokens" in found.message):
                break
        d.chat_top = 20 if isinstance(found, tuple) else 0
        d.no_chat_letters = thinking or (found[1] if isinstance(found, tuple) else NO_LETTERS)

    def _count_letters(self, body: object) -> tuple[int, str]:
        """How many log-probabilities a token a body has, and why they are none of letters."""
        n = self._replies.count_top(body)
        try:
            self._replies.first_token(body)
        except NoLetters as error:
            return n, str(error)
        return n, ""

    def _check_extras(self, result: object) -> None:
        """A server that does not take the setting to think, or not to, is not asked without it."""
        named = isinstance(result, Failed) and result.error and (result.message, *result.error.parameters)
        for name in self._dialect.extras:
            if named and any(name in words for words in named):
                raise IgakuError(
                    f"{self._fleet.servers[0].url}: takes no {name}, which --thinking and --no-thinking send "
                    f"({named[0][:200]}); leave them out, and set it on the server or by the model's name"
                )

    def _try_responses(self) -> None:
        d = self._dialect
        base: Json = {"model": d.model, "input": [{"role": "user", "content": CHECK}], "store": False}
        read = partial(self._replies.response, sampling=Sampling())
        terms = Terms(None, length_field="max_output_tokens", refused=["seed", "stop"])
        terms = negotiate(lambda drawn: self._try(RESPONSES, base | drawn, read), terms)
        d.has_responses = terms.agreed
        if terms.agreed:
            self._length = terms.length
            self._accept(RESPONSES, terms)
            self.notes.append("asked through the Responses API, which takes no seed")

    def _accept(self, path: str, terms: Terms) -> None:
        """Keep what a path takes, and note what it does not and what that means."""
        d = self._dialect
        d.refused[path] = tuple(n for n in OPTIONAL if n in terms.refused)
        d.least_temperature = max(d.least_temperature, terms.least_temperature)
        if terms.least_temperature:
            self.notes.append(f"the server takes no temperature 0: {terms.least_temperature} is sent for it")
        lost = [n for n in d.refused[path] if n != "stop" and not (n == "seed" and path == RESPONSES)]
        if not lost:
            return
        names = f"the server takes no {' and no '.join(lost)}"
        if "temperature" in lost:
            self.notes.append(f"{names}: replies may differ from run to run")
        else:
            self.notes.append(f"{names}; the temperature is sent")

    def _echoes(self) -> bool:
        """Whether echo scores a prompt: of two endings of one beginning the sensible one is likelier, and by fewer
        tokens than the whole has."""
        found = []
        for end in ECHO_ENDS:
            read = partial(self._replies.scored, length=len(end))
            result = self._try(COMPLETIONS, echo(self._dialect.model, ECHO_HEAD + end), read, optional=True)
            if not isinstance(result, tuple) or not (0 < result[1] < 8 < sum(result[1:]) and result[0] < 0):
                return False
            found.append(result[0])
        return bool(found[0] > found[1])

    def _try(self, path: str, body: Json, read: Callable[[object], object], *, optional: bool = False) -> object:
        """What a reader makes of the answer, or ``Failed``; None where there is none."""
        call = Call(0, path, msgspec.json.encode(body), read, probe=True, optional=optional)
        result = next((r for _, r in self._fleet.ask([call])), None)
        if isinstance(result, Failed) and not optional:
            self._failures.append(result)
        return result


def opens_with_thinking(choice: object) -> str:
    """Why a chat's first token is no letter, where its reply shows thinking; else empty."""
    message = choice.get("message") if isinstance(choice, dict) else None
    found = written(message or {}).reply("stop")
    return THINKING_FIRST if found.thinking or found.finish == "length" else ""
