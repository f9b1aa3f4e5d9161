"""transformers: safetensors or GGUF, PEFT adapters, 4-bit where the library can, likelihood by packed tree.

At load a self-check scores a few strings packed and alone; an architecture whose attention does not take our mask
falls back to a shared-prefix cache, then to one pass a choice, and says so in ``notes``.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from igaku.engines.base import Identity, may_think, template_hash, thinking_setting
from igaku.engines.families import STEM
from igaku.engines.generating import generate
from igaku.engines.hf_weights import commit_of, dequantized, find_weights, load_model, model_folder, quiet, with_adapter
from igaku.engines.logits import Failed
from igaku.engines.models import resolve
from igaku.engines.moments import token_moments
from igaku.engines.packed import LEAST
from igaku.engines.scoring import SCORERS
from igaku.engines.spec import EngineSpec
from igaku.engines.tokens import TokenizerEngine, Tokens, overlong
from igaku.engines.tree import Scored
from igaku.question import Answer, Request

__all__ = ["Transformers", "dequantized", "model_folder"]

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
        weights = find_weights(path, "4-bit NF4" if quantize == "4bit" else "")
        self.model, self.tokenizer = load_model(weights.path, revision, dtype, quantize, on_gpu, trust_remote_code)
        self._tokens = Tokens(self.tokenizer, thinking)
        self.thinking = may_think(self.tokenizer.chat_template, thinking)
        adapter_hash = ""
        if adapter:
            self.model, adapter_hash = with_adapter(self.model, adapter)
        self.model.train(False)
        longest = getattr(self.model.config.get_text_config(), "max_position_embeddings", None) or 4096
        self.context = min(context or longest, longest)
        self.budget = batch_tokens or (16384 if on_gpu else 1024)
        self.identity = Identity(
            model=name + (f"+{Path(adapter).name}" if adapter else ""),
            weights=weights.sha256,
            revision=revision or commit_of(self.model),
            adapter=adapter_hash,
            quantization=weights.quantization,
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
