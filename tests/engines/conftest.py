"""Tiny random models of several architectures, so that scoring is tested without weights."""

from pathlib import Path
from typing import Any

import pytest

SHAPE = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 300,
    "max_position_embeddings": 256,
}


def tiny(kind: str) -> Any:
    import torch
    import transformers as t

    torch.manual_seed(1)
    configs = {
        "llama": lambda: t.LlamaConfig(**SHAPE),
        "qwen3": lambda: t.Qwen3Config(**SHAPE, head_dim=8),
        "gemma3": lambda: t.Gemma3TextConfig(
            **SHAPE,
            head_dim=8,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        ),
        "gemma2": lambda: t.Gemma2Config(**SHAPE, head_dim=8, sliding_window=16, final_logit_softcapping=5.0),
        "mistral": lambda: t.MistralConfig(**SHAPE, sliding_window=16),
        "gpt2": lambda: t.GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=300, n_positions=256),
        "mamba": lambda: t.MambaConfig(hidden_size=32, num_hidden_layers=2, vocab_size=300, state_size=4),
        "bloom": lambda: t.BloomConfig(hidden_size=32, n_layer=2, n_head=4, vocab_size=300),
    }
    return t.AutoModelForCausalLM.from_config(configs[kind]()).eval()


def save_tiny(folder: Path) -> None:
    """A tiny Llama with a byte-level tokenizer trained on a few lines, chat template included."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=295, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(
        ["Question: which one? Answer: A Answer: B Answer: C Answer: D Answer: E", "問題：答え：正しいのはどれか。"]
        * 20,
        trainer,
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    fast.chat_template = "<s>{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant] "
    tiny("llama").save_pretrained(folder)
    fast.save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``save_tiny``'s model."""
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny(folder)
    return folder
