"""vLLM in this process: the whole list at once, sorted by prefix, prefix cache on, replies as they finish.

Letters are one generated token with the log-probabilities of the letters asked for, never ``prompt_logprobs``: these
switch the prefix cache off and take a log-softmax over the vocabulary at every position (vllm#17251, lm-eval#2418). The
likelihood of texts needs them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.engines.base import OPENING, THINKS_FIRST, Identity, may_think, template_hash, thinking_setting
from igaku.engines.embedded import weights_sha256
from igaku.engines.eyes import Eyes, load_processor
from igaku.engines.generating import special_texts
from igaku.engines.hf_weights import Weights, find_weights
from igaku.engines.models import fetchable
from igaku.engines.pictures import opened
from igaku.engines.recommended import own_temperature, recommended, recorded
from igaku.engines.spec import EngineSpec
from igaku.engines.tokenizer_engine import TokenizerEngine
from igaku.engines.tokenizer_files import first_line
from igaku.engines.tokens import Tokens
from igaku.engines.written import written
from igaku.errors import IgakuError, missing_extra
from igaku.io.json_values import FAULTS
from igaku.question import Answer, Request, Sampling
from igaku.thinking import opens

if TYPE_CHECKING:
    from vllm import LLM, RequestOutput, SamplingParams
    from vllm.lora.request import LoRARequest

CHECK = (
    ("Which is a colour?\nA. red\nB. seven\nC. loudly\nAnswer:", (" A", " B", " C")),
    ("日本の首都はどこか。\nA. 東京\nB. 大阪\n答え:", (" A", " B")),
)
EXACT, ROUNDED = 1e-2, 0.5
"""How far letters by one generated token and by the whole prompt may differ, in nats: in float32, and with rounded
weights or sums."""
MOST_IMAGES = 8
"""Pictures that one prompt may have; vLLM makes room for them."""
NOT_MEASURED = "beside pictures it was not measured; use --engine transformers, or leave out --vision"
QUANTIZATIONS = {"": "", "4bit": "bitsandbytes", "fp8": "fp8"}


class Vllm(TokenizerEngine):
    """A model served by vLLM in this process.

    Args:
        tensor_parallel, pipeline_parallel: GPUs a layer is split over, and stages the layers are split into.
        quantize: ``4bit`` (bitsandbytes) or ``fp8`` while loading; AWQ and GPTQ weights say so themselves.
        vision: whether pictures are sent, to a model that takes them.
        memory: share of the GPU's memory that vLLM takes.
    """

    @classmethod
    def load(cls, spec: EngineSpec) -> "Vllm":
        """The model of a spec."""
        name, path, revision = fetchable(spec.model)
        return cls(name, path, revision=revision, **spec.settings("vllm"))  # type: ignore[arg-type]

    def __init__(
        self,
        name: str,
        path: str,
        *,
        revision: str = "",
        adapter: str = "",
        dtype: str = "auto",
        quantize: str = "",
        context: int = 0,
        trust_remote_code: bool = False,
        thinking: bool | None = None,
        vision: bool = False,
        tensor_parallel: int = 1,
        pipeline_parallel: int = 1,
        memory: float = 0.9,
        threads: int = 0,
    ) -> None:
        super().__init__()
        _environment(threads)
        quantization = _quantization(quantize)
        weights = find_weights(path, quantization)
        settings: dict[str, Any] = {
            "dtype": dtype,
            "trust_remote_code": trust_remote_code,
            "tensor_parallel_size": tensor_parallel,
            "pipeline_parallel_size": pipeline_parallel,
            "gpu_memory_utilization": memory,
        }
        settings |= {"quantization": quantization} if quantization else {}
        settings |= {"max_model_len": context} if context else {}
        settings |= {"revision": revision, "tokenizer_revision": revision} if revision else {}
        settings |= {"enable_lora": True, "max_lora_rank": _rank(adapter)} if adapter else {}
        settings |= {"limit_mm_per_prompt": {"image": MOST_IMAGES}} if vision else {}
        at: dict[str, Any] = {"trust_remote_code": trust_remote_code} | ({"revision": revision} if revision else {})
        processor = load_processor(weights.path, at) if vision else None
        llm = _load(weights.path, settings)
        self._numbers = count()
        self._engine: Any = llm.llm_engine
        self._tokens = Tokens(processor.tokenizer if processor else llm.get_tokenizer(), thinking)
        self._eyes, self.supports_images = Eyes(processor, self._tokens) if vision else None, vision
        self.thinking = may_think(self._tokens.tokenizer.chat_template, thinking)
        self.notes += self._tokens.notes
        self._lora = _lora(adapter) if adapter else None
        self.context = int(self._engine.model_config.max_model_len)
        own = _generation_config(self._engine.model_config)
        self._sampling, self.own_temperature = recommended(own), own_temperature(own)
        self._specials = special_texts(self._tokens.tokenizer)
        self._opens_thinking: bool | None = None
        self.identity = self._identity(name, weights, revision, adapter, thinking)
        self.supported = frozenset(("text", "letters", "likelihood"))
        self.unsupported = {"tokens": "vLLM does not give the moments over the vocabulary"}
        self._check()

    def _identity(self, name: str, weights: Weights, revision: str, adapter: str, thinking: bool | None) -> Identity:
        import torch
        import vllm

        config = self._engine.model_config
        return Identity(
            model=name + (f"+{Path(adapter).name}" if adapter else ""),
            weights=weights.sha256,
            revision=revision,
            adapter=weights_sha256(Path(adapter)) if adapter else "",
            quantization=weights.quantization or str(config.quantization or ""),
            dtype=str(config.dtype).removeprefix("torch."),
            engine="vllm",
            version=f"{vllm.__version__}, torch {torch.__version__}",
            chat_template=template_hash(self._tokens.tokenizer.chat_template),
            settings=(
                f"context={self.context}{thinking_setting(thinking)}{self._tokens.settings}{recorded(self._sampling)}"
                f"{self._eyes.setting if self._eyes else ''}"
            ),
        )

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Everything is handed over at once, prompts with a common beginning side by side.

        Raises:
            IgakuError: letters or likelihoods after a chat prompt of a model that thinks before it answers.
        """
        if any(r.kind in ("letters", "likelihood") and self._is_thinking_first(r.prompt, r.images) for r in requests):
            raise IgakuError(THINKS_FIRST)
        written = [i for i, r in enumerate(requests) if r.kind == "text"]
        encoded = dict(zip(written, self._tokens.encode([requests[i].prompt for i in written])))
        waiting: dict[str, _Waiting] = {}
        for i in sorted(range(len(requests)), key=lambda i: requests[i].prompt):
            parts, images = self._parts(requests[i], encoded.get(i)), requests[i].images
            if any(len(p.tokens) + self.count_images(images) + p.room > self.context for p in parts):
                yield i, Answer(finish="overlong", prompt_tokens=len(parts[0].tokens))
                continue
            mine = _Waiting(requests[i], i, parts, self._written)
            for part in parts:
                part.name = f"{next(self._numbers)}"
                waiting[part.name] = mine
                prompt: dict[str, object] = {"prompt_token_ids": part.tokens}
                prompt |= {"multi_modal_data": {"image": [opened(path) for path in images]}} if images else {}
                self._engine.add_request(part.name, prompt, part.params, lora_request=self._lora)
        try:
            while self._engine.has_unfinished_requests():
                for out in self._engine.step():
                    mine = waiting.pop(out.request_id)
                    if mine.put(out):
                        yield mine.index, mine.answer()
        finally:
            if waiting:
                self._engine.abort_request(list(waiting))

    def close(self) -> None:
        """Give the model's memory back; other vLLM engines of this process end with it."""
        self._engine.engine_core.shutdown()
        self._engine = None

    def _parts(self, request: Request, encoded: list[int] | None) -> list["_Part"]:
        """What one request is for vLLM: one generation, or one prompt a continuation whose text is scored."""
        if request.kind == "text":
            assert encoded is not None
            s = request.sampling
            # a stop string would end a thought that the prompt has opened
            stop = [] if opens(request.prompt) else list(s.stop)
            drawn: dict[str, Any] = {"temperature": s.temperature, "seed": s.seed, "stop": stop}
            drawn |= self._sampling if s.temperature > 0 else {}
            drawn |= {"top_p": s.top_p} if s.top_p < 1 else {}
            return [_Part(encoded, _params(s.max_tokens, **drawn), s.max_tokens)]
        scored, one = self._tokens.pairs(request), {"temperature": 0.0, "detokenize": False}
        if request.kind == "letters":
            letters = [s.tokens[-1] for s in scored]
            params = _params(1, logprobs=len(letters), logprob_token_ids=letters, **one)
            return [_Part(list(scored[0].tokens[: scored[0].start]), params, 1, letters=letters)]
        params = _params(1, prompt_logprobs=0, **one)
        return [_Part(list(s.tokens), params, 1, start=s.start) for s in scored]

    def _is_thinking_first(self, prompt: str, images: tuple[str, ...] = ()) -> bool:
        """Whether a chat prompt opens the model's thinking, or the model opens it itself before anything else."""
        if not self._tokens.is_chat(prompt):
            return False
        if self._opens_thinking is None:
            self._opens_thinking = False
            request = Request(kind="text", prompt=prompt, images=images, sampling=Sampling(max_tokens=OPENING))
            answer = dict(self.answer([request]))[0]
            self._opens_thinking = not opens(prompt) and (bool(answer.thinking) or not answer.text)
        return self._opens_thinking or opens(prompt)

    def _written(self, request: Request, out: Any, prompt_tokens: int) -> Answer:
        """A generated text, its thinking apart."""
        tokenizer, ids = self._tokens.tokenizer, list(out.token_ids)
        ends = {tokenizer.eos_token_id}
        ids = ids[:-1] if ids and ids[-1] in ends else ids
        return written(
            str(tokenizer.decode(ids, skip_special_tokens=False)),
            plain=str(tokenizer.decode(ids, skip_special_tokens=True)),
            specials=self._specials,
            opened=opens(request.prompt),
            stop=request.sampling.stop,
            ended=out.finish_reason != "length",
            prompt_tokens=prompt_tokens,
            new_tokens=len(out.token_ids),
            count=lambda text: len(tokenizer.encode(text, add_special_tokens=False)),
        )

    def _check(self) -> None:
        """Letters by one generated token must equal those by the whole prompt; with an adapter, those asked alone."""
        requests = [Request(kind="letters", prompt=p, continuations=c) for p, c in CHECK]
        found = dict(self.answer(requests))
        if self._lora:
            self.supported = frozenset(("text", "letters"))
            why = "vLLM cannot score the text of a prompt with an adapter; merge it into the weights first"
            self.unsupported["likelihood"] = why
            truth = {k: dict(self.answer([r]))[0] for k, r in enumerate(requests)}
        else:
            texts = [Request(kind="likelihood", prompt=r.prompt, continuations=r.continuations) for r in requests]
            truth = dict(self.answer(texts))
        difference = max(abs(x - y) for k in found for x, y in zip(found[k].logprobs, truth[k].logprobs, strict=True))
        exact = self.identity.dtype == "float32" and not self.identity.quantization
        if not difference <= (EXACT if exact else ROUNDED):
            self.supported = frozenset(("text",))
            why = f"in the self-check, letters asked in two ways differ by {difference:.2g} nat"
            self.unsupported |= {"letters": why, "likelihood": why}
        if self._eyes:
            self.supported -= {"likelihood"}
            self.unsupported["likelihood"] = NOT_MEASURED


@dataclass
class _Part:
    """One request of vLLM's."""

    tokens: list[int]
    params: "SamplingParams"
    room: int
    """Tokens it may add to the prompt."""
    start: int = 0
    """Where the continuation begins."""
    letters: list[int] = field(default_factory=list)
    name: str = ""


class _Waiting:
    """One request of ours until all of its parts are there."""

    def __init__(
        self, request: Request, index: int, parts: list[_Part], written: Callable[[Request, Any, int], Answer]
    ) -> None:
        self.index, self._request, self._parts, self._written = index, request, parts, written
        self._outs: dict[str, RequestOutput] = {}

    def put(self, out: "RequestOutput") -> bool:
        """Keep one output; whether all are there."""
        self._outs[out.request_id] = out
        return len(self._outs) == len(self._parts)

    def answer(self) -> Answer:
        """The answer, once all parts are there."""
        first = self._parts[0]
        out: Any = self._outs[first.name].outputs[0]
        n = len(first.tokens)
        if out.finish_reason in ("error", "abort"):
            return Answer(finish="error", error=f"vLLM gave up on this request ({out.finish_reason})", prompt_tokens=n)
        if self._request.kind == "text":
            return self._written(self._request, out, n)
        if self._request.kind == "letters":
            logprobs = tuple(out.logprobs[0][i].logprob for i in first.letters)
            return Answer(logprobs=logprobs, tokens=(1,) * len(first.letters), prompt_tokens=n)
        return self._scored()

    def _scored(self) -> Answer:
        """The log-likelihood of each continuation, from the log-probabilities of its prompt's last tokens."""
        sums = []
        for part in self._parts:
            rows: Any = self._outs[part.name].prompt_logprobs
            sums.append(sum(rows[k][part.tokens[k]].logprob for k in range(part.start, len(part.tokens))))
        lengths = tuple(len(p.tokens) - p.start for p in self._parts)
        return Answer(logprobs=tuple(sums), tokens=lengths, prompt_tokens=self._parts[0].start)


