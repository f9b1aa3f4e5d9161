"""Does the transformers engine give the numbers of a plain pass, on every architecture that transformers has?

python scripts/sweep.py                 all of them, a line each, and a table at the end (minutes)
python scripts/sweep.py --only gemma3   those whose name holds this word
python scripts/sweep.py --table FILE    the table of families into a page of the documentation, at its place
python scripts/sweep.py --save FILE     results into a file; those that it holds of other names go into the table too

Each causal language model of transformers is built small, with random weights, by one rule: the fields of its own
configuration class that are sizes are made small, and whatever has one entry a layer is shortened, each kind of layer
kept. Windows are tried twice, shorter than all prompts and longer than some of them. Every number of the engine
(likelihood, letters, a text's own tokens, greedy text in a batch) is compared with one pass a sequence of the model
loaded anew: no cache, no mask, no padding.
"""

import argparse
import json
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

VOCABULARY, LAYERS = 1000, 4
LIMIT = 150
"""Seconds for one architecture."""
MOST = 60_000_000
"""Parameters; a model that the rule does not make smaller is left out."""
EXACT, ROUNDED = 1e-4, 2e-3
"""Nats: below the first a number is right, below the second it is rounding, above it is wrong."""
SIZES: dict[str, object] = {
    "vocab_size": VOCABULARY,
    "vocab_size_per_layer_input": VOCABULARY,
    "max_position_embeddings": 2048,
    "n_positions": 2048,
    "n_ctx": 2048,
    "max_seq_len": 2048,
    "context_length": 2048,
    **dict.fromkeys(("hidden_size", "n_embd", "d_model", "word_embed_proj_dim", "embedding_dim", "lru_width"), 64),
    **dict.fromkeys(("block_dim", "conv_dim", "conv_dim_out", "attention_hidden_size"), 64),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "n_inner", "dff", "ffn_hidden_size", "block_ff_dim"), 128),
    **dict.fromkeys(("intermediate_size_mlp", "decoder_ffn_dim", "d_inner", "mlp_hidden_size"), 128),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size", "expert_ffn_hidden_size"), 32),
    **dict.fromkeys(("shared_intermediate_size", "moe_shared_expert_intermediate_size"), 64),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers", "num_blocks"), LAYERS),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads"), 4),
    **dict.fromkeys(("decoder_attention_heads", "linear_num_value_heads"), 4),
    **dict.fromkeys(("num_key_value_heads", "num_kv_heads", "linear_num_key_heads", "num_kv_shared_layers"), 2),
    **dict.fromkeys(("head_dim", "v_head_dim", "qk_nope_head_dim", "linear_key_head_dim", "linear_value_head_dim"), 16),
    **dict.fromkeys(("kv_channels", "kv_lora_rank", "index_head_dim", "global_head_dim", "d_head"), 16),
    **dict.fromkeys(("qk_rope_head_dim", "rotary_dim", "rotary_ndims", "adapter_rank", "laurel_rank"), 8),
    **dict.fromkeys(("hidden_size_per_layer_input", "time_step_rank", "mamba_dt_rank", "dim_model_base"), 8),
    **dict.fromkeys(("state_size", "mamba_d_state", "ssm_state_size", "q_lora_rank", "swa_head_dim"), 16),
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "moe_k", "moe_topk", "num_experts_per_token", "moe_top_k"), 2),
    **dict.fromkeys(("n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_mem_blocks"), 1),
    **dict.fromkeys(("n_group", "topk_group", "num_expert_group", "mamba_n_groups", "n_groups", "mamba_ngroups"), 1),
    **dict.fromkeys(("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"), 1),
    **dict.fromkeys(("mamba_n_heads", "mamba_num_heads", "n_mamba_heads"), 8),
    **dict.fromkeys(("mamba_d_head", "mamba_head_dim", "mamba_headdim"), 16),
    **dict.fromkeys(("mamba_d_ssm", "mamba_intermediate"), 128),
    **dict.fromkeys(("chunk_size", "mamba_chunk_size", "block_size"), 16),
    **dict.fromkeys(("index_n_heads", "altup_num_inputs", "interleave_moe_layer_step", "full_attention_interval"), 2),
    **dict.fromkeys(("attn_layer_period", "expert_layer_period"), 2),
    **dict.fromkeys(("attn_layer_offset", "expert_layer_offset"), 1),
    "query_pre_attn_scalar": 16,
    "mlp_ratio": 2,
    "is_decoder": True,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
