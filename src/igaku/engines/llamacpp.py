"""llama.cpp through xllamacpp: prebuilt wheels, any GGUF, continuous batching, prompt cache, letter log-probabilities.

It gives text and letters. It does not give the likelihood of a choice's text: llama.cpp servers accept ``echo`` and
return nothing for it (ggml-org/llama.cpp#27174), so that every choice would score alike. The engine says so.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from igaku.engines.base import (
    OPENING,
    THINKS_FIRST,
    EngineBase,
    Identity,
    joined,
    may_think,
    template_hash,
    thinking_setting,
)
from igaku.engines.chat_bounds import bound_of, try_gguf
from igaku.engines.chat_template import ChatTemplate, Turns, date_note, date_setting, dated, with_fixed_date
from igaku.engines.effort import Extras, template_extras
from igaku.engines.gguf_file import check_gguf
from igaku.engines.models import resolve
from igaku.engines.recommended import OwnTemperature, own_temperature, recommended, recorded
from igaku.engines.spec import EngineSpec
from igaku.engines.tokenizer_files import first_line
from igaku.engines.written import written
from igaku.errors import IgakuError, missing_extra
from igaku.io.hashing import file_sha256
from igaku.question import Answer, Message, Request, Sampling, Took
from igaku.thinking import begins_thinking, opens

if TYPE_CHECKING:
    from types import ModuleType

    from httpx import Client

TOP = 1000
"""Log-probabilities asked for at first; a letter that is not among them costs one request over the whole vocabulary."""
LIMIT = 60.0
"""Seconds in which the server, which is in this process, answers a question about itself or a text's tokens."""
HEAD = 64 << 20
"""A GGUF file's metadata lie within its first bytes; this part of it is searched for a chat template."""
TOLERANCE = 0.5
"""Quantized weights meet rounded activations, which differ with the batch: letters alone and in a batch were
0.13 nat apart here (Gemma 3 270M, Q4_K_M). An engine that is off by one token is several nats apart."""
CHECK = "Which is a colour?\nA. red\nB. seven\nC. loudly\nAnswer: A\n\nWhich is a number?\nA. red\nB. seven\nAnswer:"
UNCHANGED = {"repeat_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0, "dry_multiplier": 0.0}
"""Penalties that a file may set, switched off: temperature 0 is greedy."""
FORCED = 1e4
"""Added to the logit of one letter, so that the token drawn is a whole character."""


class LlamaCpp(EngineBase):
    """A GGUF model served in this process."""

    splits_thinking = True

    @classmethod
    def load(cls, spec: EngineSpec) -> "LlamaCpp":
        """The model of a spec, which is a GGUF file."""
        name, path, _ = resolve(spec.model)
        if not path.endswith(".gguf"):
            raise IgakuError(f"--engine llamacpp needs a .gguf file or an embedded model, not {spec.model!r}")
        return cls(name, Path(path), **spec.settings("llamacpp"))  # type: ignore[arg-type]

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        context: int = 4096,
        parallel: int = 4,
        threads: int = 0,
        thinking: bool | None = None,
    ) -> None:
        try:
            import httpx  # noqa: F401
            import xllamacpp
        except ImportError:
            raise missing_extra("xllamacpp", "llamacpp") from None
        super().__init__()
        check_gguf(path)
        chats = has_chat_template(path)
        try_gguf(path)
        self._extras: Extras = {} if thinking is None else {"enable_thinking": thinking}
        self._server = self._start(xllamacpp, path, context, parallel, threads)
        self._http = own_client(self._server.listening_address)
        facts = self._http.get("/v1/models").json()["data"][0]["meta"]
        self.context = min(context, facts["n_ctx_train"])
        props = self._http.get("/props").json()
        template = str(props["chat_template"]) if chats else ""
        self.thinking = may_think(template, thinking)
        self._bos = str(props["bos_token"])  # the server puts it before every prompt by itself
        self._dates = dated(template)
        self._bound = bound_of(template, f"{path}, its chat template", {"bos_token": self._bos, "eos_token": ""})
        self._template = ChatTemplate(self._rendered) if template else None
        self.notes += [*(self._template.notes if self._template else ()), *date_note(bool(self._dates))]
        self._sampling, self.own_temperature = _recommended(path, props), _temperature(path, props)
        self._chats: set[int] = set()
        self._opens_thinking: bool | None = None
        self._parallel = parallel
        self._known: dict[str, int] = {}
        self.identity = Identity(
            model=name,
            weights=file_sha256(path),
            quantization=facts["ftype"],
            engine="llamacpp",
            version=_version("xllamacpp"),
            chat_template=template_hash(template),
            settings=(
                f"context={self.context}{thinking_setting(thinking)}"
                f"{date_setting(bool(self._dates))}{recorded(self._sampling)}"
            ),
        )
        self.unsupported = {"likelihood": "llama.cpp servers ignore echo in silence"}
        self.supported = frozenset(("text", "letters"))
        self._check()

    @staticmethod
    def _start(xllamacpp: "ModuleType", path: Path, context: int, parallel: int, threads: int) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_parallel = parallel
        params.n_ctx = context * parallel
        params.cpuparams.n_threads = threads or os.cpu_count() or 2
        params.cont_batching = True
        params.special = True  # a reply comes with its special tokens, which thinking stands between
        params.verbosity = -1
        params.port = 0
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            raise IgakuError(f"{path}: llama.cpp cannot load it ({first_line(error)})") from None

    def chat(self, messages: Sequence[Message]) -> str:
        """By the file's own chat template; joined plainly where it has none."""
        if not self._template:
            return joined(messages)
        text = self._template.text(messages)
        self.remember(text)
        return text

    def remember(self, text: str) -> None:
        """That a text came from the file's chat template."""
        self._chats.add(hash(text))

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Extras]:
        """By the names that the chat template reads; errors as of ``template_extras``."""

        def render(extras: Extras) -> str:
            before = self.use_extras(extras)
            try:
                return self.chat([Message("user", "x")])
            finally:
                self.use_extras(before)

        return template_extras(render, efforts)

    def use_extras(self, extras: Mapping[str, object]) -> Mapping[str, object]:
        """For the chat template; whether the model thinks first is then looked at again."""
        before, self._extras, self._opens_thinking = self._extras, extras, None
        return before

    def _rendered(self, turns: Turns) -> str:
        """Turns as the server's template writes them, today's date fixed.

        Raises:
            ValueError: it does not take them.
        """
        self._bound(turns, self._extras)
        now = datetime.now()
        extras = {"chat_template_kwargs": dict(self._extras)} if self._extras else {}
        response = self._http.post("/apply-template", json={"messages": turns, **extras})
        if response.status_code != 200:
            raise ValueError(response.text[:200])
        text = str(response.json()["prompt"]).removeprefix(self._bos)
        days = [now + timedelta(days=d) for d in (0, -1, 1)] if self._dates else []
        return with_fixed_date(text, self._dates, days)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, the beginning-of-text token included."""
        return [len(self._tokens(p, special=True)) for p in prompts]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer with as many slots as the server has; neighbours with a shared beginning reuse its cache.

        Raises:
            IgakuError: letters after a chat prompt of a model that thinks before it answers.
        """
        if any(r.kind == "letters" and self._is_thinking_first(r.prompt) for r in requests):
            raise IgakuError(THINKS_FIRST)
        done: SimpleQueue[tuple[int, Answer] | Exception] = SimpleQueue()
        over = Event()
        with ThreadPoolExecutor(self._parallel) as pool:
            for turn in _turns(requests, self._parallel):
                pool.submit(self._in_turn, requests, turn, done, over)
            try:
                for _ in requests:
                    found = done.get()
                    if isinstance(found, Exception):
                        raise found
                    yield found
            finally:
                over.set()

    def close(self) -> None:
        """Stop the server."""
        self._http.close()
        self._server = None

    def _in_turn(
        self,
        requests: Sequence[Request],
        turn: Sequence[int],
        done: "SimpleQueue[tuple[int, Answer] | Exception]",
        over: Event,
    ) -> None:
        for i in turn:
            if over.is_set():
                return
            try:
                done.put((i, self._one(requests[i], i)))
            except Exception as error:
                done.put(error)

    def _one(self, request: Request, index: int) -> Answer:
        try:
            length = len(self._tokens(request.prompt, special=True))
            if length + (request.sampling.max_tokens if request.kind == "text" else 1) > self.context:
                return Answer(finish="overlong", prompt_tokens=length)
            return self._letters(request) if request.kind == "letters" else self._text(request, index)
        except IgakuError:
            raise
        except Exception as error:
            return Answer(finish="error", error=f"{type(error).__name__}: {error}")

    def _text(self, request: Request, index: int) -> Answer:
        s = request.sampling
        reply = self._complete(
            request.prompt,
            n_predict=s.max_tokens,
            temperature=s.temperature,
            seed=s.seed,
            # a stop string would end a thought that the prompt has opened
            stop=[] if opens(request.prompt) else list(s.stop),
            **self._drawn(s),
        )
        if isinstance(reply, Answer):
            return reply
        choice, usage = reply["choices"][0], reply["usage"]
        self._note_time(index, reply.get("timings"))
        return written(
            choice["text"],
            opened=opens(request.prompt),
            stop=s.stop,
            ended=choice["finish_reason"] != "length",
            prompt_tokens=usage["prompt_tokens"],
            new_tokens=usage["completion_tokens"],
            count=lambda text: len(self._tokens(text, special=False)),
        )

    def _note_time(self, index: int, timings: Any) -> None:
        """As the server measured it: the prompt's time to the first token, and that of the reply on top to the last."""
        if timings:
            first = timings["prompt_ms"] / 1000
            self.took[index] = Took(round(first + timings["predicted_ms"] / 1000, 3), round(first, 3))

    def _drawn(self, sampling: Sampling) -> dict[str, float]:
        """How tokens are drawn: greedily, or by the file's recommended sampling at the request's temperature."""
        if sampling.temperature == 0:
            return {**UNCHANGED, "top_k": 1}
        own = {"top_p": sampling.top_p} if sampling.top_p < 1 else {}
        return {**UNCHANGED, "top_k": 0, "top_p": 1.0, "min_p": 0.0, **self._sampling, **own}

    def _is_thinking_first(self, prompt: str) -> bool:
        """Whether a chat prompt opens the model's thinking, or the model opens it itself before anything else."""
        if hash(prompt) not in self._chats:
            return False
        if opens(prompt):
            return True
        if self._opens_thinking is None:
            reply = self._complete(prompt, n_predict=OPENING, temperature=0.0, top_k=1)
            text = "" if isinstance(reply, Answer) else str(reply["choices"][0]["text"])
            self._opens_thinking = begins_thinking(text)
        return self._opens_thinking

    def _letters(self, request: Request) -> Answer:
        ids = [self._letter_token(c) for c in request.continuations]
        for top in (TOP, 1 << 20):
            # one letter is forced (the log-probabilities are those from before): of a reply that ends at once, or
            # begins with part of a character, the server says nothing
            bias = [[ids[0], FORCED]]
            reply = self._complete(request.prompt, n_predict=1, temperature=0.0, n_probs=top, logit_bias=bias)
            if isinstance(reply, Answer):
                return reply
            # by token id: several tokens of a vocabulary can have the same text
            top_of = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            found = {t["id"]: t["logprob"] for t in top_of if t["logprob"] is not None}  # null: the weights give NaN
            if all(i in found for i in ids):
                return Answer(
                    logprobs=tuple(found[i] for i in ids),
                    tokens=(1,) * len(ids),
                    prompt_tokens=reply["usage"]["prompt_tokens"],
                )
        return Answer(finish="error", error="a letter has no log-probability")

    def _complete(self, prompt: str, **body: Any) -> Any:
        if "\x00" in prompt:
            return Answer(finish="error", error="the prompt holds a NUL character")
        reply = self._server.handle_completions({"prompt": prompt, "cache_prompt": True, **body})
        if error := reply.get("error"):
            return Answer(finish="error", error=str(error.get("message", error))[:300])
        return reply

    def _tokens(self, text: str, special: bool) -> list[int]:
        body = {"content": text, "add_special": special, "parse_special": special}
        return list(self._http.post("/tokenize", json=body).json()["tokens"])

    def _letter_token(self, letter: str) -> int:
        if letter not in self._known:
            tokens = self._tokens(letter, special=False)
            if len(tokens) != 1:
                raise IgakuError(f"{letter!r} is {len(tokens)} tokens for this model; letters need one token each")
            self._known[letter] = tokens[0]
        return self._known[letter]

    def _check(self) -> None:
        """Letters asked alone, and four at once on one beginning, must agree."""
        request = Request(kind="letters", prompt=CHECK, continuations=(" A", " B"))
        alone = self._letters(request)
        batch = [a for _, a in self.answer([request] * 4)]
        difference = max((abs(x - y) for a in batch for x, y in zip(a.logprobs, alone.logprobs)), default=9.0)
        if alone.finish != "stop" or difference > TOLERANCE:
            self.supported = frozenset(("text",))
            self.unsupported["letters"] = (
                f"in the self-check, letters alone and in a batch differ by {difference:.2f} nat"
            )


