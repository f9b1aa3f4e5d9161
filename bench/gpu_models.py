"""What ``bench/gpu.py`` measures on: models of random weights in known shapes, a small tokenizer, questions."""

import random
from pathlib import Path
from typing import Any, NamedTuple

from igaku.benchmarks import load_benchmark
from igaku.engines.tree import Scored
from igaku.question import Request
from igaku.training.networks import TOY

CHOICES = ("A", "B", "C", "D", "E")


class Shape(NamedTuple):
    """A model's shape: its class in transformers, and the fields of its configuration."""

    name: str
    kind: str
    fields: dict[str, Any]


QWEN_4B = Shape(
    "4B (Qwen3)",
    "Qwen3Config",
    {
        "hidden_size": 2560,
        "intermediate_size": 9728,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151_936,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
    },
)
GEMMA_1B = Shape(
    "1B (Gemma 3, 262k words)",
    "Gemma3TextConfig",
    {
        "hidden_size": 1152,
        "intermediate_size": 6912,
        "num_hidden_layers": 26,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "vocab_size": 262_144,
        "max_position_embeddings": 4096,
        "sliding_window": 512,
    },
)
SMALL: dict[str, Any] = {**TOY, "vocab_size": 2000, "max_position_embeddings": 2048}


def tiny(shape: Shape) -> Shape:
    """The same architecture, small enough for any processor."""
    own = {"sliding_window": 64} if "sliding_window" in shape.fields else {}
    return Shape(f"tiny {shape.name.partition('(')[2].rstrip(')')}", shape.kind, {**SMALL, **own})


def make(shape: Shape, folder: Path, dtype: Any, device: str) -> int:
    """Write a model of random weights and its tokenizer into a folder; the parameters of its layers."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = getattr(transformers, shape.kind)(**shape.fields, pad_token_id=0, bos_token_id=1, eos_token_id=2)
    with torch.device(device):
        model: Any = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype)
    words = {id(e.weight) for e in (model.get_input_embeddings(), model.get_output_embeddings())}
    body = sum(p.numel() for p in model.parameters() if id(p) not in words)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return int(body)


def tokenizer() -> Any:
    """Byte-level BPE with at most 2,000 words, learnt from the questions inside the package."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=["<pad>", "<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    bpe.train_from_iterator(_texts(), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def _texts() -> list[str]:
    bench = load_benchmark("mini")
    return [" ".join([q.stem, *q.choices]) for lang in ("ja", "en") for q in bench.load(lang)]


def requests(n: int, tokens: int, shots: int) -> list[Request]:
    """Questions of about ``tokens`` tokens with five choices, ``shots`` examples of such in front of each."""
    rng, encoder, texts = random.Random(0), tokenizer(), _texts()

    def text(size: int) -> str:
        """Sentences of the package's questions in random order, cut at a number of tokens."""
        ids: list[int] = []
        while len(ids) < size:
            ids += encoder(rng.choice(texts), add_special_tokens=False)["input_ids"]
        return str(encoder.decode(ids[:size]))

    def question() -> tuple[str, tuple[str, ...]]:
        choices = tuple(f" {c}. {text(6)}" for c in CHOICES)
        return f"Question: {text(tokens - 45)}\n{''.join(choices)}\nAnswer:", choices

    examples = [question() for _ in range(shots)]
    head = "".join(f"{prompt}{rng.choice(choices)}\n\n" for prompt, choices in examples)
    return [
        Request(kind="likelihood", prompt=head + prompt, continuations=choices)
        for prompt, choices in (question() for _ in range(n))
    ]


def plain(model: Any, questions: list[list[Scored]], batch: int) -> dict[tuple[int, int], float]:
    """What a loop of one's own does: each choice with its whole prompt, padded, in batches of neighbouring length."""
    import torch

    flat = [(i, k, s) for i, q in enumerate(questions) for k, s in enumerate(q)]
    flat.sort(key=lambda x: -len(x[2].tokens))
    found: dict[tuple[int, int], float] = {}
    for at in range(0, len(flat), batch):
        some = flat[at : at + batch]
        longest = len(some[0][2].tokens)
        ids = torch.tensor([[*s.tokens, *[0] * (longest - len(s.tokens))] for _, _, s in some], device=model.device)
        seen = (torch.arange(longest)[None] < torch.tensor([[len(s.tokens)] for _, _, s in some])).to(model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=seen.long(), use_cache=False).logits
        for row, (i, k, s) in enumerate(some):
            logs = torch.log_softmax(logits[row, s.start - 1 : len(s.tokens) - 1].float(), -1)
            found[i, k] = float(logs.gather(1, ids[row, s.start : len(s.tokens), None]).sum())
    return found