"""A field's name -> a small value; what a configuration class does not have is left alone."""
PARTS = ("text_config", "vision_config", "audio_config", "decoder", "text_encoder")
ENCODERS = re.compile(
    r"bert$|^(big_bird|bigbird_pegasus|data2vec-text|electra|ernie|roberta.*|xlm.*|xmod|git|m?bart|blenderbot.*|marian|mvp|"
    r"pegasus|plbart|prophetnet)$"
)
LAYER_COUNTS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers", "num_blocks")
WINDOWS = (
    "sliding_window",
    "window_size",
    "attention_window_size",
    "local_attention",
    "attention_chunk_size",
    "index_topk",
)
LEFT_OUT: tuple[tuple[str, ...], ...] = (
    (),
    ("head_dim",),
    ("num_key_value_heads",),
    ("head_dim", "num_key_value_heads"),
    ("layer_types",),
)
"""Fields that one class or another counts for itself."""
OWN: dict[str, dict[str, object]] = {
    "mamba2": {"num_heads": 8, "n_groups": 1},
    "openai-gpt": {"n_positions": 2048},
    "bloom": {"n_head": 4},
    "gpt_neo": {"attention_types": [[["global", "local"], 2]]},
    "bamba": {"attn_layer_indices": [1, 3]},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"] * 2},
    "lfm2": {"layer_types": ["conv", "full_attention"] * 2},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"] * 2},
    "nemotron_h": {"layers_block_type": ["mamba", "attention"] * 2},
    "dbrx": {
        "ffn_config": {"ffn_hidden_size": 64, "moe_num_experts": 4, "moe_top_k": 2},
        "attn_config": {"kv_n_heads": 2, "clip_qkv": 8},
    },
    "xlstm": {"num_heads": 4},
    "zamba2": {"layers_block_type": ["mamba", "hybrid"] * 2, "attention_head_dim": 32, "attention_hidden_size": 128},
    "zamba": {"layers_block_type": ["mamba", "hybrid"] * 2, "attention_head_dim": 32, "attention_hidden_size": 128},
    "recurrent_gemma": {"block_types": ["recurrent", "attention"]},
    "falcon": {"new_decoder_architecture": False, "num_kv_heads": 1},
}
"""What the rule cannot know of a class."""
_ROPE = {"rope_theta": 10000.0, "rope_type": "longrope", "short_factor": [1.0] * 8, "long_factor": [4.0] * 8}
VARIANTS: dict[str, tuple[str, dict[str, object]]] = {
    "falcon+alibi": ("falcon", {"alibi": True}),
    "gpt2+scaled": ("gpt2", {"scale_attn_by_inverse_layer_idx": True}),
    "llama+yarn": (
        "llama",
        {
            "rope_parameters": {
                "rope_theta": 1e4,
                "rope_type": "yarn",
                "factor": 8.0,
                "original_max_position_embeddings": 256,
            }
        },
    ),
    **{
        f"{name}+longrope{switch}": (
            name,
            {
                "sliding_window": None,
                "original_max_position_embeddings": switch,
                "rope_parameters": {
                    **_ROPE,
                    "original_max_position_embeddings": switch,
                    **({"short_mscale": 1.0, "long_mscale": 1.0} if name == "phimoe" else {}),
                },
            },
        )
        for name, switch in (("phi3", 128), ("phi3", 400), ("phimoe", 128))
    },
}
TESTED = (
    "llama", "qwen3", "gemma3_text", "gemma2", "mistral", "gpt2", "gpt_neo", "gpt_neo+300", "phi3", "phi3+longrope128",
    "llama4_text+300", "bloom", "mpt", "opt", "falcon", "gpt_oss", "cohere2", "olmo3", "mamba", "falcon_h1", "bamba",
    "jamba", "lfm2", "qwen3_next", "recurrent_gemma", "xlstm", "gemma3n_text", "gemma4_text", "gemma4_unified_text",
)  # fmt: skip
"""Architectures of the test suite, the hybrids among them."""


