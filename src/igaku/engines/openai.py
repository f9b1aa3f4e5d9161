"""Any server with OpenAI's interface: vLLM, llama.cpp, SGLang, vendors. Chat, completions, letters, texts where it can.

What a server can do is tried at load (``openai_probe``): how many log-probabilities it gives a token, whether ``echo``
scores the prompt (servers of the llama.cpp family ignore it in silence: ggml-org/llama.cpp#27174), which parameters it
takes. Temperature 0 and the seed are sent with every request; a vendor may still answer differently from day to day,
and what it says of its system is kept in the run's sessions.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from igaku.engines.api_keys import find_key
from igaku.engines.base import EngineBase
from igaku.engines.cost import IMAGE, Meter, read_price
from igaku.engines.fleet import Call, Failed, Fleet, RetryBudget, Server
from igaku.engines.fleet_notices import notify
from igaku.engines.openai_bodies import Dialect, Json, bodies
from igaku.engines.openai_effort import server_extras
from igaku.engines.openai_get import NotKnownError, get
from igaku.engines.openai_identity import identity_of
from igaku.engines.openai_probe import Probe
from igaku.engines.openai_replies import Replies, joined_answer
from igaku.engines.openai_servers import Listed, addresses, listed, lists_of
from igaku.engines.openai_session import Happenings
from igaku.engines.openai_weights import Served, one_model, served
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError, UnknownNameError
from igaku.question import Answer, Request, Took

APIS = ("auto", "chat", "completions", "responses")


class OpenAI(EngineBase):
    """A model behind one or more addresses.

    Args:
        base_url: addresses that end in ``/v1``, comma-separated; several serve the same model and share the work.
        api: ``chat``, ``completions``, ``responses``, or ``auto``: completions for plain prompts where there are any,
            else chats, else OpenAI's Responses API.
        served_as: names under which the server lists the model or answers, comma-separated, where they are others: an
            alias, a deployment.
        concurrency: most requests under way at one server.
        prices, max_cost: a TOML table of prices, and where to stop.
        vision: whether the model takes images; they are then sent with the questions that have them, all of them and
            in their order, and every question is asked in a chat.
        budget: how long to try (tests).
    """

    sends_messages = True
    splits_thinking = True
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
        served_as: str = "",
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
        self._aliases = tuple(dict.fromkeys(n.strip() for n in served_as.split(",") if n.strip()))
        self.meter = Meter(read_price(Path(prices), model) if prices else None, max_cost)
        self.supports_images, self.thinking = vision, thinking
        self._fleet = Fleet(urls, keys, concurrency, budget, lambda call: self.meter.may(call.reserve), self._ended)
        self._dialect, self._replies = Dialect(model), Replies(model, self._aliases)
        self._happenings = Happenings(self._replies)
        entries = self._find(model)
        if thinking is not None:
            self._dialect.extras = {"chat_template_kwargs": {"enable_thinking": thinking}}
        probe = self._probe = Probe(self._fleet, self._dialect, self._replies)
        probe.run(api, vision)
        self.supported, self.unsupported = frozenset(probe.supported), probe.unsupported
        self.notes += probe.notes
        pairs = zip(self._fleet.servers, entries, strict=True)
        known = one_model([served(s.url, s.key, self._loaded(s, e), model) for s, e in pairs], model)
        self._fleet.on_back = lambda server: self._is_same(server, known)
        self.context = min(known.contexts, default=1 << 30)
        self.identity = identity_of(self._dialect, known, urls[0], self._aliases, thinking, vision)

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Json]:
        """As the server was found to take them (``igaku.engines.openai_effort``)."""
        return server_extras(self._fleet.servers[0].url, efforts, self._probe.seen, self._dialect.has_responses)

    def use_extras(self, extras: Mapping[str, object]) -> Mapping[str, object]:
        """Sent with every chat."""
        before, self._dialect.extras = self._dialect.extras, dict(extras)
        return before

    def _find(self, model: str) -> list[Listed]:
        """Leave out the servers that do not answer; the others' entries for the model."""
        entries, servers = [], list(self._fleet.servers)
        for server, page in zip(servers, lists_of(servers, self._fleet.budget), strict=True):
            if page.reached:
                entries.append(listed(page, model, self._aliases, server.url))
                continue
            self._fleet.servers.remove(server)
            self.notes.append(f"{server.url} did not answer ({page.problem}) and is left out of this session")
            notify(self.notes[-1])
        self._dialect.is_llamacpp = any(e.is_llamacpp for e in entries)
        self._replies.any_name = all(e.has_no_name for e in entries)
        return entries

    def _is_same(self, server: Server, known: Served) -> bool:
        """Whether a server that was perhaps started anew still has the model; False while it does not say.

        Raises:
            IgakuError: it has another one.
        """
        page, model = get(f"{server.url}/models", server.key), self._dialect.model
        if not page.status or page.status >= 500:
            return False
        try:
            now = served(server.url, server.key, listed(page, model, self._aliases, server.url), model)
        except NotKnownError:
            return False
        return bool(one_model([known._replace(url="before"), now], model))

    def _loaded(self, server: Server, entry: Listed) -> Listed:
        """A model's entry once it has answered: servers of several models load one when it is first asked."""
        page = get(f"{server.url}/models", server.key) if entry.many else None
        return listed(page, self._dialect.model, self._aliases, server.url) if page and page.status == 200 else entry

    def count(self, prompts: Sequence[str]) -> list[int]:
        """An estimate, as the tokenizer is the server's: one token a Japanese character, four letters a token else."""
        wide = [sum(c > "\u2e7f" for c in p) for p in prompts]
        return [w + (len(p) - w) // 4 + 1 for w, p in zip(wide, prompts)]

    def count_images(self, images: Sequence[str]) -> int:
        """An estimate on the high side, as it is the server that cuts pictures into tokens: an eighth of its context
        each, and no more than a large one takes anywhere."""
        return len(images) * min(IMAGE, self.context // 8)

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
            if requests[i].kind == "text" and isinstance(result, Answer):
                self.took[i] = Took(round(calls[n].seconds, 3))
            if None not in parts[i]:
                yield i, self._happenings.counted(self._masked(joined_answer(requests[i], parts.pop(i))))
        self._happenings.report()
        if left:
            raise IgakuError(self._stopped(left, max(c.reserve for c in calls)))

    def _masked(self, answer: Answer) -> Answer:
        """Without a key that stands in several parts of a reply, which are one text by now."""
        hide = self._fleet.masker.text
        texts = {n: hide(t) for n in ("text", "thinking", "error") if (t := getattr(answer, n))}
        return replace(answer, **texts) if any(getattr(answer, n) != t for n, t in texts.items()) else answer

    def _stopped(self, left: int, worst: float) -> str:
        most = self.meter.most or 0.0
        spent = f"{self.meter.cost:.4f} of {most:g} in this session"
        next_step = "and the same command spends as much again"
        if worst > most / 10:
            next_step = f"each is reckoned at up to {worst:.4f}, as long as a reply may be: --max-tokens lowers that"
        return f"stopped at --max-cost ({spent} spent, {left} requests left); what was answered is kept, {next_step}"

    @property
    def session(self) -> dict[str, object]:
        """Tokens, cost, errors, and what the servers said of themselves, for the run's ``sessions.jsonl``."""
        return {**self.meter.as_data(), **self._happenings.as_data(self._fleet.servers)}

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
            calls.append(Call(0, body.path, raw, body.read, worst, body.new_tokens))
        return calls

    def _ended(self, call: Call, result: object) -> None:
        """Tries without a usable answer, and answers without a count of tokens, are charged at their worst."""
        used = (result.prompt_tokens, result.new_tokens) if isinstance(result, Answer) else (0, 0)
        if isinstance(result, tuple) and len(result) == 3:
            used = result[1] + result[2], 1
        refused = isinstance(result, Failed) and result.status != 0
        unknown = call.tries + (used == (0, 0) and not refused and not isinstance(result, Failed))
        self.meter.ended(call.reserve, *used, unknown=unknown)
