"""The model of a recipe: loaded, quantized, with adapters; or built from its sizes alone, empty or small."""

from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, missing_extra
from igaku.training.config import Config, Method

TOY = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
}


def load(config: Config) -> tuple[Any, Any]:
    """(network with what is trained marked, tokenizer).

    Raises:
        IgakuError: the base cannot be loaded, or its packages are not here.
    """
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise missing_extra("torch", "hf") from None
    from igaku.engines.hf import model_folder

    model = config.model
    folder = model_folder(model.base)
    more: dict[str, Any] = {"revision": model.revision} if model.revision else {}
    if model.quantize:
        more["quantization_config"] = _nf4(model.dtype)
    torch.manual_seed(config.train.seed)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **({"revision": model.revision} if model.revision else {}))
        network = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, model.dtype), use_safetensors=True, **more
        )
    except (OSError, ValueError) as error:
        raise IgakuError(f"{model.base}: transformers cannot load it ({str(error).splitlines()[0][:200]})") from None
    return adapted(network, config), tokenizer


def adapted(network: Any, config: Config) -> Any:
    """Adapters put in, or every weight set free."""
    import torch

    network.config.use_cache = False
    if config.train.recompute:
        network.gradient_checkpointing_enable({"use_reentrant": False})
    if config.method.kind == "full":
        if config.model.quantize:
            raise IgakuError("weights in 4 bits cannot be trained themselves; use method.kind lora")
        return network.float().train()
    for p in network.parameters():
        p.requires_grad_(False)
    if config.train.recompute:
        network.enable_input_require_grads()
    torch.manual_seed(config.train.seed)
    try:
        network = _with_adapters(network, config.method)
    except ValueError as error:
        raise IgakuError(f"method.targets {config.method.targets!r}: {str(error).splitlines()[0][:200]}") from None
    for p in network.parameters():
        if p.requires_grad:
            p.data = p.data.float()
    return network.train()


def empty(config: Config) -> Any:
    """The recipe's model at full size without memory (meta device), adapters included: for counting, and to see that it can be built."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(_architecture(config))
        return _with_adapters(network, config.method) if config.method.kind == "lora" else network


def toy(config: Config, folder: Path, vocabulary: int) -> Path:
    """A random model of the recipe's kind, small, saved where ``load`` finds it."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    made = _architecture(config)
    for name, value in TOY.items():
        if hasattr(made, name):
            setattr(made, name, value)
    made.vocab_size = vocabulary
    if getattr(made, "layer_types", None):
        made.layer_types = made.layer_types[: TOY["num_hidden_layers"]]
    AutoModelForCausalLM.from_config(made).save_pretrained(folder)
    return folder


def trainable(network: Any) -> dict[str, Any]:
    """Name -> parameter of what is trained; weights that are one (tied) come once."""
    return {n: p for n, p in network.named_parameters() if p.requires_grad}


def _with_adapters(network: Any, m: Method) -> Any:
    from peft import LoraConfig, get_peft_model

    settings = LoraConfig(
        r=m.r, lora_alpha=m.alpha, lora_dropout=m.dropout, target_modules=m.targets, bias="none", task_type="CAUSAL_LM"
    )
    return get_peft_model(network, settings)


def _architecture(config: Config) -> Any:
    from transformers import AutoConfig

    given = dict(config.model.architecture)
    if not given:
        raise IgakuError(
            f"{config.model.base}: the recipe has no model.architecture, so it cannot be built without its weights"
        )
    return AutoConfig.for_model(given.pop("model_type"), **given)


def _nf4(dtype: str) -> Any:
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )
