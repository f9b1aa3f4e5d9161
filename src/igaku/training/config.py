"""A recipe's numbers: one YAML file a recipe, checked when read; every number in the shipped ones says where it comes from.

``# read``: in the paper or an author's card; ``# inferred``: follows from what was read; ``# ours``: our default where nothing was found.
"""

from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct, field

from igaku import configs
from igaku.errors import IgakuError, UnknownNameError


class Base(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The model that is adapted."""

    base: str
    """A folder, an embedded model's name, or a hub id."""
    revision: str = ""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Of the frozen weights; what is trained stays in float32."""
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
    """Of the preference objectives."""
    nll: float = 1.0
    """Weight of the chosen answer's own likelihood in ``rpo``."""


class Data(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What it learns from, and in which form."""

    path: str = ""
    """A mix of ``igaku corpus``; may come from the command line."""
    form: Literal["text", "instruction", "preference"] = "instruction"
    """``text``: every token is learnt; ``instruction``: of rows with ``instruction`` and ``output`` the output only; ``preference``: with ``prompt``, ``chosen``, ``rejected``."""
    template: Literal["plain", "chat"] = "plain"
    block: int = 512
    """Tokens of a sequence."""
    pack: bool = True
    """Several documents a sequence, none of which sees another."""


class Train(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How it learns."""

    lr: float = 1e-4
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    warmup: float = 0.03
    """Share of the steps."""
    epochs: float = 1.0
    steps: int | None = None
    """Instead of epochs."""
    batch: int = 8
    """Sequences an update, over all processes."""
    micro: int = 1
    """Sequences at a time on each."""
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    seed: int = 0
    save_every: int = 100
    """Updates between checkpoints."""
    recompute: bool = False
    """Gradient checkpointing: less memory, a third more time."""
    spike: float = 3.0
    """Stop where the loss is so many times the mean of the last fifty; 0 never stops."""
    logs: list[Literal["tensorboard", "wandb"]] = field(default_factory=list)


class Config(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One training run."""

    model: Base
    about: str = ""
    method: Method = field(default_factory=Method)
    data: Data = field(default_factory=Data)
    train: Train = field(default_factory=Train)


def config_names() -> list[str]:
    """The shipped recipes."""
    return configs.builtin_names(__package__, "configs")


def config_text(name: str) -> str:
    """A shipped recipe, or a file of your own, as it is written.

    Raises:
        UnknownNameError: no such recipe, with the nearest ones.
    """
    return configs.config_text("recipe", name, __package__, "configs")


def load_config(name: str, changes: list[str] | None = None, **given: str) -> Config:
    """A recipe with changes as ``lr=1e-4`` or ``train.lr=1e-4``.

    Raises:
        IgakuError: a field or value that does not exist; the line says which.
    """
    raw = _yaml(config_text(name), name)
    if not isinstance(raw, dict):
        raise IgakuError(f"{name}: no recipe in it")
    for change in changes or ():
        key, equals, value = change.partition("=")
        if not equals:
            raise IgakuError(f"--set {change}: write NAME=VALUE")
        where, leaf = _place(key.strip())
        raw[where] = {**(raw.get(where) or {}), leaf: _number(_yaml(value, f"--set {change}"))}
    for key, value in given.items():
        where, leaf = _place(key)
        raw[where] = {**(raw.get(where) or {}), leaf: value}
    try:
        made = msgspec.convert(_numbers(raw), Config)
    except msgspec.ValidationError as error:
        raise IgakuError(f"recipe {name}: {error}") from None
    if wrong := fault(made):
        raise IgakuError(f"recipe {name}: {wrong}")
    return made


def fault(c: Config) -> str:
    """What does not fit together in a recipe; empty where all does."""
    for name, value in (
        ("batch", c.train.batch),
        ("micro", c.train.micro),
        ("save_every", c.train.save_every),
        ("block", c.data.block),
        ("r", c.method.r),
        ("lr", c.train.lr),
        ("steps", c.train.steps or 1),
    ):
        if value <= 0:
            return f"{name} is {value}; it must be more than 0"
    if (c.method.objective != "next-token") != (c.data.form == "preference"):
        return f"objective {c.method.objective} does not go with data.form {c.data.form}: dpo and rpo learn from preferences, and only they do"
    return ""


def _yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise IgakuError(f"{where}: not YAML ({' '.join(str(error).split())[:160]})") from None


PARTS: dict[str, type[Struct]] = {"model": Base, "method": Method, "data": Data, "train": Train}


def _place(key: str) -> tuple[str, str]:
    where, dot, leaf = key.partition(".")
    if dot and where in PARTS and leaf in PARTS[where].__struct_fields__:
        return where, leaf
    owners = [w for w, part in PARTS.items() if key in part.__struct_fields__]
    if len(owners) != 1:
        raise UnknownNameError("setting", key, [f for part in PARTS.values() for f in part.__struct_fields__])
    return owners[0], key


def _numbers(value: Any) -> Any:
    return {k: _numbers(v) for k, v in value.items()} if isinstance(value, dict) else _number(value)


def _number(value: Any) -> Any:
    """YAML reads 1e-4 as text."""
    try:
        return float(value) if isinstance(value, str) and "e" in value.lower() and value[:1].isdigit() else value
    except ValueError:
        return value
