"""WHO answers: llama.cpp, transformers, replay. ``build_engine`` picks one and loads the model."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from igaku.engines.base import Engine, Identity
from igaku.engines.embedded import EMBEDDED, embedded_file
from igaku.errors import IgakuError, UnknownNameError, missing_extra

ENGINES = ("auto", "llamacpp", "transformers", "vllm", "openai", "ray-vllm", "diff")

__all__ = ["ENGINES", "Engine", "Identity", "build_engine"]


def build_engine(
    model: str,
    *,
    engine: str = "auto",
    adapter: str = "",
    needs: frozenset[str] = frozenset(),
    **settings: Any,
) -> Engine:
    """Load a model.

    Args:
        model: an embedded name (``gemma-3-270m``), a ``.gguf`` file, a folder with safetensors, or a hub id;
            ``@REVISION`` may follow a hub id.
            ``diff`` is a baseline without a model, for benchmarks that compare two documents.
        engine: ``llamacpp``, ``transformers``, ``diff``, or ``auto``: llama.cpp for GGUF unless likelihood of texts or an
            adapter is wanted, which only transformers gives soundly; transformers for everything else.
        adapter: a PEFT adapter's folder or hub id.
        needs: kinds of request that will come (``text``, ``letters``, ``likelihood``).
        settings: ``context``, ``dtype``, ``quantize``, ``device``, ``batch_tokens``, ``trust_remote_code``, ``threads``.

    Raises:
        IgakuError: the model is not there, has no weights, or its packages are not installed.
    """
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    if model == "diff" or engine == "diff":
        from igaku.engines.diff import Diff

        return Diff()
    if engine == "openai" or (engine == "auto" and settings.get("base_url")):
        if adapter:
            raise IgakuError(
                "--adapter is no setting of --engine openai: serve the adapter, and give its name as --model"
            )
        from igaku.engines.openai import OpenAI

        return OpenAI(model, **{"base_url": "", **settings})
    if engine == "ray-vllm":
        _refuse_others(engine, settings)
        from igaku.engines.replicas import Replicas

        return Replicas(model, adapter=adapter, **settings)
    name, path, revision = resolve(model)
    is_gguf = path.endswith(".gguf")
    if engine == "auto":
        engine = "llamacpp" if is_gguf and "likelihood" not in needs and not adapter else "transformers"
    _refuse_others(engine, settings)
    loaded = _load(engine, model, name, path, revision, adapter, is_gguf, settings)
    from igaku.provenance import warning

    if warned := warning(path, adapter):
        loaded.notes.insert(0, warned)
    if model in EMBEDDED:
        loaded.notes.insert(0, f"{model} is under {EMBEDDED[model][3]}")
    return loaded


ONLY = {
    "openai": ("base_url", "api", "concurrency", "prices", "max_cost", "vision"),
    "vllm, ray-vllm": ("tensor_parallel", "pipeline_parallel"), "ray-vllm": ("replicas",),
}  # fmt: skip
"""Settings that only these engines have."""


def _refuse_others(engine: str, settings: dict[str, Any]) -> None:
    for owners, names in ONLY.items():
        for name in names:
            if name in settings and engine not in owners.split(", "):
                raise IgakuError(
                    f"--{name.replace('_', '-')} is a setting of --engine {owners.replace(', ', ' or ')}, not of {engine}"
                )


def _load(
    engine: str, model: str, name: str, path: str, revision: str, adapter: str, is_gguf: bool, settings: dict[str, Any]
) -> Engine:
    if engine == "llamacpp":
        if not is_gguf:
            raise IgakuError(f"--engine llamacpp needs a .gguf file or an embedded model, not {model!r}")
        if adapter:
            raise IgakuError("--adapter needs --engine transformers: llama.cpp does not read PEFT adapters")
        from igaku.engines.llamacpp import LlamaCpp

        return LlamaCpp(name, Path(path), **settings)
    if engine == "vllm":
        if find_spec("vllm") is None:
            raise missing_extra("vllm", "vllm")
        from igaku.engines.vllm import Vllm

        return Vllm(name, path, revision=revision, adapter=adapter, **settings)
    for package in ("torch", "transformers", "numpy"):
        if find_spec(package) is None:
            raise missing_extra(package, "hf")
    from igaku.engines.hf import Transformers

    return Transformers(name, path, revision=revision, adapter=adapter, **settings)


def resolve(model: str) -> tuple[str, str, str]:
    """(name to show, path or hub id, revision) of what the user wrote after ``--model``."""
    if model in EMBEDDED:
        return model, str(embedded_file(model)), ""
    local = Path(model)
    if local.exists():
        return _local(local)
    name, _, revision = model.partition("@")
    if name in EMBEDDED:
        raise IgakuError(f"the embedded model {name} has no revision; leave out @{revision}")
    if Path(name).exists():
        raise IgakuError(f"{name} is a local model, which has no revision; leave out @{revision}")
    if model.endswith(".gguf") or model.startswith((".", "/", "~")) or name.count("/") != 1:
        near = UnknownNameError("model", name, EMBEDDED)
        raise IgakuError(f"{near}; it is no local file or folder either, and a hub id has the form OWNER/NAME")
    return name.split("/")[1], name, revision


def _local(path: Path) -> tuple[str, str, str]:
    if path.is_file():
        if path.suffix != ".gguf":
            raise IgakuError(f"{path}: not a model; give a .gguf file or a folder with config.json and safetensors")
        return path.stem, str(path), ""
    if not (path / "config.json").exists():
        gguf = sorted(path.glob("*.gguf"))
        if len(gguf) == 1:
            return gguf[0].stem, str(gguf[0]), ""
        raise IgakuError(f"{path}: no config.json in this folder; give a model's folder")
    if not any(path.glob("*.safetensors")):
        raise IgakuError(f"{path}: no *.safetensors in this folder (pickled weights are never loaded)")
    return path.resolve().name, str(path), ""
