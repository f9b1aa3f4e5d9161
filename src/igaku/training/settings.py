"""A recipe's numbers as trl takes them; what a machine does not have is refused."""

import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError
from igaku.training.config import PREFERENCES, Config

OPTIMIZERS = {
    "adamw": "adamw_torch",
    "adamw-8bit": "adamw_8bit",
    "paged-adamw-8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
}


def missing(config: Config) -> str:
    """What a recipe wants and this machine does not have; empty for nothing."""
    import torch

    t, on_gpu = config.train, torch.cuda.is_available()
    attention = config.model.attention
    if attention.startswith("flash") and not (on_gpu and find_spec("flash_attn")):
        return f"model.attention is {attention}, which needs a GPU and flash-attn; use sdpa"
    if t.optimizer.endswith("8bit") and not find_spec("bitsandbytes"):
        return f"train.optimizer is {t.optimizer}, which needs bitsandbytes: pip install -e '.[quantize]'"
    if name := next((n for n in t.logs if not find_spec(n)), ""):
        return f"train.logs has {name}, which is not installed: pip install {name}, or leave it out"
    if t.optimizer.startswith("paged") and not on_gpu:
        return f"train.optimizer is {t.optimizer}, which needs a GPU; use adamw-8bit or adamw"
    if t.liger and not (on_gpu and find_spec("liger_kernel")):
        return "train.liger needs a GPU and liger-kernel (pip install liger-kernel); set it to false"
    if t.shard and not on_gpu:
        return "train.shard needs GPUs: accelerate shards nothing over processors; set it to false"
    if t.shard and config.model.quantize:
        return "train.shard is for weights in 16 or 32 bits; with model.quantize each GPU holds all of them"
    return ""


def arguments(config: Config, out: Path, steps: int, micro: int, passes: int) -> Any:
    """``SFTConfig``, or ``DPOConfig`` for preferences; arguments and errors as of ``shared``."""
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.sft_config import SFTConfig

    m = config.method
    common = shared(config, out, steps, micro, passes) | {"save_strategy": "no", "max_length": None}
    if m.objective not in PREFERENCES:
        return one_gpu(SFTConfig(**common, dataset_kwargs={"skip_prepare_dataset": True}, shuffle_dataset=False))
    losses = {"sigmoid": 1.0} | ({"sft": m.nll} if m.objective == "rpo" else {})
    names: dict[str, Any] = {"loss_type": list(losses), "loss_weights": list(losses.values())}
    return one_gpu(DPOConfig(**common, **names, beta=m.beta, disable_dropout=False))


def shared(config: Config, out: Path, steps: int, micro: int, passes: int) -> dict[str, Any]:
    """What every trainer of trl is given.

    Args:
        out: trl's own folder, for checkpoints.
        micro: items of one pass in each process.
        passes: of an update.

    Raises:
        IgakuError: this machine cannot do what the recipe wants.
    """
    import torch

    if problem := missing(config):
        raise IgakuError(problem)
    t = config.train
    return {
        "output_dir": str(out),
        "max_steps": steps,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": passes,
        "learning_rate": t.lr,
        "optim": OPTIMIZERS[t.optimizer],
        "weight_decay": t.weight_decay,
        "adam_beta1": t.betas[0],
        "adam_beta2": t.betas[1],
        "max_grad_norm": t.clip or math.inf,
        "seed": t.seed,
        "bf16": config.model.dtype == "bfloat16" and t.hold == "float32",  # autocast
        "use_cpu": not torch.cuda.is_available(),
        "activation_checkpointing": t.recompute,
        "activation_checkpointing_kwargs": {"use_reentrant": False},
        "use_liger_kernel": t.liger,
        "fsdp": t.shard or None,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": [n for n in t.logs if n != "tensorboard"],
        "disable_tqdm": True,
        "remove_unused_columns": False,
    }


def one_gpu(settings: Any) -> Any:
    """The settings for one process on one GPU, however many there are."""
    settings._n_gpu = min(settings.n_gpu, 1)
    return settings
