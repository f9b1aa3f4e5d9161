"""Which model by which engine with which settings: one struct for the command line, Python, YAML and plans."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, ParamSpec, TypeVar

import msgspec
from msgspec import Meta, Struct

from igaku.errors import IgakuError, UnknownNameError

P = ParamSpec("P")
R = TypeVar("R")
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


class EngineSpec(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A model and how it is run. ``igaku.cli.options`` has a flag for each field, under its own name.

    A field that the engine does not have is refused, never ignored (``OWNERS``).
    """

    model: str
    """Embedded name, ``.gguf`` file, folder, hub id ``OWNER/NAME[@REVISION]``, or a served model's name."""
    engine: str = "auto"
    adapter: str = ""
    """A PEFT adapter's folder or hub id."""
    dtype: str = "auto"
    """``auto``, ``float32``, ``bfloat16``, ``float16``."""
    quantize: str = ""
    """``4bit`` (bitsandbytes) or ``fp8`` (vLLM)."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``cuda:1``."""
    context: Count = 0
    """Longest prompt plus reply in tokens; 0: the engine's own."""
    batch_tokens: Count = 0
    """Tokens computed at once; 0: the engine's own."""
    threads: Count = 0
    thinking: bool | None = None
    """Whether the chat template is set to think; None leaves it alone."""
    effort: tuple[str, ...] = ()
    """How long the model is let think, a row of the run each: ``low``, ``on``, ``off``, or a number of tokens
    (``igaku.engines.effort``)."""
    trust_remote_code: bool = False
    tensor_parallel: Positive = 1
    pipeline_parallel: Positive = 1
    replicas: Positive = 1
    base_url: str = ""
    """Addresses of OpenAI-compatible servers, comma-separated."""
    api: str = "auto"
    """``auto``, ``chat``, ``completions``, ``responses``."""
    served_as: str = ""
    """Names under which servers list the model or answer, comma-separated, where they are others (an alias, a
    deployment)."""
    concurrency: Positive = 32
    """Most requests under way at one server."""
    prices: str = ""
    """A TOML table of prices."""
    max_cost: Annotated[float, Meta(ge=0)] | None = None
    vision: bool = False
    """Whether the questions' pictures are sent."""

    def given(self) -> dict[str, object]:
        """The settings that differ from their defaults, without ``model`` and ``engine``."""
        fields = [f for f in msgspec.structs.fields(self) if f.name not in ("model", "engine")]
        return {f.name: value for f in fields if (value := getattr(self, f.name)) != f.default}

    def settings(self, engine: str) -> dict[str, object]:
        """``given`` for an engine that has all of them.

        Raises:
            IgakuError: one of them is not a setting of this engine.
        """
        given = self.given()
        for name in given:
            if engine in OWNERS[name]:
                continue
            flag = f"--{name.replace('_', '-')}"
            hint = HINTS.get((engine, name)) or f"it is one of --engine {' or '.join(OWNERS[name])}"
            raise IgakuError(f"{flag} is not a setting of --engine {engine}: {hint}")
        return given


_LOCAL = ("transformers", "vllm", "ray-vllm")
_SERVED = ("openai",)
OWNERS: dict[str, tuple[str, ...]] = {
    "adapter": _LOCAL,
    "dtype": _LOCAL,
    "quantize": _LOCAL,
    "device": ("transformers",),
    "context": ("llamacpp", *_LOCAL),
    "batch_tokens": ("transformers",),
    "threads": ("llamacpp", *_LOCAL),
    "thinking": ("llamacpp", *_LOCAL, *_SERVED),
    "effort": ("llamacpp", "transformers", "vllm", *_SERVED),
    "trust_remote_code": _LOCAL,
    "tensor_parallel": ("vllm", "ray-vllm"),
    "pipeline_parallel": ("vllm", "ray-vllm"),
    "replicas": ("ray-vllm",),
    **dict.fromkeys(("base_url", "api", "served_as", "concurrency", "prices", "max_cost"), _SERVED),
    "vision": (*_SERVED, *_LOCAL),
}
"""Setting -> the engines that have it."""
HINTS = {
    ("openai", "adapter"): "serve the adapter, and give its name as --model",
    ("llamacpp", "vision"): (
        "llama.cpp is given text only here; serve the model with its mmproj file and use --engine openai, or use "
        "--engine transformers"
    ),
    ("ray-vllm", "effort"): "ask one copy with --engine vllm, or serve the model and use --engine openai",
    ("llamacpp", "adapter"): "llama.cpp does not read PEFT adapters; use --engine transformers",
    **{("openai", name): "the server decides it" for name in ("dtype", "quantize", "device", "context", "threads")},
}


def as_spec(model: "str | EngineSpec", **settings: object) -> EngineSpec:
    """A spec from a model's name and settings, checked.

    Raises:
        IgakuError: a setting that does not exist, with near matches, or a value of another type.
    """
    given = msgspec.structs.asdict(model) if isinstance(model, EngineSpec) else {"model": model}
    if "effort" in settings:
        settings["effort"] = _efforts(settings["effort"])
    try:
        return msgspec.convert({**given, **check_settings(settings)}, EngineSpec)
    except msgspec.ValidationError as error:
        raise IgakuError(f"engine settings: {error}") from None


def _efforts(given: object) -> object:
    """One effort or several, as texts: YAML reads ``on`` as a truth value and ``1024`` as a number."""
    several = given if isinstance(given, list | tuple) else [given]
    switch = {True: "on", False: "off"}
    return [switch[one] if isinstance(one, bool) else str(one) for one in several]


def takes_settings(*also: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For a function that hands ``**settings`` on: a misspelt argument is refused before anything is loaded or asked.

    Args:
        also: further names that its keywords may have.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        own = [name for name, p in signature(function).parameters.items() if p.kind is not Parameter.VAR_KEYWORD]
        known = {*own, *also, *(f.name for f in msgspec.structs.fields(EngineSpec))}

        @wraps(function)
        def run(*args: P.args, **given: P.kwargs) -> R:
            if unknown := [name for name in given if name not in known]:
                raise UnknownNameError("argument", unknown[0], known)
            return function(*args, **given)

        return run

    return decorate


def check_settings(settings: dict[str, object]) -> dict[str, object]:
    """The settings as they are, if all of them exist."""
    known = [f.name for f in msgspec.structs.fields(EngineSpec)]
    for name in settings:
        if name not in known:
            raise UnknownNameError("engine setting", name, known)
    return settings
