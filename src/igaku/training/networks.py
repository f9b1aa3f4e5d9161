"""The model of a recipe: loaded, quantized, with adapters; or built from its sizes alone."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.engines.tokenizer_files import first_line, load_tokenizer
from igaku.errors import IgakuError, missing_extra
from igaku.io.json_values import read_object
from igaku.training.adapters import is_adapter, quantized_by
from igaku.training.config import Base, Config, Method

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
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
}


def load(config: Config) -> tuple[Any, Any]:
    """(network with what is trained marked, tokenizer).

    A base that is an adapter's folder is that adapter's base with the adapter in it, which is trained on.

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
    adapter = model.base if is_adapter(Path(model.base)) else ""
    folder = model_folder(base_of(Path(adapter)) if adapter else model.base)
    for one in (folder, *([adapter] if adapter else [])):
        check_folder(Path(one))
    revision = {"revision": model.revision} if model.revision else {}
    torch.manual_seed(config.train.seed)
    try:
        tokenizer = load_tokenizer(adapter or folder, **revision)
        network = whole(
            AutoModelForCausalLM,
            folder,
            dtype=getattr(torch, model.dtype),
            use_safetensors=True,
            **({"attn_implementation": model.attention} if model.attention else {}),
            **revision,
            **_quantized(model, Path(folder)),
        )
    except IgakuError:
        raise
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{model.base}: transformers cannot load it ({first_line(error)})") from None
    return adapted(network, config, adapter), tokenizer


def adapted(network: Any, config: Config, adapter: str = "") -> Any:
    """The network with adapters put in, or with every weight to be trained.

    Args:
        adapter: the folder of one that is trained on, instead of a new one.
    """
    import torch

    network.config.use_cache = False
    if config.train.recompute:
        network.gradient_checkpointing_enable({"use_reentrant": False})
    if config.method.kind == "full":
        if config.model.quantize:
            raise IgakuError("weights in 4 bits cannot be trained themselves; use method.kind lora")
        if adapter:
            raise IgakuError(f"{adapter}: an adapter; merge it into its base before all weights are trained")
        return network.to(getattr(torch, config.train.hold)).train()
    for p in network.parameters():
        p.requires_grad_(False)
    if config.train.recompute:
        network.enable_input_require_grads()
    torch.manual_seed(config.train.seed)
    try:
        network = _continued(network, adapter) if adapter else _with_adapters(network, config.method)
    except ValueError as error:
        raise IgakuError(f"method.targets {config.method.targets!r}: {first_line(error)}") from None
    for p in network.parameters():
        if p.requires_grad:
            p.data = p.data.to(getattr(torch, config.train.hold))
    return network.train()


def _continued(network: Any, adapter: str) -> Any:
    """The network with an adapter that is trained on."""
    from peft import PeftModel

    return PeftModel.from_pretrained(network, adapter, is_trainable=True)


def base_of(adapter: Path) -> str:
    """What an adapter was put into.

    Raises:
        IgakuError: its file does not say.
    """
    settings = read_object(adapter / "adapter_config.json")
    base = settings.get("base_model_name_or_path")
    if not isinstance(base, str) or not base:
        raise IgakuError(f"{adapter}: adapter_config.json does not say which model it is of")
    return base


def experts_note(network: Any, method: Method) -> list[str]:
    """A line where a mixture's experts get no adapter, as they are no linear layers."""
    experts = sorted(
        {n.rsplit("layers.", 1)[-1].partition(".")[2] for n, p in network.named_parameters() if p.dim() == 3}
    )
    experts = [e for e in experts if "lora" not in e and e]
    if method.kind != "lora" or method.parameters or not experts:
        return []
    return [
        "the experts get no adapter, as they are no linear layers; to train them too: "
        f"--set method.parameters=[{', '.join(experts)}]"
    ]


def local_rank() -> int:
    """The number of this process on its machine, which is its GPU's."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def _quantized(model: Base, folder: Path) -> dict[str, Any]:
    """How weights are loaded in 4 bits, each process on its own GPU; or made 16 bits of MXFP4, which cannot be trained
    with.
    """
    import torch

    if model.quantize:
        placed = {"device_map": {"": local_rank()}} if torch.cuda.is_available() else {}
        return {"quantization_config": _nf4(model.dtype), **placed}
    if quantized_by(folder) == "mxfp4":
        from transformers.utils.quantization_config import Mxfp4Config

        return {"quantization_config": Mxfp4Config(dequantize=True)}
    return {}


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
    is_mixed = "global_head_dim" in config.model.architecture  # layers of two kinds, of which a toy has one
    sizes: Any = _architecture(config, **({"per_layer_config": {}, "attention_k_eq_v": False} if is_mixed else {}))
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

    has_excluded = bool(m.exclude) and any(re.fullmatch(m.exclude, name) for name, _ in network.named_modules())
    settings = LoraConfig(
        r=m.r,
        lora_alpha=m.alpha,
        lora_dropout=m.dropout,
        target_modules=m.targets,
        target_parameters=m.parameters or None,
        exclude_modules=m.exclude if has_excluded else None,
        modules_to_save=m.whole or None,
        use_dora=m.dora,
        use_rslora=m.rslora,
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(network, settings)


def _architecture(config: Config, **more: object) -> "PretrainedConfig":
    from transformers import AutoConfig

    given: dict[str, Any] = {**config.model.architecture, **more}
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
