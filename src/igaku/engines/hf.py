"""transformers: safetensors or GGUF, PEFT adapters, 4-bit where the library can, likelihood by packed tree.

At load a self-check scores a few strings packed and alone; an architecture whose attention does not take our mask
falls back to a shared-prefix cache, then to one pass a choice, and says so in ``notes``.
"""

import contextlib
import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.engines.base import Identity, template_hash, thinking_setting
from igaku.engines.embedded import weights_sha256
from igaku.engines.families import STEM
from igaku.engines.generating import generate
from igaku.engines.models import resolve
from igaku.engines.scoring import LEAST, SCORERS, Failed, token_moments
from igaku.engines.spec import EngineSpec
from igaku.engines.tokens import TokenizerEngine, Tokens, overlong
from igaku.engines.tree import Scored
from igaku.errors import IgakuError, missing_extra
from igaku.io.hashing import file_sha256
from igaku.io.paths import cache_dir
from igaku.question import Answer, Request

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CHECK = (
    ("The capital of France is", (" Paris", " a large city in Spain", " the river")),
    ("日本の首都は", ("東京である", "大阪である", "海の底")),
)

EXACT, ROUNDED = 1e-3, 0.25
"""How far two ways of scoring may differ, in nats a continuation: in float32, and with rounded weights or sums."""
WRITING = 16
"""Generation takes 16 times the tokens of a scored batch: each step reads all weights for one token a row."""