class Result(NamedTuple):
    """What came of one architecture."""

    name: str
    verdict: str
    """``right``, ``rounding``, ``WRONG``, ``crashes``, ``refused``, ``not built``, or ``too slow``."""
    scored: str = ""
    """The ways of scoring that were taken, fastest first."""
    written: str = ""
    largest: float = 0.0
    """The largest difference of a log-likelihood, in nats."""
    tokens: float = 0.0
    texts: str = ""
    """Texts equal to plain greedy ones."""
    seconds: float = 0.0
    why: str = ""


class TooSlow(Exception):
    """One architecture took longer than its limit."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise ``TooSlow`` after so many seconds."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def names() -> list[str]:
    """Every causal language model of transformers, with the variants of those that have a window.

    Left out are encoders that can be made to decode, decoders of pairs, and models of several parts, whose language
    part stands in the list by itself.
    """
    from transformers import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL

    found = []
    for name in CAUSAL:
        try:
            fields = vars(CONFIG_MAPPING[name]())
        except Exception:
            continue
        if fields.get("is_encoder_decoder") or any(part in fields for part in PARTS) or ENCODERS.search(name):
            continue
        found.append(name)
        found += [f"{name}+300"] if any(w in fields for w in WINDOWS) else []
    return [*found, *VARIANTS]


def configs_of(name: str) -> Iterator[Any]:
    """Small configurations, the likeliest first; ``NAME+300`` has windows of 300 tokens instead of 24."""
    from transformers import CONFIG_MAPPING

    base, own = VARIANTS.get(name) or (name.partition("+")[0], {})
    window = int(name.partition("+")[2]) if name.partition("+")[2].isdigit() else 24
    cls = CONFIG_MAPPING[base]
    fields = vars(cls())
    for also_unset in (False, True):
        given = shrunk(fields, window, also_unset) | OWN.get(base, {}) | own
        for left_out in LEFT_OUT:
            try:
                yield cls(**{k: v for k, v in given.items() if k not in left_out})
            except Exception:
                continue


def shrunk(fields: dict[str, Any], window: int, also_unset: bool = False) -> dict[str, Any]:
    """The rule: sizes made small, what has one entry a layer shortened with each of its kinds kept.

    Args:
        also_unset: whether fields that the class leaves at None are sizes too.
    """
    layers = next((fields[n] for n in LAYER_COUNTS if isinstance(fields.get(n), int)), 0)
    small = {n: value for n, value in SIZES.items() if n in fields and (also_unset or fields[n] is not None)}
    small |= {name: window for name in WINDOWS if name in fields}
    small |= {"use_sliding_window": True, "max_window_layers": 2} if "max_window_layers" in fields else {}
    small |= {"head_dim": 8, "num_key_value_heads": 4} if "qk_rope_head_dim" in fields else {}  # latent attention
    for name, value in fields.items():
        if isinstance(value, list | tuple) and layers and len(value) == layers:
            kinds = list(dict.fromkeys(value))
            small[name] = [SIZES.get(name, k) for k in (kinds * LAYERS)[:LAYERS]]
    return small


def model_of(name: str) -> Any:
    """A model of random weights, large enough for attention to matter: logits of several nats.

    Raises:
        ValueError: none of the configurations is one that transformers can build.
    """
    import torch
    from transformers import AutoModelForCausalLM

    failure = "no configuration"
    for config in configs_of(name):
        try:
            with torch.device("meta"):
                size = sum(p.numel() for p in AutoModelForCausalLM.from_config(config).parameters())
            if size > MOST:
                raise ValueError(f"{size:,} parameters")
            torch.manual_seed(0)
            model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
            rng = torch.Generator().manual_seed(0)
            with torch.no_grad():
                for field, weights in model.named_parameters():
                    enlarge(field, weights, rng)
            plain_logs(model.eval(), range(3, 9))
        except TooSlow:
            raise
        except Exception as error:
            failure = f"{type(error).__name__}: {str(error).splitlines()[0][:90]}"
        else:
            return model
    raise ValueError(failure)


def enlarge(field: str, weights: Any, rng: Any) -> None:
    """New values for one parameter; those of recurrent cells stay as their class sets them."""
    import torch

    if re.search(r"A_log|dt_|conv|time_|\.D$|lambda|_gate\.bias", field):
        return
    noise = torch.randn(weights.shape, generator=rng)
    if re.search(r"emb|wte|wpe|lm_head", field):
        weights.copy_(0.35 * noise)
    elif weights.dim() >= 2:
        weights.copy_(1.6 / weights.shape[-1] ** 0.5 * noise)
    elif "bias" in field or "sink" in field:
        weights.copy_(0.1 * noise)


def tokenizer_of(texts: Sequence[str]) -> Any:
    """A byte-level BPE tokenizer of the questions' own words, which begins a text with ``<s>``."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<pad>", "<s>", "</s>"]
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=alphabet)
    )
    bpe.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def questions() -> list[Any]:
    """Questions with choices of the embedded benchmark, in both languages."""
    from igaku.benchmarks import load_benchmark

    bench = load_benchmark("mini")
    return [q for lang in ("ja", "en") for q in bench.load(lang) if len(q.choices) >= 4]


