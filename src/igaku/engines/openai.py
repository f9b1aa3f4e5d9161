"""Any server with OpenAI's interface: vLLM, llama.cpp, SGLang, vendors. Chat, plain completions, letters, and texts where a server can.

What a server can is tried at load, not believed: how many log-probabilities it gives a token, whether ``echo`` scores the prompt (servers
of the llama.cpp family ignore it in silence: ggml-org/llama.cpp#27174), which parameters it takes. Temperature 0 and the seed are sent with
every request; a vendor may still answer differently from day to day, and what it says of its system is kept in the run's sessions.
"""

import base64
import json
import mimetypes
import re
from collections.abc import Iterator, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from igaku.engines.api_keys import find_key
from igaku.engines.base import Identity, joined, thinking_setting
from igaku.engines.cost import Meter, read_price
from igaku.engines.fleet import Call, Failed, Fleet, Malformed, Patience
from igaku.engines.llamacpp import FORCED
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError, UnknownNameError
from igaku.question import Answer, Finish, Message, Request, RequestKind, Sampling

TOPS = (1000, 20, 5)
"""Log-probabilities a token asked for, most first: llama.cpp gives any number, vLLM 20, OpenAI 20 in chats and 5 otherwise."""
IMAGE_MB = 10
TOO_LONG = (
    "context length",
    "context window",
    "maximum context",
    "too long",
    "exceeds the",
    "max_model_len",
    "context size",
)
_DATE = re.compile(r"[-@]?\d{4}-?\d{2}-?\d{2}|-\d{4}|-latest")
CHECK = "Question: Is snow white?\nA. yes\nB. no\nAnswer:"