class Transformers(TokenizerEngine):
    """A causal language model of the transformers library."""

    @classmethod
    def load(cls, spec: EngineSpec) -> "Transformers":
        """The model of a spec."""
        name, path, revision = resolve(spec.model)
        return cls(name, path, revision=revision, **spec.settings("transformers"))  # type: ignore[arg-type]

    def __init__(
        self,
        name: str,
        path: str,
        *,
        revision: str = "",
        adapter: str = "",
        dtype: str = "auto",
        quantize: str = "",
        device: str = "auto",
        batch_tokens: int = 0,
        context: int = 0,
        threads: int = 0,
        trust_remote_code: bool = False,
        thinking: bool | None = None,
    ) -> None:
        import torch
        import transformers

        super().__init__()
        quiet(transformers.utils.logging)
        if threads:
            torch.set_num_threads(threads)
        on_gpu = torch.cuda.is_available() if device == "auto" else device != "cpu"
        dtype = dtype if dtype != "auto" else "bfloat16" if on_gpu else "float32"
        quantized = "4-bit NF4" if quantize == "4bit" else ""
        if path.endswith(".gguf"):
            weights, quantized = file_sha256(Path(path)), "GGUF, dequantized"
            path = str(dequantized(Path(path), weights))
        else:
            weights = weights_sha256(Path(path)) if Path(path).is_dir() else path
        self.model, self.tokenizer = _load(path, revision, dtype, quantize, on_gpu, trust_remote_code)
        self._tokens = Tokens(self.tokenizer, thinking)
        adapter_hash = ""
        if adapter:
            self.model, adapter_hash = _adapted(self.model, adapter)
        self.model.train(False)
        longest = getattr(self.model.config.get_text_config(), "max_position_embeddings", None) or 4096
        self.context = min(context or longest, longest)
        self.budget = batch_tokens or (16384 if on_gpu else 1024)
        self.identity = Identity(
            model=name + (f"+{Path(adapter).name}" if adapter else ""),
            weights=weights,
            revision=revision or _commit(self.model),
            adapter=adapter_hash,
            quantization=quantized,
            dtype=dtype,
            engine="transformers",
            version=f"{transformers.__version__}, torch {torch.__version__}",
            chat_template=template_hash(self.tokenizer.chat_template),
            settings=f"context={self.context}{thinking_setting(thinking)}",
        )
        self.supported = frozenset(("text", "letters", "likelihood", "tokens"))
        self.scorer = self._check()
        """The name of the scorer in use."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Scored requests first, then generated ones; each group longest first."""
        scored = [i for i, r in enumerate(requests) if r.kind in ("letters", "likelihood")]
        whole = [i for i, r in enumerate(requests) if r.kind == "tokens"]
        written = [i for i, r in enumerate(requests) if r.kind == "text"]
        for i, answer in self._score([requests[j] for j in scored]):
            yield scored[i], answer
        for i, answer in self._moments([requests[j] for j in whole]):
            yield whole[i], answer
        for i, answer in self._write([requests[j] for j in written]):
            yield written[i], answer

    def close(self) -> None:
        """Free the weights."""
        self.__dict__.pop("model", None)

    def _write(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        prompts = self._tokens.encode([r.prompt for r in requests])
        fits = [i for i, r in enumerate(requests) if len(prompts[i]) + r.sampling.max_tokens <= self.context]
        yield from overlong(prompts, set(range(len(requests))) - set(fits))
        samplings = [requests[i].sampling for i in fits]
        budget = self.budget * WRITING
        done = generate(self.model, self.tokenizer, [prompts[i] for i in fits], samplings, budget)
        for i, answer in done:
            yield fits[i], answer

    def _moments(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        texts = self._tokens.encode([r.prompt for r in requests])
        fits = [i for i, t in enumerate(texts) if 2 <= len(t) <= self.context]
        yield from overlong(texts, set(range(len(texts))) - set(fits))
        for k, found in token_moments(self.model, [texts[i] for i in fits], self.budget, self._tokens.pad):
            n = len(texts[fits[k]])
            if isinstance(found, Failed):
                yield fits[k], Answer(finish="error", error=found.why)
            else:
                yield fits[k], Answer(**found._asdict(), prompt_tokens=n)

    def _score(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Requests with one prompt (its letters and its texts) go through the model as one tree."""
        pairs = [self._tokens.pairs(r) for r in requests]
        fits: dict[str, list[int]] = {}
        for i, p in enumerate(pairs):
            if max(len(s.tokens) for s in p) <= self.context:
                fits.setdefault(requests[i].prompt, []).append(i)
        groups = list(fits.values())
        yield from overlong([p[0].tokens for p in pairs], set(range(len(requests))) - {i for g in groups for i in g})
        questions = [[s for i in group for s in pairs[i]] for group in groups]
        for g, sums in SCORERS[self.scorer](self.model, questions, self.budget, self._tokens.pad):
            if isinstance(sums, Failed):
                yield from ((i, Answer(finish="error", error=sums.why)) for i in groups[g])
                continue
            at = 0
            for i in groups[g]:
                sequences = pairs[i]
                mine, at = sums[at : at + len(sequences)], at + len(sequences)
                lengths = tuple(len(s.tokens) - s.start for s in sequences)
                yield i, Answer(logprobs=tuple(mine), tokens=lengths, prompt_tokens=sequences[0].start)

    def _check(self) -> str:
        """The fastest scorer whose numbers equal those of one pass a continuation.

        The strings have a beginning in common, long enough to be computed apart, and for a model with a sliding
        window also one that reaches beyond it.
        """
        plain = [self._tokens.pairs(Request(kind="likelihood", prompt=p, continuations=c)) for p, c in CHECK]
        window = getattr(self.model.config.get_text_config(), "sliding_window", None) or 0
        groups = [_behind(LEAST + 8, plain), [*plain, *_behind(STEM + 8, plain)]]
        if 0 < window <= 2048 and window + 64 < self.context:
            groups.append(_behind(window + 32, [q[:2] for q in plain]))
        truth = [self._sums("alone", g) for g in groups]
        exact = self.identity.dtype == "float32" and not self.identity.quantization.startswith("4")
        for name in ("headed", "packed", "shared"):
            try:
                difference = max(_largest(self._sums(name, g), t) for g, t in zip(groups, truth))
            except (RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
                self.notes.append(f"likelihood {name!r} does not run on this architecture ({type(error).__name__})")
                continue
            if difference <= (EXACT if exact else ROUNDED):
                if name != "headed":
                    self.notes.append(f"likelihood is computed the {name!r} way: slower, same numbers")
                return name
            self.notes.append(
                f"likelihood {name!r} gives other numbers here (by {difference:.3g} nat), so it is not used"
            )
        self.notes.append("likelihood takes one pass a choice: slowest, same numbers")
        return "alone"

    def _sums(self, scorer: str, questions: list[list[Scored]]) -> dict[int, list[float]]:
        found = dict(SCORERS[scorer](self.model, questions, self.budget, self._tokens.pad))
        for sums in found.values():
            if isinstance(sums, Failed):
                raise RuntimeError(sums.why)
        return {i: sums for i, sums in found.items() if not isinstance(sums, Failed)}


def _behind(n: int, questions: list[list[Scored]]) -> list[list[Scored]]:
    """The questions with n tokens of their own before all of them."""
    head = (list(questions[0][0].tokens) * n)[:n]
    return [[Scored([*head, *s.tokens], s.start + n) for s in q] for q in questions]


def _largest(some: dict[int, list[float]], others: dict[int, list[float]]) -> float:
    """The largest difference between two sets of numbers."""
    return max(abs(a - b) for i, sums in some.items() for a, b in zip(sums, others[i], strict=True))


def quiet(logging: Any) -> None:
    """No warnings and no progress bars of transformers' own."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _load(
    path: str, revision: str, dtype: str, quantize: str, on_gpu: bool, trust: bool
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    at: dict[str, Any] = {"trust_remote_code": trust} | ({"revision": revision} if revision else {})
    settings: dict[str, Any] = {"quantization_config": _four_bits()} if _is_quantized(quantize) else {}
    if not hasattr(torch, dtype):
        raise IgakuError(f"--dtype {dtype!r} is not known; use float32, bfloat16 or float16")
    settings |= {"dtype": getattr(torch, dtype), "device_map": "auto" if on_gpu else None, "use_safetensors": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, **at)
        model = AutoModelForCausalLM.from_pretrained(path, **at, **settings)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise IgakuError(f"{path}: transformers cannot load it ({_first_line(error)})") from None
    return model, tokenizer


def _is_quantized(quantize: str) -> bool:
    if quantize not in ("", "4bit"):
        raise IgakuError(f"--quantize {quantize!r} is not known; use 4bit")
    return bool(quantize)


def _four_bits() -> object:
    import torch
    from transformers import BitsAndBytesConfig

    config: Any = BitsAndBytesConfig
    return config(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


def _adapted(model: "PreTrainedModel", adapter: str) -> tuple[Any, str]:
    """The model with a PEFT adapter, and the SHA-256 of the adapter's contents; one from the hub is fetched first."""
    try:
        from peft import PeftModel
    except ImportError:
        raise missing_extra("peft", "hf") from None
    folder = Path(adapter) if Path(adapter).is_dir() else _fetched(adapter)
    if not (folder / "adapter_model.safetensors").exists():
        raise IgakuError(f"{adapter}: no adapter_model.safetensors in it (pickled weights are never loaded)")
    try:
        loaded = PeftModel.from_pretrained(model, str(folder))
    except (OSError, ValueError, RuntimeError) as error:
        raise IgakuError(f"{adapter}: peft cannot load it ({_first_line(error)})") from None
    quantized = getattr(model, "hf_quantizer", None) is not None
    return loaded if quantized else loaded.merge_and_unload(), weights_sha256(folder)


def _fetched(adapter: str) -> Path:
    """A hub adapter's configuration and safetensors, nothing else, in the hub's own cache."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(adapter, allow_patterns=["*.json", "*.safetensors"]))
    except Exception as error:
        raise IgakuError(
            f"adapter {adapter!r}: no such folder, and the hub did not give it ({_first_line(error)})"
        ) from None


def model_folder(name: str) -> str:
    """What transformers can load for a model's name: a folder of safetensors (converted from GGUF), or a hub id."""
    from igaku.engines.models import resolve

    _, path, _ = resolve(name)
    return str(dequantized(Path(path), file_sha256(Path(path)))) if path.endswith(".gguf") else path


def dequantized(gguf: Path, sha256: str) -> Path:
    """A GGUF file as a safetensors folder in float32, made once and kept in the cache (reading it takes a minute)."""
    target = cache_dir() / "models" / f"{gguf.stem}-{sha256[:12]}"
    if target.exists():
        return target
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # a progress bar of its own that no setting turns off
            tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
            model: Any = AutoModelForCausalLM.from_pretrained(
                str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32
            )
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise IgakuError(f"{gguf}: transformers cannot read it ({_first_line(error)})") from None
    model.hf_quantizer = None  # save_pretrained refuses a model that came from GGUF while this is set
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(target)
    return target


def _commit(model: "PreTrainedModel") -> str:
    return str(getattr(model.config, "_commit_hash", None) or "")