def _generation_config(config: Any) -> dict[str, Any]:
    """What the model's ``generation_config.json`` says, as vLLM read it; empty where there is none. Whether tokens are
    to be drawn stands only in the file as a whole."""
    try:
        whole = dict(config.try_get_generation_config())
    except (AttributeError, OSError, ValueError):
        whole = {}
    try:
        return {"do_sample": whole.get("do_sample"), **config.get_diff_sampling_param()}
    except (AttributeError, OSError, ValueError):
        return {}


def _quantization(quantize: str) -> str:
    if quantize not in QUANTIZATIONS:
        hint = "use 4bit or fp8 (AWQ and GPTQ weights say so themselves)"
        raise IgakuError(f"--quantize {quantize!r} is not known; {hint}")
    return QUANTIZATIONS[quantize]


def _load(path: str, settings: dict[str, Any]) -> "LLM":
    """vLLM with the weights; without a GPU in float32 and without compiled graphs."""
    try:
        import torch
        import vllm
    except ImportError:
        raise missing_extra("vllm", "vllm") from None
    on_cpu = not torch.cuda.is_available()
    if on_cpu and settings["dtype"] == "auto":
        settings["dtype"] = "float32"
    common: dict[str, Any] = {"enable_prefix_caching": True, "seed": 0, "disable_log_stats": True}
    if on_cpu:  # a prompt that is cut, of a request with a seed, ends vLLM 0.32 there: torch's generator has no offset
        common["enable_chunked_prefill"] = False
    try:
        return vllm.LLM(model=path, enforce_eager=on_cpu, **common, **settings)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise IgakuError(f"{path}: vLLM cannot load it ({first_line(error)})") from None


