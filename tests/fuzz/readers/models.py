"""Folders of models: safetensors, configuration, tokenizer, adapter, GGUF; ECG models as trees and networks."""

import json
from pathlib import Path

from ...engines.conftest import save_tiny
from ..reader import Reader

NEEDS = ("hf", "embedded", "ecg", "train")


def make(folder: Path) -> None:
    """A tiny Llama, an adapter of it, and the same model as GGUF."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    save_tiny(folder / "m")
    model = AutoModelForCausalLM.from_pretrained(folder / "m")
    get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"])).save_pretrained(folder / "a")
    config = json.loads((folder / "a" / "adapter_config.json").read_text())
    (folder / "a" / "adapter_config.json").write_text(json.dumps({**config, "base_model_name_or_path": "m"}))
    _gguf(folder / "m.gguf", folder / "m")


def _gguf(path: Path, model: Path) -> None:
    """The tiny Llama as llama.cpp wants it."""
    import gguf
    from safetensors.numpy import load_file

    config, tokens = (
        json.loads((model / "config.json").read_text()),
        json.loads((model / "tokenizer.json").read_text())["model"],
    )
    writer = gguf.GGUFWriter(path, "llama")
    for name, key in {"context_length": "max_position_embeddings", "embedding_length": "hidden_size"}.items():
        getattr(writer, f"add_{name}")(config[key])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    known = sorted(tokens["vocab"], key=tokens["vocab"].get)
    known += [f"<unused{n}>" for n in range(config["vocab_size"] - len(known))]
    writer.add_token_list(known)
    writer.add_token_types([3 if t.startswith("<") and t.endswith(">") else 1 for t in known])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tokens["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    for name, value in load_file(model / "model.safetensors").items():
        writer.add_tensor(names.get_name(name, (".weight",)), value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_ecg(folder: Path) -> None:
    """A boosted tree and a small network fitted to made-up ECGs, and one ECG to predict."""
    import numpy as np

    from igaku.cardiology.ecg import synthetic
    from igaku.cardiology.ecg.config import Config, Finetune, Network
    from igaku.cardiology.ecg.fit_label import fit
    from igaku.cardiology.ecg.signal import Contract

    small = Network(size="tiny", patch=100, pos_embed="split", decoder=(32, 1, 4))
    config = Config(contract=Contract(rate=100), network=small, finetune=Finetune(epochs=1, batch=16))
    cohort = synthetic.cohort(80, seed=1)
    store = synthetic.store(cohort, config.contract, folder / "store")
    fit(store, config, "age", folder / "tree", kind="tree")
    fit(store, config, "lvef<50", folder / "net", kind="vit")
    np.save(folder / "x.npy", cohort.records[0].signal)


WAYS = "--bench mini --lang en --limit 1 --out o"
HF = (
    f"eval --model m {WAYS} --method letter-logprob",
    f"eval --model m {WAYS} --method letter --max-tokens 2",
    "merge m a --out o",
)
TREE, NET = ("ecg predict x.npy --rate 500 --model tree",), ("ecg predict x.npy --rate 500 --model net",)
WARM = ("torch", "transformers", "peft", "accelerate", "igaku.engines.hf", "igaku.engines.scoring")
ECG = ("torch", "scipy.signal", "lightgbm", "igaku.cardiology.ecg.predict")


def _model(name: str, file: str, kind: str, commands: tuple[str, ...] = HF[:2], share: float = 1.0) -> Reader:
    return Reader(name, make, file, kind, commands, (0, 2), True, WARM, share)


def _ecg(name: str, file: str, kind: str, commands: tuple[str, ...]) -> Reader:
    return Reader(name, make_ecg, file, kind, commands, (0, 2), False, ECG)


READERS = [
    _model("model.safetensors", "m/model.safetensors", "safetensors", HF[:1], 1.5),
    _model("config.json", "m/config.json", "json"),
    _model("tokenizer.json", "m/tokenizer.json", "json"),
    _model("tokenizer_config.json", "m/tokenizer_config.json", "json"),
    _model("generation_config.json", "m/generation_config.json", "json"),
    _model(
        "adapter_config.json",
        "a/adapter_config.json",
        "json",
        (f"eval --model m --adapter a {WAYS} --method letter-logprob", HF[2]),
    ),
    _model(
        "adapter_model.safetensors",
        "a/adapter_model.safetensors",
        "safetensors",
        (f"eval --model m --adapter a {WAYS} --method letter-logprob", HF[2]),
    ),
    _model(".gguf", "m.gguf", "gguf", (f"eval --model m.gguf {WAYS} --method letter-logprob",), 1.5),
    _ecg("ECG tree .txt", "tree/tree-0.txt", "text", TREE),
    _ecg("ECG tree's ecg.json", "tree/ecg.json", "json", TREE),
    _ecg("ECG network's weights", "net/head.safetensors", "safetensors", NET),
    _ecg("ECG network's ecg.json", "net/ecg.json", "json", NET),
]