def _turns(requests: Sequence[Request], slots: int) -> list[list[int]]:
    """Requests by their beginnings; several of one prompt one after the other, so that it is read once, not by each
    slot, unless slots would stand idle then."""
    order = sorted(range(len(requests)), key=lambda i: requests[i].prompt)
    alike = [list(group) for _, group in groupby(order, key=lambda i: requests[i].prompt)]
    return alike if len(alike) >= slots else [[i] for i in order]


def own_client(address: str) -> "Client":
    """Asks the server in this process: never through a proxy, which would get the prompts, nor for long."""
    import httpx

    # a connection each: the server ends idle ones, and a request that meets such an end is lost
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=address, timeout=LIMIT, trust_env=False, limits=limits)


def _recommended(path: Path, props: dict[str, Any]) -> dict[str, float]:
    """The sampling that a GGUF file recommends, as the server read it; its own defaults are not the model's."""
    if not _holds(path, b"general.sampling."):
        return {}
    params = (props.get("default_generation_settings") or {}).get("params") or {}
    found = {name: params.get(name) for name in ("top_k", "top_p", "min_p", "typ_p", "repeat_penalty")}
    names = {"typ_p": "typical_p", "repeat_penalty": "repetition_penalty"}
    wanted = recommended({names.get(n, n): v for n, v in found.items()})
    back = {new: old for old, new in names.items()}
    return {back.get(name, name): value for name, value in wanted.items()}


def _temperature(path: Path, props: dict[str, Any]) -> OwnTemperature | None:
    """The temperature that a GGUF file recommends, as the server read it."""
    if not _holds(path, b"general.sampling.temp"):
        return None
    params = (props.get("default_generation_settings") or {}).get("params") or {}
    return own_temperature({"do_sample": True, "temperature": params.get("temperature", 0)}, "general.sampling.temp")


def has_chat_template(path: Path) -> bool:
    """Whether a GGUF file holds a chat template; llama.cpp makes one up in silence where it does not."""
    return _holds(path, b"tokenizer.chat_template")


def _holds(path: Path, name: bytes) -> bool:
    """Whether a GGUF file's metadata have a field."""
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as head:
        return head.find(name, 0, HEAD) >= 0


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
