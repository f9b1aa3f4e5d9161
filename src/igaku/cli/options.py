"""Options that many commands share, each declared once: whoever asks a model takes the same flags."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from igaku.cli.output import checked_format, show

Runs = Annotated[list[Path], Argument(help="Run folders.", metavar="RUN...", show_default=False)]
OneRun = Annotated[Path, Argument(help="A run's folder.", metavar="RUN", show_default=False)]
Json = Annotated[bool, Option("--json", help="One JSON object on stdout.")]
Format = Annotated[str, Option(help="table, md, csv, json, html, latex or xlsx.", show_default=False)]
_SAVE = "Write it to this file; without --format its ending says the format (.tex, .xlsx, .html, .md, .csv, .json)."
Save = Annotated[Path | None, Option("--out", "--save", help=_SAVE, show_default=False)]
SaveOnly = Annotated[Path | None, Option("--save", help=_SAVE, show_default=False)]
Methods = Annotated[
    str,
    Option(
        "--method", help="Grading methods (`igaku eval -h` names them), comma-separated; the run's own if left out."
    ),
]
Limit = Annotated[
    int | None,
    Option(min=1, help="Only the first N questions of each benchmark and language.", rich_help_panel="What is asked"),
]
Command = Callable[..., Any]
EngineSettings = dict[str, Any]
"""Fields of ``igaku.EngineSpec``, as the flags of ``engine_options`` gave them."""


def _flag(kind: type, help: str, *names: str, **limits: Any) -> Any:
    panel = limits.pop("panel", "Engine")
    return Annotated[kind | None, Option(*names, help=help, rich_help_panel=panel, show_default=False, **limits)]


SERVER, SEVERAL = "Engine: a server", "Engine: several GPUs"
ENGINE: dict[str, Any] = {
    "engine": _flag(str, "auto, llamacpp, transformers, vllm, ray-vllm, openai (docs/engines.md)."),
    "adapter": _flag(str, "PEFT adapter: folder or hub id (transformers, vllm)."),
    "dtype": _flag(str, "auto, float32, bfloat16, float16 (transformers, vllm)."),
    "quantize": _flag(str, "4bit: by bitsandbytes (transformers, vllm); fp8 (vllm)."),
    "device": _flag(str, "auto, cpu, cuda, cuda:1 (transformers)."),
    "context": _flag(int, "Longest prompt plus reply in tokens; longer ones count as overlong.", min=64),
    "batch_tokens": _flag(int, "Tokens computed at once (transformers).", min=256),
    "threads": _flag(int, "Processor threads.", min=1),
    "thinking": _flag(bool, "Tell the chat template to think, or not to.", "--thinking/--no-thinking"),
    "effort": _flag(
        str, "How long the model may think, comma-separated, a row each: low,medium,high; off,on; 1024 (tokens)."
    ),
    "trust_remote_code": _flag(bool, "Let the hub's code of this model run here.", "--trust-remote-code"),
    "vision": _flag(bool, "The model sees: send the questions' pictures (openai, transformers, vllm).", "--vision"),
    "tensor_parallel": _flag(int, "GPUs a model is split over (vllm).", min=1, panel=SEVERAL),
    "pipeline_parallel": _flag(int, "Stages a model is split into (vllm).", min=1, panel=SEVERAL),
    "replicas": _flag(int, "Copies of the model, on one or many machines (ray-vllm).", min=1, panel=SEVERAL),
    "base_url": _flag(
        str,
        "Address of an OpenAI-compatible server, e.g. http://localhost:8000/v1; several, comma-separated, "
        "share the work. The key: keys.toml, or IGAKU_API_KEY.",
        panel=SERVER,
    ),
    "api": _flag(str, "auto, chat, completions, responses (openai).", panel=SERVER),
    "served_as": _flag(
        str,
        "Name under which the server answers, where it is not the model's: alias, deployment (openai).",
        panel=SERVER,
    ),
    "concurrency": _flag(int, "Most requests under way at one server (openai); 32 if left out.", min=1, panel=SERVER),
    "prices": _flag(
        Path, 'TOML table of prices: ["MODEL"] with input and output, per million tokens (openai).', panel=SERVER
    ),
    "max_cost": _flag(
        float,
        "Stop this session before more than this is spent; the same command goes on (openai).",
        min=0.0,
        panel=SERVER,
    ),
}
"""A flag for each field of ``EngineSpec`` but the model itself; its help says which engines have it."""


def engine_options(command: Command) -> Command:
    """Give a command all engine flags; it receives those that were given as one dict, ``settings``."""
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "settings"]
    flags = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in ENGINE.items()
    ]

    def run(**given: Any) -> Any:
        settings = {name: value for name in ENGINE if (value := given.pop(name)) is not None}
        if "effort" in settings:
            settings["effort"] = split(settings["effort"])
        if "prices" in settings:
            settings["prices"] = str(settings["prices"])
        return command(**given, settings=settings)

    return _with_parameters(run, command, own + flags)


def report_options(command: Command) -> Command:
    """Give a command ``--format``, ``--json`` and a file to write to; the report that it returns is printed.

    The file is ``--out``, where the command has no ``--out`` of its own, and ``--save`` everywhere.
    """
    own = list(inspect.signature(command).parameters.values())
    file = SaveOnly if any(p.name == "out" for p in own) else Save
    flags = [
        inspect.Parameter("format", inspect.Parameter.KEYWORD_ONLY, default="", annotation=Format),
        inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Json),
        inspect.Parameter("save", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=file),
    ]

    def run(**given: Any) -> None:
        file: Path | None = given.pop("save")
        format = checked_format(given.pop("format"), given.pop("json"), file)
        if (report := command(**given)) is not None:
            show(report, format, file)

    return _with_parameters(run, command, own + flags)


def _with_parameters(run: Command, command: Command, parameters: list[inspect.Parameter]) -> Command:
    """``run`` in the clothes of ``command``, with these parameters; Typer calls by keyword only."""
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


def split(text: str | None) -> list[str]:
    """``"a, b"`` as ``["a", "b"]``; the only place where commas part names."""
    return list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