def asked_of(chosen: Sequence[Any]) -> list[Any]:
    """Requests of 5 to about 500 tokens: orders of one question, examples in front, letters, one very short prompt."""
    from igaku.question import Request

    rng = random.Random(7)
    few = "".join(f"{stem(q)} {q.choices[0]}\n\n" for q in chosen[:3])
    out = []
    for number, q in enumerate(rng.sample(chosen[3:], 4)):
        before = few if number >= 2 else ""
        texts = tuple(f" {c}" for c in q.choices[: 3 if before else None])
        for turn in range(3 if number == 0 else 1):
            order = [(i + turn) % len(q.choices) for i in range(len(q.choices))]
            out.append(Request(kind="likelihood", prompt=before + stem(q, order), continuations=texts))
        letters = tuple("abcde"[: len(q.choices)])
        out.append(Request(kind="letters", prompt=before + stem(q), continuations=letters))
    return [*out, Request(kind="likelihood", prompt="Q:", continuations=(" a", " b c d"))]


def stem(q: Any, order: Sequence[int] = ()) -> str:
    """A question with its choices."""
    shown = order or range(len(q.choices))
    return f"問: {q.stem}\n" + "".join(f"{'abcde'[k]}. {q.choices[i]}\n" for k, i in enumerate(shown)) + "答:"


def plain_logs(model: Any, tokens: Sequence[int]) -> Any:
    """Log-probabilities after each token of a sequence, by one pass."""
    import torch

    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([list(tokens)]), use_cache=False).logits[0, -len(tokens) :]
    return torch.log_softmax(logits.double(), -1)


def truth(model: Any, tokenizer: Any, request: Any) -> list[float]:
    """Log-likelihood of each continuation, tokenized behind its prompt."""
    prompt = tokenizer(request.prompt)["input_ids"]
    out: list[float] = []
    if request.kind == "letters":
        logs = plain_logs(model, prompt)[-1]
        letters = tokenizer(list(request.continuations), add_special_tokens=False)["input_ids"]
        return [float(logs[token]) for (token,) in letters]
    for continuation in request.continuations:
        new = tokenizer(continuation, add_special_tokens=False)["input_ids"]
        logs = plain_logs(model, prompt if len(new) == 1 else [*prompt, *new])
        out.append(float(sum(logs[len(prompt) + k - 1, token] for k, token in enumerate(new))))
    return out


