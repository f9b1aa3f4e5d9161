"""Any server with OpenAI's interface: vLLM, llama.cpp, SGLang, vendors. Chat, completions, letters, texts where it can.

What a server can do is tried at load (``openai_probe``): how many log-probabilities it gives a token, whether ``echo``
scores the prompt (servers of the llama.cpp family ignore it in silence: ggml-org/llama.cpp#27174), which parameters it
takes. Temperature 0 and the seed are sent with every request; a vendor may still answer differently from day to day,
and what it says of its system is kept in the run's sessions.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from igaku.engines.api_keys import find_key
from igaku.engines.base import EngineBase, Identity, thinking_setting
from igaku.engines.cost import Meter, read_price
from igaku.engines.fleet import Call, Failed, Fleet, RetryBudget
from igaku.engines.openai_bodies import Dialect, bodies
from igaku.engines.openai_probe import Probe, addresses, listed_model
from igaku.engines.openai_replies import Replies, joined_answer
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError, UnknownNameError
from igaku.question import Answer, Request

APIS = ("auto", "chat", "completions")


class OpenAI(EngineBase):
    """A model behind one or more addresses.

    Args:
        base_url: addresses that end in ``/v1``, comma-separated; several serve the same model and share the work.
        api: ``chat``, ``completions``, or ``auto``: completions for plain prompts where there are any, else chats.
        concurrency: most requests under way at one server.
        prices, max_cost: a TOML table of prices, and where to stop.
        vision: whether the model takes images; they are then sent with the questions that have them.
        budget: how long to try (tests).
    """

    sends_messages = True
    leaves_length_out = True
    """A request whose longest reply is 0 is sent without one: the server's own limit then counts."""

    @classmethod
    def load(cls, spec: EngineSpec) -> "OpenAI":
        """The served model of a spec."""
        return cls(spec.model, **{"base_url": "", **spec.settings("openai")})  # type: ignore[arg-type]

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api: str = "auto",
        concurrency: int = 32,
        prices: str = "",
        max_cost: float | None = None,
        vision: bool = False,
        thinking: bool | None = None,
        budget: RetryBudget | None = None,
    ) -> None:
        super().__init__()
        if api not in APIS:
            raise UnknownNameError("--api", api, APIS)
        urls = addresses(base_url)
        keys = [find_key(url) for url in urls]
        self.meter = Meter(read_price(Path(prices), model) if prices else None, max_cost)
        self.supports_images, self.thinking = vision, thinking
        self._fleet = Fleet(urls, keys, concurrency, budget, lambda call: self.meter.may(call.reserve), self._ended)
        listed = listed_model(self._fleet.servers[0].url, keys[0], model)
        self._dialect, self._replies = Dialect(model), Replies(model)
        self._dialect.is_llamacpp = self._replies.any_name = listed.get("owned_by") == "llamacpp"
        if thinking is not None:
            self._dialect.extras = {"chat_template_kwargs": {"enable_thinking": thinking}}
        probe = Probe(self._fleet, self._dialect, self._replies)
        probe.run(api)
        self.supported, self.unsupported, self.notes = frozenset(probe.supported), probe.unsupported, probe.notes
        self.context = int(listed.get("max_model_len") or (listed.get("meta") or {}).get("n_ctx") or 1 << 30)
        self.identity = Identity(
            model=model,
            weights=str(listed.get("root") or urlsplit(urls[0]).hostname),
            engine="openai",
            version=str(listed.get("owned_by") or "unknown"),
            settings=_settings(self._dialect, thinking, vision),
        )

    def count(self, prompts: Sequence[str]) -> list[int]:
        """An estimate, as the tokenizer is the server's: one token a Japanese character, four letters a token else."""
        wide = [sum(c > "\u2e7f" for c in p) for p in prompts]
        return [w + (len(p) - w) // 4 + 1 for w, p in zip(wide, prompts)]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """As they come. Texts to score are one call a continuation.

        Raises:
            IgakuError: ``max_cost`` is reached; what was answered is kept.
        """
        calls: list[Call] = []
        owners: list[tuple[int, int]] = []
        """Of each call: the request, and which of its parts it answers."""
        parts: dict[int, list[object]] = {}
        for i, request in sorted(enumerate(requests), key=lambda r: r[1].prompt):
            found = self._calls(request)
            parts[i] = [part if isinstance(part, Failed) else None for part in found]
            for k, call in enumerate(found):
                if isinstance(call, Call):
                    call.index = len(owners)
                    calls.append(call)
                    owners.append((i, k))
        yield from ((i, joined_answer(requests[i], results)) for i, results in parts.items() if None not in results)
        left = len(calls)
        for n, result in self._fleet.ask(calls):
            i, k = owners[n]
            parts[i][k] = result
            left -= 1
            if None not in parts[i]:
                yield i, joined_answer(requests[i], parts.pop(i))
        if left:
            spent = f"{self.meter.cost:.4f} of {self.meter.most or 0:g} in this session"
            raise IgakuError(
                f"stopped at --max-cost ({spent} spent, {left} requests left); what was answered is kept, "
                "and the same command spends as much again"
            )

    @property
    def session(self) -> dict[str, object]:
        """Tokens, cost and what the servers said of themselves, for the run's ``sessions.jsonl``."""
        systems = sorted(self._replies.systems)
        return {**self.meter.as_data(), **({"systems": systems} if systems else {})}

    def _calls(self, request: Request) -> list[Call | Failed]:
        """The calls of one request, each with what it may cost at most."""
        whole = request.prompt + max(request.continuations, key=len, default="")
        calls: list[Call | Failed] = []
        for body in bodies(request, self._dialect, self._replies):
            try:
                raw = msgspec.json.encode(body.json)
            except (UnicodeEncodeError, ValueError):
                calls.append(Failed("the prompt holds half a character", 400))
                continue
            worst = self.meter.worst(whole, body.new_tokens, len(request.images))
            calls.append(Call(0, body.path, raw, body.read, worst))
        return calls

    def _ended(self, call: Call, result: object) -> None:
        """Tries without a usable answer, and answers without a count of tokens, are charged at their worst."""
        used = (result.prompt_tokens, result.new_tokens) if isinstance(result, Answer) else (0, 0)
        if isinstance(result, tuple) and len(result) == 3:
            used = result[1] + result[2], 1
        refused = isinstance(result, Failed) and result.status != 0
        unknown = call.tries + (used == (0, 0) and not refused and not isinstance(result, Failed))
        self.meter.ended(call.reserve, *used, unknown=unknown)


def _settings(dialect: Dialect, thinking: bool | None, vision: bool) -> str:
    """The identity's settings: what the server was found to take."""
    api = "+".join(n for n, has in (("chat", dialect.has_chat), ("completions", dialect.has_completions)) if has)
    undrawn = "" if dialect.takes_sampling else " undrawn"
    top = f"{dialect.completions_top}/{dialect.chat_top}"
    return f"api={api} top={top}{undrawn}{thinking_setting(thinking)}{' vision' if vision else ''}"
