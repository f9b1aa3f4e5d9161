"""transformers: safetensors or GGUF, PEFT adapters, 4-bit where the library can, likelihood by packed tree.

At load a self-check scores a few strings packed and alone; an architecture whose attention does not take our mask
falls back to a shared-prefix cache, then to one pass a choice, and says so in ``notes``.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from igaku.engines.base import OPENING, THINKS_FIRST, Identity, may_think, template_hash, thinking_setting
from igaku.engines.boundaries import longest_context, rope_switch
from igaku.engines.budget import scored_tokens, written_tokens
from igaku.engines.eyes import Eyes
from igaku.engines.families import STEM
from igaku.engines.generating import Prompt, Writer, generate, run_generate
from igaku.engines.hf_pictures import placed, score_seen, write_seen
from igaku.engines.hf_weights import (
    commit_of,
    dequantized,
    load_model,
    model_folder,
    quiet,
    weights_meanwhile,
    with_adapter,
)
from igaku.engines.logits import Failed, Sums
from igaku.engines.models import fetchable
from igaku.engines.moments import token_moments
from igaku.engines.packed import LEAST
from igaku.engines.recommended import notes as unused
from igaku.engines.recommended import own_temperature, recommended, recorded
from igaku.engines.scoring import SCORERS
from igaku.engines.spec import EngineSpec
from igaku.engines.tokenizer_engine import TokenizerEngine
from igaku.engines.tokens import Tokens, overlong
from igaku.engines.tree import Scored
from igaku.engines.trial import EXACT, FAILURES, ROUNDED, causality, sums_of
from igaku.engines.ways import NOT_CAUSAL, Ways
from igaku.engines.writing_check import WritingCheck
from igaku.errors import IgakuError
from igaku.question import Answer, Request
from igaku.thinking import begins_thinking, opens

__all__ = ["Transformers", "dequantized", "model_folder"]

CHECK = (
    ("The capital of France is", (" Paris", " a large city in Spain", " the river")),
    ("日本の首都は", ("東京である", "大阪である", "海の底")),
)

WRITING = 16
"""Generation takes 16 times the tokens of a scored batch: each step reads all weights for one token a row."""


class Transformers(TokenizerEngine):
    """A causal language model of the transformers library; with ``vision`` an image-text model."""

    @classmethod
    def load(cls, spec: EngineSpec) -> "Transformers":
        """The model of a spec."""
        name, path, revision = fetchable(spec.model)
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
        vision: bool = False,
    ) -> None:
        import torch
        import transformers

        super().__init__()
        quiet(transformers.utils.logging)
        if threads:
            torch.set_num_threads(threads)
        on_gpu = torch.cuda.is_available() if device == "auto" else device != "cpu"
        dtype = dtype if dtype != "auto" else "bfloat16" if on_gpu else "float32"
        path, hashed = weights_meanwhile(path, "4-bit NF4" if quantize == "4bit" else "")
        self.model, self.tokenizer, processor = load_model(
            path, revision, dtype, quantize, on_gpu, trust_remote_code, vision
        )
        self._tokens = Tokens(self.tokenizer, thinking)
        self._eyes, self.supports_images = Eyes(processor, self._tokens) if vision else None, vision
        own = self.model.generation_config.to_dict()
        sampling, self.own_temperature = recommended(own), own_temperature(own)
        self.notes += [*self._tokens.notes, *unused(own)]
        self.thinking = may_think(self.tokenizer.chat_template, thinking)
        adapter_hash = ""
        if adapter:
            self.model, adapter_hash = with_adapter(self.model, adapter)
        self.model.train(False)
        longest, weights = longest_context(self.model.config), hashed()
        self.context = min(context or longest, longest)
        self.budget = scored_tokens(self.model, batch_tokens)
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
            settings=(
                f"context={self.context}{thinking_setting(thinking)}{self._tokens.settings}{recorded(sampling)}"
                f"{self._eyes.setting if self._eyes else ''}"
            ),
        )
        self.supported = frozenset(("text", "letters", "likelihood", "tokens"))
        self._opens_thinking: bool | None = None
        exact = dtype == "float32" and not weights.quantization.startswith("4")
        self._exact = exact
        self._switch = rope_switch(self.model.config)
        self._writer = Writer(self.model, self.tokenizer, sampling)
        self._writing = WritingCheck(self._writer, exact, self.notes)
        self.scorer = self._check()
        """The fastest scorer that is right on short prompts."""
        self._ways = Ways(self.model, self.budget, self._tokens.pad, first=self.scorer, exact=exact, notes=self.notes)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Scored requests first, then generated ones, each group longest first; last those with pictures, one by one.

        Raises:
            IgakuError: letters or likelihoods after a chat prompt of a model that thinks before it answers.
        """
        plain = [(i, r) for i, r in enumerate(requests) if not r.images]
        scored = [i for i, r in plain if r.kind in ("letters", "likelihood")]
        whole = [i for i, r in plain if r.kind == "tokens"]
        written = [i for i, r in plain if r.kind == "text"]
        for i, answer in self._score([requests[j] for j in scored]):
            yield scored[i], answer
        for i, answer in self._moments([requests[j] for j in whole]):
            yield whole[i], answer
        for i, answer in self._write([requests[j] for j in written]):
            yield written[i], answer
        for i, request in enumerate(requests):
            if request.images:
                yield i, self._see(request)
        self.notes += [note for note in self._tokens.late_notes if note not in self.notes]

    @property
    def used(self) -> tuple[frozenset[str], frozenset[str]]:
        """The ways of scoring and of writing that were taken so far."""
        return frozenset(self._ways.used), frozenset(self._writing.used)

    def close(self) -> None:
        """Free the weights."""
        for name in ("model", "_writer", "_writing", "_ways"):
            self.__dict__.pop(name, None)

    def _see(self, request: Request) -> Answer:
        """One request with pictures.

        Raises:
            IgakuError: letters or choices after a chat prompt of a model that thinks before it answers.
        """
        if self._eyes is None:
            raise IgakuError("pictures were given to a model that was loaded without --vision")
        if request.kind == "text":
            return write_seen(self._eyes, self._writer, request, self.context)
        if self._tokens.is_chat(request.prompt) and self._is_thinking_first(request.prompt, request.images):
            raise IgakuError(THINKS_FIRST)
        return score_seen(self._eyes, self.model, self._tokens.pairs(request), request, self.context)

    def _write(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        prompts = self._tokens.encode([r.prompt for r in requests])
        fits = [i for i, r in enumerate(requests) if len(prompts[i]) + r.sampling.max_tokens <= self.context]
        yield from overlong(prompts, set(range(len(requests))) - set(fits))
        for _, mine in self._sides(fits, [len(p) for p in prompts], [r.sampling.max_tokens for r in requests]):
            way = self._writing.way([prompts[i] for i in mine], sum(requests[i].sampling.max_tokens for i in mine))
            chosen = [Prompt(prompts[i], opens(requests[i].prompt)) for i in mine]
            samplings = [requests[i].sampling for i in mine]
            budget = written_tokens(self.model, self.budget, WRITING)
            for k, answer in generate(self._writer._replace(way=way), chosen, samplings, budget):
                yield mine[k], answer

    def _sides(
        self, indices: Sequence[int], lengths: Sequence[int], new: Sequence[int]
    ) -> Iterator[tuple[int, list[int]]]:
        """Indices that may share a batch: LongRoPE takes its factors by the longest position of all of it."""
        groups: dict[int, list[int]] = {}
        for i in indices:
            short = lengths[i] + new[i] <= self._switch or not self._switch
            groups.setdefault(0 if short else 1 if lengths[i] > self._switch else -1 - i, []).append(i)
        yield from sorted(groups.items())

    def _moments(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        texts = self._tokens.encode([r.prompt for r in requests])
        fits = [i for i, t in enumerate(texts) if 2 <= len(t) <= self.context]
        yield from overlong(texts, {i for i, t in enumerate(texts) if len(t) > self.context})
        for i, text in enumerate(texts):
            if len(text) < 2:
                yield i, Answer(finish="error", error="a text of one token: there is nothing to predict it from")
        for _, mine in self._sides(fits, [len(t) for t in texts], [0] * len(texts)):
            for k, found in token_moments(self.model, [texts[i] for i in mine], self.budget, self._tokens.pad):
                if isinstance(found, Failed):
                    yield mine[k], Answer(finish="error", error=found.why)
                else:
                    yield mine[k], Answer(**found._asdict(), prompt_tokens=len(texts[mine[k]]))

    def _score(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Requests with one prompt (its letters and its texts) go through the model as one tree.

        Raises:
            IgakuError: a chat prompt, after which this model thinks before it answers.
        """
        if any(self._tokens.is_chat(r.prompt) and self._is_thinking_first(r.prompt) for r in requests):
            raise IgakuError(THINKS_FIRST)
        pairs = self._tokens.pairs_of(requests)
        fits: dict[str, list[int]] = {}
        for i, p in enumerate(pairs):
            if max(len(s.tokens) for s in p) <= self.context:
                fits.setdefault(requests[i].prompt, []).append(i)
        groups = list(fits.values())
        yield from overlong([p[0].tokens for p in pairs], set(range(len(requests))) - {i for g in groups for i in g})
        questions = [[s for i in group for s in pairs[i]] for group in groups]
        for i, sums in self._numbers(questions):
            if isinstance(sums, Failed):
                yield from ((k, Answer(finish="error", error=sums.why)) for k in groups[i])
            else:
                yield from _each(groups[i], pairs, sums)

    def _numbers(self, questions: Sequence[list[Scored]]) -> Iterator[tuple[int, Sums]]:
        """What the trial of a way found already, then the rest by that way."""
        for part in self._ways.parts(questions):
            yield from part.known.items()
            rest = [i for i in part.members if i not in part.known]
            for k, sums in SCORERS[part.way](self.model, [questions[i] for i in rest], self.budget, self._tokens.pad):
                yield rest[k], sums

    def _is_thinking_first(self, prompt: str, images: Sequence[str] = ()) -> bool:
        """Whether the chat prompt opens the model's thinking, or the model opens it itself before anything else."""
        if self._opens_thinking is None:
            seen = placed(self._eyes.see(prompt, images), self.model) if self._eyes and images else None
            tokens = [seen.tokens] if seen else self._tokens.encode([prompt])
            more = seen.extras if seen else {}
            try:
                out = run_generate(self._writer._replace(way="single"), tokens, OPENING, do_sample=False, **more)
                new = str(self.tokenizer.decode(out.sequences[0][len(tokens[0]) :]))
            except FAILURES:
                new = ""
            self._opens_thinking = begins_thinking(new)
        return self._opens_thinking or opens(prompt)

    def _check(self) -> str:
        """The fastest scorer whose numbers equal those of one pass a continuation, on a few short strings.

        The strings have a beginning in common, long enough to be computed apart. What only shows on longer prompts is
        found when they come (``engines.ways``).
        """
        plain = [self._tokens.pairs(Request(kind="likelihood", prompt=p, continuations=c)) for p, c in CHECK]
        if not all(causality(self.model, s, self._exact).holds for q in plain for s in q):
            self.notes.append(NOT_CAUSAL.format(""))
            return "alone"
        groups = [_behind(LEAST + 8, plain), [*plain, *_behind(STEM + 8, plain)]]
        truth = [self._sums("alone", g) for g in groups]
        for name in ("headed", "packed", "shared"):
            try:
                difference = max(_largest(self._sums(name, g), t) for g, t in zip(groups, truth))
            except FAILURES as error:
                self.notes.append(f"likelihood {name!r} does not run on this architecture ({type(error).__name__})")
                continue
            if difference <= (EXACT if self._exact else ROUNDED):
                if name != "headed":
                    self.notes.append(f"likelihood is computed the {name!r} way: slower, same numbers")
                return name
            self.notes.append(
                f"likelihood {name!r} gives other numbers here (by {difference:.3g} nat), so it is not used"
            )
        self.notes.append("likelihood takes one pass a choice: slowest, same numbers")
        return "alone"

    def _sums(self, scorer: str, questions: list[list[Scored]]) -> Mapping[int, list[float]]:
        return sums_of(scorer, self.model, questions, self.budget, self._tokens.pad)


def _each(group: Sequence[int], pairs: Sequence[list[Scored]], sums: Sequence[float]) -> Iterator[tuple[int, Answer]]:
    """One tree's numbers as the answers of its requests."""
    at = 0
    for i in group:
        sequences = pairs[i]
        mine, at = sums[at : at + len(sequences)], at + len(sequences)
        lengths = tuple(len(s.tokens) - s.start for s in sequences)
        yield i, Answer(logprobs=tuple(mine), tokens=lengths, prompt_tokens=sequences[0].start)


def _behind(n: int, questions: list[list[Scored]]) -> list[list[Scored]]:
    """The questions with n tokens of their own before all of them."""
    head = (list(questions[0][0].tokens) * n)[:n]
    return [[Scored([*head, *s.tokens], s.start + n) for s in q] for q in questions]


def _largest(some: Mapping[int, list[float]], others: Mapping[int, list[float]]) -> float:
    """The largest difference between two sets of numbers."""
    return max(abs(a - b) for i, sums in some.items() for a, b in zip(sums, others[i], strict=True))