def greedy(model: Any, tokenizer: Any, prompt: str, new: int) -> str:
    """Text written by one pass a token."""
    tokens = list(tokenizer(prompt)["input_ids"])
    start = len(tokens)
    for _ in range(new):
        tokens.append(int(plain_logs(model, tokens)[-1].argmax()))
        if tokens[-1] == tokenizer.eos_token_id:
            break
    return str(tokenizer.decode(tokens[start:], skip_special_tokens=True))


class Sweep:
    """One tokenizer and one list of requests for all architectures."""

    def __init__(self, folder: Path, few: bool = False) -> None:
        chosen = questions()
        self.folder = folder
        self.tokenizer = tokenizer_of([stem(q) for q in chosen])
        asked = asked_of(chosen)
        self.requests = [*asked[1:4], *asked[-3:]] if few else asked

    def result(self, name: str) -> Result:
        """One architecture, built, asked and compared."""
        begin = time.perf_counter()
        try:
            with at_most(LIMIT), redirect_stderr(StringIO()):
                found = self._result(name)
        except TooSlow:
            found = Result(name, "too slow", why=f"more than {LIMIT} s")
        return found._replace(seconds=time.perf_counter() - begin)

    def _result(self, name: str) -> Result:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        path = self.folder / name.replace("+", "-")
        try:
            built = model_of(name)
            built.save_pretrained(path)
            self.tokenizer.save_pretrained(path)
            model = AutoModelForCausalLM.from_pretrained(path).eval()
            tokenizer = AutoTokenizer.from_pretrained(path)  # a class of its own may tokenize otherwise
            if not plain_logs(model, range(3, 40)).isfinite().all():
                return Result(name, "not built", why="NaN in a plain pass")
        except TooSlow:
            raise
        except Exception as error:
            return Result(name, "not built", why=str(error).splitlines()[0][:110])
        try:
            return self._compared(name, path, model, tokenizer)
        except TooSlow:
            raise
        except Exception as error:
            return Result(name, "crashes", why=f"{type(error).__name__}: {str(error)[:110]!r}")
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def _compared(self, name: str, path: Path, model: Any, tokenizer: Any) -> Result:
        from igaku.engines.base import require
        from igaku.engines.hf import Transformers
        from igaku.engines.spec import EngineSpec
        from igaku.errors import IgakuError
        from igaku.question import Request, Sampling

        try:
            engine = Transformers.load(EngineSpec(model=str(path), device="cpu", dtype="float32"))
            require(engine, ["likelihood"])
            answers = dict(engine.answer(self.requests))
        except IgakuError as error:
            return Result(name, "refused", why=str(error)[:120])
        failed = next((a for a in answers.values() if a.finish != "stop"), None)
        if failed:
            return Result(name, "refused", why=failed.error or failed.finish)
        largest = max(
            abs(x - y)
            for i, r in enumerate(self.requests)
            for x, y in zip(answers[i].logprobs, truth(model, tokenizer, r), strict=True)
        )
        prompts = [self.requests[0].prompt, self.requests[-2].prompt, self.requests[-1].prompt]
        sampling = Sampling(max_tokens=6)
        written = dict(engine.answer([Request(kind="text", prompt=p, sampling=sampling) for p in prompts]))
        same = [written[i].text == greedy(model, tokenizer, p, 6) for i, p in enumerate(prompts)]
        tokens = self._tokens(engine, model, tokenizer, prompts[:2])
        scoring, writing = engine.used
        verdict = "right" if max(largest, tokens) <= EXACT and all(same) else "WRONG"
        if verdict == "WRONG" and max(largest, tokens) <= ROUNDED and all(same):
            verdict = "rounding"
        ways = [w for w in ("headed", "packed", "shared", "alone") if w in scoring]
        return Result(
            name, verdict, ", ".join(ways), ", ".join(sorted(writing)), largest, tokens, f"{sum(same)}/{len(same)}"
        )

    def _tokens(self, engine: Any, model: Any, tokenizer: Any, prompts: Sequence[str]) -> float:
        """The largest difference of the log-probability of a text's own token."""
        from igaku.question import Request

        found = dict(engine.answer([Request(kind="tokens", prompt=p) for p in prompts]))
        worst = 0.0
        for i, prompt in enumerate(prompts):
            if found[i].finish == "error":
                continue  # refused in a line of its own
            ids = tokenizer(prompt)["input_ids"]
            logs = plain_logs(model, ids)
            right = [float(logs[k, token]) for k, token in enumerate(ids[1:])]
            worst = max(worst, *(abs(a - b) for a, b in zip(found[i].logprobs, right, strict=True)))
        return worst


