"""A recipe's numbers: one YAML file a recipe, checked when read; every built-in number says where it comes from.

``# read``: in the paper or an author's card; ``# inferred``: follows from what was read; ``# ours``: our default where
nothing was found.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct, field

from igaku import configs
from igaku.errors import IgakuError


class Base(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The model that is adapted."""

    base: str
    """A folder, an embedded model's name, or a hub id."""
    revision: str = ""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Of the frozen weights; what is trained is float32."""
    quantize: Literal["", "nf4"] = ""
    """``nf4``: 4 bits with double quantization by bitsandbytes (QLoRA)."""
    architecture: dict[str, Any] = field(default_factory=dict)
    """``model_type`` and sizes, so that the recipe can be built (empty, or small) without its weights."""


class Method(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is trained, on what kind of data."""

    kind: Literal["lora", "full"] = "lora"
    r: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: str | list[str] = "all-linear"
    """Names of linear layers, or ``all-linear`` for all but the head."""
    objective: Literal["next-token", "dpo", "rpo"] = "next-token"
    beta: float = 0.1
    """Strength of the preference objectives."""
    nll: float = 1.0
    """Weight of the chosen answer's own likelihood in ``rpo``."""


class Data(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the model learns from, and in which form."""

    path: str = ""
    """A mix of ``igaku corpus``; may come from the command line."""
    form: Literal["text", "instruction", "preference"] = "instruction"
    """``text``: every token is learnt; ``instruction``: of rows with ``instruction`` and ``output`` the output only;
    ``preference``: rows with ``prompt``, ``chosen``, ``rejected``."""
    template: Literal["plain", "chat"] = "plain"
    block: int = 512
    """Tokens of a sequence."""
    pack: bool = True
    """Several documents a sequence, none of which sees another."""


class Train(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How the model learns."""

    lr: float = 1e-4
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    warmup: float = 0.03
    """Share of the updates in which the learning rate rises."""
    epochs: float = 1.0
    steps: int | None = None
    """Updates, instead of epochs."""
    batch: int = 8
    """Sequences an update, over all processes."""
    micro: int = 1
    """Sequences at a time in each process."""
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    seed: int = 0
    save_every: int = 100
    """Updates between checkpoints, at most; short runs and slow updates save more often (``igaku.training.loop``).
    0: only at the end."""
    recompute: bool = False
    """Gradient checkpointing: less memory, a third more time."""
    spike: float = 3.0
    """Stop where the loss is more than this times the mean of the last fifty; 0 never stops."""
    logs: list[Literal["tensorboard", "wandb"]] = field(default_factory=list)


class Config(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One training run."""

    model: Base
    about: str = ""
    method: Method = field(default_factory=Method)
    data: Data = field(default_factory=Data)
    train: Train = field(default_factory=Train)


def config_names() -> list[str]:
    """The built-in recipes."""
    return configs.builtin_names(__package__, "configs")


def config_text(name: str) -> str:
    """A built-in recipe, or a file of the user's own, as it is written.

    Raises:
        UnknownNameError: no such recipe, with the nearest ones.
    """
    return configs.config_text("recipe", name, __package__, "configs")


def load_config(name: str, changes: Sequence[str] = (), *, data: str = "", base: str = "") -> Config:
    """A recipe with changes as ``lr=1e-4`` or ``train.lr=1e-4``.

    Args:
        data: instead of the recipe's ``data.path``.
        base: instead of its ``model.base``.

    Raises:
        IgakuError: a field or value that does not exist; the line says which.
    """
    given = {"data.path": data, "model.base": base}
    quoted = [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in given.items() if value]
    config = configs.load("recipe", name, Config, __package__, "configs", [*changes, *quoted])
    if problem := fault(config):
        raise IgakuError(f"recipe {name}: {problem}")
    return config


def fault(c: Config) -> str:
    """What does not fit together in a recipe; empty where all does."""
    t = c.train
    positive = {"batch": t.batch, "micro": t.micro, "lr": t.lr, "steps": 1 if t.steps is None else t.steps}
    positive |= {"block": c.data.block, "r": c.method.r}
    for name, value in positive.items():
        if value <= 0:
            return f"{name} is {value}; it must be more than 0"
    if t.save_every < 0:
        return f"save_every is {t.save_every}; it must be 0 or more"
    if (c.method.objective != "next-token") != (c.data.form == "preference"):
        return (
            f"objective {c.method.objective} does not fit data.form {c.data.form}: "
            "dpo and rpo learn from preferences, and only they do"
        )
    return ""