class OpenAI:
    """A model behind one or more addresses.

    Args:
        base_url: addresses that end in ``/v1``, comma-separated; several serve the same model and share the work.
        api: ``chat``, ``completions``, or ``auto``: completions for plain prompts where the server has them, chat for the rest.
        concurrency: most requests under way at one server.
        prices, max_cost: a TOML table of prices, and where to stop.
        vision: whether the model sees images; they are then sent with the questions that have them.
        patience: how long to try (tests).
    """

    sends_messages = True

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
        patience: Patience | None = None,
    ) -> None:
        if api not in ("auto", "chat", "completions"):
            raise UnknownNameError("--api", api, ("auto", "chat", "completions"))
        urls = _addresses(base_url)
        self.meter = Meter(read_price(Path(prices), model) if prices else None, max_cost)
        self.supports_images, self.model, self.notes = vision, model, []  # type: bool, str, list[str]
        keys = [find_key(url) for url in urls]
        self._fleet = Fleet(urls, keys, concurrency, patience, lambda c: self.meter.may(c.reserve), self._ended)
        self._more: dict[str, Any] = {} if thinking is None else {"chat_template_kwargs": {"enable_thinking": thinking}}
        self._room, self._drawn, self._why = "max_tokens", True, ""
        self._has_chat = self._plain = False
        self._chat_top = self._plain_top = 0
        self.systems: set[str] = set()
        self.supported: frozenset[RequestKind] = frozenset()
        self.unsupported: dict[RequestKind, str] = {
            "tokens": "the server does not give the moments over the vocabulary"
        }
        self._llama = False
        listed = self._listed()
        self._llama = listed.get("owned_by") == "llamacpp"
        self._find_out(api)
        self.context = int(listed.get("max_model_len") or (listed.get("meta") or {}).get("n_ctx") or 1 << 30)
        how = "+".join(n for n, has in (("chat", self._has_chat), ("completions", self._plain)) if has)
        self.identity = Identity(
            model=model,
            weights=str(listed.get("root") or urlsplit(urls[0]).hostname),
            engine="openai",
            version=str(listed.get("owned_by") or "unknown"),
            settings=f"api={how} top={self._plain_top}/{self._chat_top}{'' if self._drawn else ' undrawn'}{thinking_setting(thinking)}{' vision' if vision else ''}",
        )

    def chat(self, messages: Sequence[Message]) -> str:
        """For the record only: messages go to the server as they are, and its template is its own."""
        return joined(messages)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """An estimate, as the tokenizer is the server's: one token a Japanese character, four letters a token else."""
        wide = [sum(c > "\u2e7f" for c in p) for p in prompts]
        return [w + (len(p) - w) // 4 + 1 for w, p in zip(wide, prompts)]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """As they come. Texts to score are one request a continuation.

        Raises:
            IgakuError: ``max_cost`` is reached; what was answered is kept.
        """
        owners: list[int] = []
        calls: list[Call] = []
        parts: dict[int, list[Any]] = {}
        for i, request in sorted(enumerate(requests), key=lambda r: r[1].prompt):
            bodies = self._bodies(request)
            parts[i] = [None] * len(bodies)
            for k, (path, body, check) in enumerate(bodies):
                try:
                    raw = msgspec.json.encode(body)
                except (UnicodeEncodeError, ValueError):
                    parts[i][k] = Failed("the prompt holds half a character", 400)
                    continue
                new = int(body.get("max_tokens") or body.get(self._room) or 1)
                whole = request.prompt + max(request.continuations, key=len, default="")
                worst = self.meter.worst(whole, new, len(request.images))
                calls.append(Call(len(owners), path, raw, check, worst))
                owners.append(i * 1000 + k)
        yield from ((i, _joined_answer(requests[i], got)) for i, got in parts.items() if None not in got)
        left = len(calls)
        for n, result in self._fleet.ask(calls):
            i, k = divmod(owners[n], 1000)
            parts[i][k] = result
            left -= 1
            if None not in parts[i]:
                yield i, _joined_answer(requests[i], parts.pop(i))
        if left:
            spent = f"{self.meter.cost:.4f} of {self.meter.most or 0:g} in this session"
            raise IgakuError(
                f"stopped at --max-cost ({spent} spent, {left} requests left); what was answered is kept, and the same command spends as much again"
            )

    def close(self) -> None:
        """Nothing stays open between calls."""

    @property
    def session(self) -> dict[str, Any]:
        """Tokens, cost and what the servers said of themselves, for the run's ``sessions.jsonl``."""
        return {**self.meter.as_data(), **({"systems": sorted(self.systems)} if self.systems else {})}

    # ---- requests

    def _bodies(self, request: Request) -> list[tuple[str, dict[str, Any], Any]]:
        as_chat = self._has_chat and (bool(request.messages) or bool(request.images) or not self._plain)
        path, base = (
            ("/chat/completions", self._turns(request)) if as_chat else ("/completions", {"prompt": request.prompt})
        )
        if as_chat:
            base |= self._more
        base["model"] = self.model
        room = self._room if as_chat else "max_tokens"
        if request.kind == "text":
            s = request.sampling
            drawn = self._drawing(s) if self._drawn or not as_chat else {}
            body = base | {room: s.max_tokens} | drawn | ({"stop": list(s.stop)} if s.stop else {})
            return [(path, body, lambda said: self._text(said, as_chat, s))]
        if request.kind == "letters":
            top = self._chat_top if as_chat else self._plain_top
            asked = {"logprobs": True, "top_logprobs": top} if as_chat else {"logprobs": top}
            greedy = {"temperature": 0.0} if self._drawn or not as_chat else {}
            body = base | {room: 1} | greedy | asked
            if self._llama and not as_chat:  # else it says nothing of a token that is half a character: see LlamaCpp
                body["logit_bias"] = [[request.continuations[0], FORCED]]
            return [(path, body, lambda said: self._letters(said, request.continuations))]
        blank = len(request.prompt) - len(request.prompt.rstrip() or request.prompt)
        return [
            (
                "/completions",
                {
                    "model": self.model,
                    "prompt": request.prompt + c,
                    "echo": True,
                    "logprobs": 1,
                    "max_tokens": 1,
                    "temperature": 0.0,
                },
                lambda said, c=c: self._scored(said, blank + len(c)),
            )
            for c in request.continuations
        ]

    def _turns(self, request: Request) -> dict[str, Any]:
        turns: list[dict[str, Any]] = [
            {"role": m.role, "content": m.content} for m in request.messages or [Message("user", request.prompt)]
        ]
        if request.images:
            pictures = [{"type": "image_url", "image_url": {"url": _picture(p)}} for p in request.images]
            turns[-1]["content"] = [*pictures, {"type": "text", "text": turns[-1]["content"]}]
        return {"messages": turns}

    @staticmethod
    def _drawing(s: Sampling) -> dict[str, Any]:
        return {"temperature": s.temperature, "top_p": s.top_p, "seed": s.seed}

    # ---- answers

    def _choice(self, said: Any) -> dict[str, Any]:
        """The one choice of a body that answers this model's request."""
        choices = said.get("choices") if isinstance(said, dict) else None
        if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
            raise Malformed("not one choice in it")
        served = said.get("model")
        if isinstance(served, str) and served and not self._llama and not _same_model(served, self.model):
            raise Malformed(f"answered by {served[:80]!r} instead of {self.model!r}")
        if mark := said.get("system_fingerprint"):
            self.systems.add(f"{served} {mark}"[:100])
        return choices[0]

    def _text(self, said: Any, as_chat: bool, sampling: Sampling) -> Answer:
        choice = self._choice(said)
        thought, text = _written(choice) if as_chat else ("", choice.get("text"))
        if not isinstance(text, str) or not isinstance(thought, str):
            raise Malformed("no text in it")
        finish: Finish = {"length": "length", "content_filter": "refused"}.get(str(choice.get("finish_reason")), "stop")  # type: ignore[assignment]
        cut = min((at for s in sampling.stop if (at := text.find(s)) >= 0), default=None)
        if cut is not None:
            text, finish = text[:cut], "stop"
        if thought:  # so that the journal holds it, and a reply that was cut inside it is seen to be
            text = f"<think>{thought}</think>{text}" if text or finish == "stop" else f"<think>{thought}"
        return Answer(finish=finish, text=text, **_usage(said))

    def _letters(self, said: Any, letters: Sequence[str]) -> Answer:
        choice = self._choice(said)
        try:
            found = _top_tokens(choice.get("logprobs"))
        except Malformed as error:  # asking again would not help
            return Answer(
                finish="error", error=f"the server's answer has {error}".replace(" in it", ""), **_usage(said)
            )
        values = [_of_letter(found, letter) for letter in letters]
        if all(v is None for v in values):
            return Answer(
                finish="error", error=f"none of the letters is among the {len(found)} likeliest tokens", **_usage(said)
            )
        least = min(found.values())
        return Answer(
            logprobs=tuple(least if v is None else v for v in values), tokens=(1,) * len(values), **_usage(said)
        )

    def _scored(self, said: Any, length: int) -> tuple[float, int, int]:
        """Sum over the prompt's tokens that reach into its last ``length`` characters, their number, and that of those before them.

        Counted from the end: a server's offsets may count a beginning-of-text token as the characters of its name.
        """
        logs = self._choice(said).get("logprobs") or {}
        tokens, values, offsets = (logs.get(k) or [] for k in ("tokens", "token_logprobs", "text_offset"))
        n = int((said.get("usage") or {}).get("prompt_tokens") or 0)
        if not n or len(values) < n or len(offsets) < n or len(tokens) < n:
            raise Malformed("the prompt's own tokens are not scored")
        ends = [*offsets[1:n], offsets[n] if len(offsets) > n else offsets[n - 1] + len(str(tokens[n - 1]))]
        mine = [k for k in range(1, n) if ends[k] > ends[-1] - length]
        return sum(float(values[k]) for k in mine), len(mine), n - len(mine)

    def _ended(self, call: Call, result: Any) -> None:
        """Tries that brought nothing usable, and answers without a count of tokens, are charged at their worst."""
        used = (result.prompt_tokens, result.new_tokens) if isinstance(result, Answer) else (0, 0)
        if isinstance(result, tuple) and len(result) == 3:
            used = result[1] + result[2], 1
        refused = isinstance(result, Failed) and result.status != 0
        unknown = call.tries + (used == (0, 0) and not refused and not isinstance(result, Failed))
        self.meter.ended(call.reserve, *used, unknown=unknown)

    # ---- what the server can

    def _listed(self) -> dict[str, Any]:
        """This model's entry in the first server's list, if it has a list.

        Raises:
            IgakuError: the list is there and the model is not in it.
        """
        rows = _models(self._fleet.servers[0].url, self._fleet.servers[0].key)
        named = {str(r.get("id")): r for r in rows if isinstance(r, dict)}
        if llama := next((r for r in rows if isinstance(r, dict) and r.get("owned_by") == "llamacpp"), None):
            return dict(llama)  # it has one model, and goes by no name
        alike = [name for name in named if _same_model(name, self.model)]
        if named and not alike:
            raise UnknownNameError("model", self.model, named, hint=f"at {self._fleet.servers[0].url}")
        return named.get(self.model) or (named[alike[0]] if alike else {})

    def _find_out(self, api: str) -> None:
        """Try each kind of request once: chat, completions, how many log-probabilities a token, echo."""
        if api != "chat":
            plain = {"model": self.model, "prompt": CHECK, "max_tokens": 1, "temperature": 0.0}
            tops = [n for n in TOPS if isinstance(self._try("/completions", plain | {"logprobs": n}, self._tops), int)]
            self._plain = bool(tops) or isinstance(self._try("/completions", plain, self._choice), dict)
            self._plain_top = tops[0] if tops else 0
        if api != "completions":
            self._find_out_chat()
        if not (self._plain or self._has_chat):
            raise IgakuError(
                f"{self._fleet.servers[0].url}: {self._why or 'answers neither chats nor completions'}; check --base-url and --api"
            )
        asks: set[RequestKind] = {"text"}
        if self._plain_top or (self._chat_top and not self._plain):
            asks.add("letters")
        else:
            self.unsupported["letters"] = "the server gives no log-probabilities"
        if self._plain and self._echoes():
            asks.add("likelihood")
        else:
            self.unsupported["likelihood"] = "the server does not score the text of a prompt (echo)"
        self.supported = frozenset(asks)

    def _find_out_chat(self) -> None:
        base: dict[str, Any] = {"model": self.model, "messages": [{"role": "user", "content": CHECK}]}
        for room, drawn in product(("max_tokens", "max_completion_tokens"), (True, False)):
            body = base | {room: 1} | (self._drawing(Sampling()) if drawn else {})
            if isinstance(self._try("/chat/completions", body, self._choice), dict):
                self._has_chat, self._room, self._drawn = True, room, drawn
                asked = body | {"logprobs": True, "top_logprobs": 20}
                self._chat_top = 20 if isinstance(self._try("/chat/completions", asked, self._tops), int) else 0
                if not drawn:
                    self.notes.append("the server takes no temperature and no seed: replies may differ from run to run")
                return

    def _echoes(self) -> bool:
        """Whether echo scores a prompt: of two endings of one beginning the sensible one is likelier, and by fewer tokens than the whole has."""
        head, ends = "Water freezes at zero degrees and boils at a", (" hundred.", " violin.")
        bodies = [
            {"model": self.model, "prompt": head + e, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0.0}
            for e in ends
        ]
        checks = [partial(self._scored, length=len(e)) for e in ends]
        found = [self._try("/completions", b, c) for b, c in zip(bodies, checks)]
        if not all(isinstance(f, tuple) and 0 < f[1] < 8 < f[2] + f[1] and f[0] < 0 for f in found):
            return False
        return bool(found[0][0] > found[1][0])

    def _tops(self, said: Any) -> int:
        return len(_top_tokens(self._choice(said).get("logprobs")))

    def _try(self, path: str, body: dict[str, Any], check: Any) -> Any:
        call = Call(0, path, msgspec.json.encode(body), check, probe=True)
        result = next((r for _, r in self._fleet.ask([call])), None)
        if isinstance(result, Failed):
            self._why = result.message
        return result


def _models(url: str, key: str) -> list[Any]:
    """The server's list of models; empty where it has none. Redirects are not followed: they would carry the key elsewhere."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request("GET", parts.path + "/models", headers={"Authorization": f"Bearer {key}"} if key else {})
        said = json.loads(connection.getresponse().read(8 << 20))
        return list(said.get("data") or []) if isinstance(said, dict) else []
    except (OSError, ValueError, TypeError, HTTPException):
        return []
    finally:
        connection.close()


def _addresses(base_url: str) -> list[str]:
    urls = [u.strip().rstrip("/") for u in base_url.split(",") if u.strip()]
    if not urls:
        raise IgakuError("--engine openai needs --base-url, e.g. http://localhost:8000/v1")
    for url in urls:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise IgakuError(f"--base-url {url!r} is no address; give e.g. http://localhost:8000/v1") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
            raise IgakuError(f"--base-url {url!r} is no address; give e.g. http://localhost:8000/v1")
        if parts.username or parts.password or parts.query:
            raise IgakuError("--base-url holds a password or a query; keys belong into IGAKU_API_KEY or keys.toml")
    return urls


def _same_model(served: str, asked: str) -> bool:
    """Equal but for folders and ``.gguf`` (llama.cpp), or for the date that vendors add (``gpt-4o-2024-08-06``)."""
    a, b = (n.rpartition("/")[2].lower().removesuffix(".gguf") for n in (served, asked))
    return a == b or (a.startswith(b) and _DATE.fullmatch(a[len(b) :]) is not None)


def _written(choice: dict[str, Any]) -> tuple[Any, Any]:
    """The reasoning that the server took apart, and the message's text."""
    message = choice.get("message") or {}
    text = message.get("content")
    return message.get("reasoning_content") or message.get("reasoning") or "", "" if text is None else text


def _usage(said: Any) -> dict[str, Any]:
    used = said.get("usage") or {}
    return {"prompt_tokens": int(used.get("prompt_tokens") or 0), "new_tokens": int(used.get("completion_tokens") or 0)}


def _top_tokens(logprobs: Any) -> dict[str, float]:
    """Token -> log-probability of the first generated token, from either form in use."""
    logprobs = logprobs if isinstance(logprobs, dict) else {}
    if content := logprobs.get("content"):
        rows = content[0].get("top_logprobs") or []
        found: dict[str, float] = {}
        for r in rows:
            found.setdefault(str(r.get("token")), float(r["logprob"]))
    else:
        first = (logprobs.get("top_logprobs") or [{}])[0]
        found = {str(k): float(v) for k, v in (first or {}).items()}
    if not found:
        raise Malformed("no log-probabilities in it")
    return found


def _of_letter(found: dict[str, float], letter: str) -> float | None:
    """The letter's token as it would follow the prompt; else the same letter with or without a blank before it."""
    if letter in found:
        return found[letter]
    alike = [v for token, v in found.items() if token.strip() == letter.strip()]
    return max(alike) if alike else None


def _joined_answer(request: Request, parts: list[Any]) -> Answer:
    failed = next((p for p in parts if isinstance(p, Failed)), None)
    if failed:
        told = failed.message.lower()
        if failed.status in (400, 413, 422) and any(t in told for t in TOO_LONG):
            return Answer(finish="overlong", error=failed.message[:200])
        if failed.status in (400, 451) and ("content_filter" in told or "content policy" in told or "safety" in told):
            return Answer(finish="refused", error=failed.message[:200])
        return Answer(finish="error", error=failed.message)
    if request.kind != "likelihood":
        answer: Answer = parts[0]
        return answer
    sums, lengths, starts = zip(*parts)
    return Answer(logprobs=sums, tokens=lengths, prompt_tokens=starts[0])


def _picture(path: str) -> str:
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > IMAGE_MB << 20:
            raise IgakuError(f"{file}: {size / 1e6:.1f} MB, more than the {IMAGE_MB} MB that are sent; make it smaller")
        kind = mimetypes.guess_type(file.name)[0] or ""
        if not kind.startswith("image/"):
            raise IgakuError(f"{file}: not an image by its name; use .png, .jpg or .webp")
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
    except OSError as error:
        raise IgakuError(f"{file}: cannot be read ({error.strerror})") from None