def table(results: Sequence[Result], language: str) -> str:
    """Families by what they take, in Markdown."""
    groups: dict[tuple[str, str], list[str]] = {}
    for r in results:
        if r.verdict in ("right", "rounding"):
            groups.setdefault((r.scored, r.written), []).append(r.name)
    head = {"en": "| likelihood and letters | texts | configurations |", "ja": "| 尤度と選択肢の文字 | 文章 | 構成 |"}[
        language
    ]
    order = sorted(groups, key=lambda g: (-len(groups[g]), g))
    rows = [f"| {scored} | {written} | {' '.join(groups[scored, written])} |" for scored, written in order]
    others = [r for r in results if r.verdict not in ("right", "rounding")]
    rows += [
        f"| {v} | | {' '.join(r.name for r in others if r.verdict == v)} |" for v in sorted({r.verdict for r in others})
    ]
    return "\n".join([head, "| --- | --- | --- |", *rows])


def where() -> str:
    """Machine, versions and date."""
    import torch
    import transformers

    cpu = re.search(
        r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    )
    return (
        f"{cpu[1] if cpu else 'unknown processor'}, transformers {transformers.__version__}, "
        f"torch {torch.__version__}, {date.today()}"
    )


def merged(file: Path, results: Sequence[Result]) -> list[Result]:
    """The results of a file with these in their place, in the order of the sweep; they are written back."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    known = {r.name: r for r in (Result(**json.loads(line)) for line in lines)} | {r.name: r for r in results}
    found = [known[name] for name in names() if name in known]
    file.write_text("".join(json.dumps(r._asdict()) + "\n" for r in found), encoding="utf-8")
    return found


def put(page: Path, results: Sequence[Result]) -> None:
    """Write the table between its marks in a page."""
    language = "ja" if ".ja." in page.name else "en"
    begin, end = f"<!-- sweep:{language} -->", "<!-- /sweep -->"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    counts = ", ".join(f"{v} {sum(r.verdict == v for r in results)}" for v in dict.fromkeys(r.verdict for r in results))
    body = f"{begin}\n{table(results, language)}\n\n{len(results)}: {counts}. {where()}\n{end}"
    page.write_text(before + body + after, encoding="utf-8")


def main() -> int:
    """A line a model; 1 where a number is wrong or the engine crashes."""
    import torch
    from transformers.utils import logging

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names that hold this word")
    parser.add_argument("--table", type=Path, nargs="*", default=[], help="pages to write the table into")
    parser.add_argument("--save", type=Path, help="a file of results, a line each, read before and written after")
    given = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(Path(folder))
        for name in [n for n in names() if given.only in n]:
            r = sweep.result(name)
            results.append(r)
            print(
                f"{r.name:28} {r.verdict:9} {r.scored:16} {r.written:18} {r.largest:8.1e} {r.tokens:8.1e} "
                f"{r.texts:4} {r.seconds:5.1f} s {r.why}",
                flush=True,
            )
    if given.save:
        results = merged(given.save, results)
    for page in given.table:
        put(page, results)
    print(table(results, "en"), where(), sep="\n\n")
    return int(any(r.verdict in ("WRONG", "crashes") for r in results))


if __name__ == "__main__":
    sys.exit(main())