def _params(max_tokens: int, **settings: Any) -> "SamplingParams":
    """Sampling parameters of one request, whose output comes once, at its end."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(max_tokens=max_tokens, output_kind=RequestOutputKind.FINAL_ONLY, **settings)


def _environment(threads: int) -> None:
    """Settings that vLLM reads from the environment when it is imported; what the user has set stays."""
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    cores = threads or os.cpu_count() or 1
    os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", f"0-{cores - 1}")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")


def _rank(adapter: str) -> int:
    import json

    try:
        rank = int(json.loads((Path(adapter) / "adapter_config.json").read_text(encoding="utf-8"))["r"])
    except (OSError, *FAULTS, KeyError, TypeError):
        missing = "no adapter_config.json with a rank (r) in it"
        raise IgakuError(f"{adapter}: {missing}; give a PEFT adapter's folder") from None
    return next((r for r in (8, 16, 32, 64, 128, 256, 320, 512) if r >= rank), rank)


def _lora(adapter: str) -> "LoRARequest":
    from vllm.lora.request import LoRARequest

    if not (Path(adapter) / "adapter_model.safetensors").exists():
        raise IgakuError(f"{adapter}: no adapter_model.safetensors in it (pickled weights are never loaded)")
    return LoRARequest("adapter", 1, adapter)
