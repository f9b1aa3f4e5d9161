"""The model of a recipe: loaded, quantized, with adapters; or built from its sizes alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.engines.tokenizer_files import first_line, load_tokenizer
from igaku.errors import IgakuError, missing_extra
from igaku.training.config import Config, Method

if TYPE_CHECKING:
    from torch import nn
    from transformers import PretrainedConfig

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
        IgakuError: the base cannot be loaded, or its packages are not installed.
    """
    try:
        import torch
        from transformers import AutoModelForCausalLM
    except ImportError:
        raise missing_extra("torch", "hf") from None
    from igaku.engines.hf import model_folder
    from igaku.engines.hf_weights import whole
    from igaku.engines.model_files import check_folder

    model = config.model
    folder = model_folder(model.base)
    check_folder(Path(folder))
    revision = {"revision": model.revision} if model.revision else {}
    quantized = {"quantization_config": _nf4(model.dtype)} if model.quantize else {}
    torch.manual_seed(config.train.seed)
    try:
        tokenizer = load_tokenizer(folder, **revision)
        network = whole(
            AutoModelForCausalLM,
            folder,
            dtype=getattr(torch, model.dtype),
            use_safetensors=True,
            **revision,
            **quantized,
        )
    except IgakuError:
        raise
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{model.base}: transformers cannot load it ({first_line(error)})") from None
    return adapted(network, config), tokenizer


def adapted(network: Any, config: Config) -> Any:
    """The network with adapters put in, or with every weight to be trained."""
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
        raise IgakuError(f"method.targets {config.method.targets!r}: {first_line(error)}") from None
    for p in network.parameters():
        if p.requires_grad:
            p.data = p.data.float()
    return network.train()


def on_meta(config: Config) -> "nn.Module":
    """The recipe's model at full size without memory (meta device), adapters included.

    For counting parameters, and to see that it can be built.
    """
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        network: nn.Module = AutoModelForCausalLM.from_config(_architecture(config))  # type: ignore[no-untyped-call]
        return _with_adapters(network, config.method) if config.method.kind == "lora" else network


def toy(config: Config, folder: Path, vocabulary: int) -> Path:
    """A random model of the recipe's kind, small, saved where ``load`` finds it."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    sizes: Any = _architecture(config)
    for name, value in TOY.items():
        if hasattr(sizes, name):
            setattr(sizes, name, value)
    sizes.vocab_size = vocabulary
    if getattr(sizes, "layer_types", None):
        sizes.layer_types = sizes.layer_types[: TOY["num_hidden_layers"]]
    AutoModelForCausalLM.from_config(sizes).save_pretrained(folder)  # type: ignore[no-untyped-call]
    return folder


def trainable(network: "nn.Module") -> "dict[str, nn.Parameter]":
    """Name -> parameter of what is trained; tied weights come once."""
    return {n: p for n, p in network.named_parameters() if p.requires_grad}


def _with_adapters(network: Any, m: Method) -> Any:
    from peft import LoraConfig, get_peft_model

    settings = LoraConfig(
        r=m.r, lora_alpha=m.alpha, lora_dropout=m.dropout, target_modules=m.targets, bias="none", task_type="CAUSAL_LM"
    )
    return get_peft_model(network, settings)


def _architecture(config: Config) -> "PretrainedConfig":
    from transformers import AutoConfig

    given = dict(config.model.architecture)
    if not given:
        raise IgakuError(
            f"{config.model.base}: the recipe has no model.architecture, so it cannot be built without its weights"
        )
    return AutoConfig.for_model(given.pop("model_type"), **given)


def _nf4(dtype: str) -> object:
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )
