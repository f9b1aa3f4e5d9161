"""A recipe's numbers: one YAML file a recipe, checked when read; every built-in number says where it comes from.

``# read``: in the paper or an author's card; ``# second-hand``: somebody else says so of the paper; ``# inferred``:
follows from what was read; ``# ours``: our default where nothing was found.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct, field

from igaku import configs
from igaku.errors import IgakuError

PREFERENCES = ("dpo", "rpo")
"""Objectives that learn from pairs of answers."""
TOWERS = r".*(vision|visual|audio|multi_modal_projector|mm_projector).*"


class Base(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The model that is adapted."""

    base: str
    """A folder, an embedded model's name, or a hub id."""
    revision: str = ""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Of the frozen weights, and of the computation; what is trained is ``train.hold``."""
    quantize: Literal["", "nf4"] = ""
    """``nf4``: 4 bits with double quantization by bitsandbytes (QLoRA)."""
    attention: Literal["", "eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention"] = ""
    """Of transformers' kernels; empty: its own choice."""
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
    parameters: list[str] = field(default_factory=list)
    """Weights that are no layers of their own, as the experts of a mixture: ``mlp.experts.gate_up_proj``."""
    exclude: str = TOWERS
    """A regular expression over names of layers that get no adapter: towers for pictures and sound, which text does
    not train."""
    whole: list[str] = field(default_factory=list)
    """Names of layers that are trained whole beside the adapters, as ``lm_head`` (peft's modules_to_save)."""
    dora: bool = False
    """Size and direction of each weight trained apart (Liu et al. 2024)."""
    rslora: bool = False
    """Adapters scaled by alpha / sqrt(r) (Kalajdzievski 2023)."""
    objective: Literal["next-token", "dpo", "rpo", "grpo"] = "next-token"
    beta: float = 0.1
    """Strength of the preference objectives."""
    nll: float = 1.0
    """Weight of the chosen answer's own likelihood in ``rpo``."""


class Data(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the model learns from, and in which form."""

    path: str = ""
    """A mix of ``igaku corpus``; may come from the command line."""
    form: Literal["text", "instruction", "preference", "questions"] = "instruction"
    """``text``: every token is learnt; ``instruction``: of rows with ``instruction`` and ``output`` the output only;
    of rows with ``messages`` the assistant's turns; ``preference``: rows with ``prompt``, ``chosen``, ``rejected``;
    ``questions``: ``path`` is a part of a benchmark that is open for training (``yakugakuqa:2012-2020``), or a file of
    questions of one's own."""
    template: Literal["plain", "chat"] = "plain"
    thinking: Literal["keep", "drop", "off"] | bool = "keep"
    """Of answers with thoughts (``reasoning_content``, or ``<think>``): ``keep``: they are learnt; ``drop``: they are
    left out; ``off``: left out, and the template is given ``enable_thinking`` false, as by ``igaku eval --thinking
    off``."""
    block: int = 512
    """Tokens of a sequence."""
    long: Literal["drop", "cut"] = "drop"
    """What is done with conversations that are longer than a sequence; texts are cut in pieces."""
    pack: bool = True
    """Several documents a sequence, none of which sees another."""

    def __post_init__(self) -> None:
        """YAML reads ``off`` as false."""
        if isinstance(self.thinking, bool):
            self.thinking = "keep" if self.thinking else "off"


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
    """Sequences at a time in each process, at most."""
    optimizer: Literal["adamw", "adamw-8bit", "paged-adamw-8bit", "adafactor"] = "adamw"
    """8 bits: by bitsandbytes, 2 bytes a weight instead of 8; paged: moved to the host where the GPU is full."""
    hold: Literal["float32", "bfloat16"] = "float32"
    """Precision of what is trained. ``bfloat16``: half the memory, but a change under 1/256 of a weight is lost."""
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    seed: int = 0
    save_every: int = 100
    """Updates between checkpoints, at most; short runs and slow updates save more often (``igaku.training.updates``).
    0: only at the end."""
    recompute: bool = False
    """Gradient checkpointing: less memory, a third more time."""
    shard: bool = False
    """Weights, gradients and optimizer in parts over the GPUs (FSDP2 by accelerate), instead of whole on each."""
    liger: bool = False
    """Liger's kernels for the layers, on a GPU."""
    spike: float = 3.0
    """Stop where the loss is more than this times the mean of the last fifty; 0 never stops."""
    logs: list[Literal["tensorboard", "wandb"]] = field(default_factory=list)


class Eval(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is measured while the model learns, and what follows from it; nothing by default."""

    rows: str = ""
    """A file of rows like ``data.path``'s, which are not learnt: their loss is measured."""
    share: float = 0.0
    """Instead: this share of the data's own rows, drawn by ``train.seed``."""
    questions: str = ""
    """Asked and graded by igaku: a part of a benchmark that is open for training (``yakugakuqa:2012``), or a file of
    questions of one's own."""
    method: str = "letter-logprob"
    """The grading method of ``questions``."""
    limit: int = 0
    """Only the first N questions; 0: all."""
    every: int = 0
    """Updates between measurements; 0: ten times a run. The last update is always measured."""
    best: Literal["", "loss", "score"] = ""
    """Keep the model of the update at which this was best, instead of the last."""
    patience: int = 0
    """Stop after N measurements in a row without a better ``best``; 0: never."""


class Grpo(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How answers are drawn and rewarded; a batch is of questions, each with ``answers`` answers."""

    answers: int = 8
    """Drawn for each question."""
    tokens: int = 512
    """Of an answer, at most."""
    temperature: float = 1.0
    kl: float = 0.0
    """Weight of the divergence from the model before; 0: no reference is held."""
    prompt: str = ""
    """The prompt of ``igaku eval``; empty: the benchmark's own."""
    method: str = ""
    """The grading method whose score is the reward; empty: the benchmark's own."""
    limit: int = 0
    """Only the first N questions; 0: all."""
    readable: float = 0.1
    """Added where the grader could read an answer."""
    ended: float = 0.1
    """Added where the answer ended by itself within ``tokens``."""
    vllm: bool = False
    """Draw by vLLM, where it is installed beside trl."""


class Config(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One training run."""

    model: Base
    about: str = ""
    method: Method = field(default_factory=Method)
    data: Data = field(default_factory=Data)
    train: Train = field(default_factory=Train)
    eval: Eval = field(default_factory=Eval)
    grpo: Grpo = field(default_factory=Grpo)


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
    if problem := _range_fault(c):
        return problem
    if c.model.dtype == "float16":
        return "dtype is float16, whose small gradients become 0; use bfloat16 or float32"
    if t.hold == "bfloat16" and c.model.dtype != "bfloat16":
        return "train.hold is bfloat16, so the computation must be: set model.dtype=bfloat16"
    if c.method.parameters and c.method.dropout:
        return f"dropout is {c.method.dropout:g}; adapters on method.parameters have none: set it to 0"
    if problem := _eval_fault(c):
        return problem
    wanted = {"dpo": "preference", "rpo": "preference", "grpo": "questions"}.get(c.method.objective, "")
    if wanted != (c.data.form if c.data.form in ("preference", "questions") else ""):
        return (
            f"objective {c.method.objective} does not fit data.form {c.data.form}: "
            "dpo and rpo learn from preferences, grpo from questions, and only they do"
        )
    if c.method.objective == "grpo" and t.batch % min(t.micro, t.batch):
        return f"batch is {t.batch}, which is no multiple of micro ({t.micro})"
    if c.method.objective == "grpo" and t.shard:
        return "train.shard is not for objective grpo, whose answers are drawn from whole weights: set it to false"
    if c.grpo.answers < 2:
        return f"grpo.answers is {c.grpo.answers}; an answer is compared with others: at least 2"
    return ""


def _range_fault(c: Config) -> str:
    """A number that is out of its range; NaN is in none."""
    t, m, g, most = c.train, c.method, c.grpo, sys.float_info.max
    above = {"batch": t.batch, "micro": t.micro, "lr": t.lr, "steps": 1 if t.steps is None else t.steps, "r": m.r}
    above |= {"epochs": t.epochs, "grpo.tokens": g.tokens, "grpo.temperature": g.temperature}
    least = {"seed": t.seed, "clip": t.clip, "weight_decay": t.weight_decay, "save_every": t.save_every}
    least |= {"spike": t.spike, "grpo.limit": g.limit, "grpo.kl": g.kl}
    below_1 = {"betas[0]": t.betas[0], "betas[1]": t.betas[1], "dropout": m.dropout}
    if name := next((n for n, value in above.items() if not 0 < value <= most), ""):
        return f"{name} is {above[name]}; it must be more than 0, and finite"
    if name := next((n for n, value in least.items() if not 0 <= value <= most), ""):
        return f"{name} is {least[name]}; it must be 0 or more, and finite"
    if name := next((n for n, value in below_1.items() if not 0 <= value < 1), ""):
        return f"{name} is {below_1[name]}; it must be 0 or more, and less than 1"
    if not 0 <= t.warmup <= 1:
        return f"warmup is {t.warmup}; it is a share of the updates: from 0 to 1"
    return f"block is {c.data.block}; a sequence has at least 2 tokens" if c.data.block < 2 else ""


def _eval_fault(c: Config) -> str:
    e = c.eval
    if e.rows and e.share:
        return "eval.rows and eval.share are both given; rows are held out from one of them"
    if not 0 <= e.share < 1:
        return f"eval.share is {e.share:g}; it must be 0 or more, and less than 1"
    if min(e.every, e.limit, e.patience) < 0:
        return "eval.every, eval.limit and eval.patience must be 0 or more"
    if e.best == "loss" and not (e.rows or e.share):
        return "eval.best is loss, of rows that are not learnt: give eval.rows or eval.share"
    if e.best == "score" and not e.questions:
        return "eval.best is score: give eval.questions"
    if e.patience and not e.best:
        return "eval.patience counts measurements without a better eval.best: give eval.best"
    if c.method.objective == "grpo" and e != Eval():
        return "eval is not for objective grpo, whose log has the reward of each update"
    return ""


def updates_of(config: Config, items: int) -> int:
    """Updates of a run over N sequences or pairs."""
    return config.train.steps or max(1, round(config.train.epochs * items / config.train.batch))
