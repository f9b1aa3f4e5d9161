"""WHO answers, seven ways: llama.cpp, transformers, vLLM, copies of it over Ray (ray-vllm), any server with OpenAI's
interface (openai), no model at all (diff), and recorded or scripted answers (replay, for tests and Python only).

``--engine`` also takes an engine of the user's own: ``my_engine.py:MyEngine``, ``package.module:Class``, or a name that
an installed package gives. It derives from ``EngineBase``, or has everything that ``Engine`` lists.
"""

from importlib.util import find_spec
from pathlib import Path

from igaku import plugins
from igaku.engines.base import Engine, EngineBase, Identity, complete
from igaku.engines.embedded import EMBEDDED, embedded_file
from igaku.engines.spec import EngineSpec, as_spec, using
from igaku.errors import IgakuError, UnknownNameError, missing_extra
from igaku.provenance import warning
from igaku.question import RequestKind

TABLE = {
    "llamacpp": "igaku.engines.llamacpp:LlamaCpp",
    "transformers": "igaku.engines.hf:Transformers",
    "vllm": "igaku.engines.vllm:Vllm",
    "ray-vllm": "igaku.engines.replicas:Replicas",
    "openai": "igaku.engines.openai:OpenAI",
    "diff": "igaku.engines.diff:Diff",
}
"""Engine -> its class, which has a ``load(spec)``. Others come from packages (entry points ``igaku.engines``)."""
PACKAGES = {"transformers": (("torch", "transformers", "numpy"), "hf"), "vllm": (("vllm",), "vllm")}

__all__ = ["TABLE", "Engine", "EngineBase", "EngineSpec", "Identity", "as_spec", "build_engine", "using"]


def build_engine(model: str | EngineSpec, *, needs: frozenset[RequestKind] = frozenset(), **settings: object) -> Engine:
    """Load a model.

    Args:
        model: a spec, or a model's name with settings: an embedded name (``gemma-3-270m``), a ``.gguf`` file, a folder
            with safetensors, a hub id (``@REVISION`` may follow), or with ``base_url`` a served model's name. ``diff``
            is a baseline without a model, for benchmarks that compare two documents.
        needs: kinds of request that will come; ``engine="auto"`` then takes llama.cpp for GGUF unless likelihoods of
            texts or an adapter are wanted, which only transformers gives soundly, and transformers for the rest.
        settings: fields of ``EngineSpec``.

    Raises:
        IgakuError: the model is not found, has no weights, its packages are not installed, or the engine has no such
            setting.
    """
    spec = as_spec(model, **settings)
    engine = _chosen(spec, needs)
    cls = plugins.resolve("engine", engine, TABLE)
    packages, extra = PACKAGES.get(engine, ((), ""))
    for package in packages:
        if find_spec(package) is None:
            raise missing_extra(package, extra)
    if not hasattr(cls, "load"):
        raise IgakuError(f"engine {engine}: no classmethod load(spec) in it; derive it from igaku.EngineBase")
    loaded: Engine = complete(cls.load(spec))
    if engine in ("llamacpp", "transformers", "vllm") and (warned := warning(resolve(spec.model)[1], spec.adapter)):
        loaded.notes.insert(0, warned)
    if spec.model in EMBEDDED and engine != "openai":
        loaded.notes.insert(0, f"{spec.model} is under {EMBEDDED[spec.model][3]}")
    return loaded


def _chosen(spec: EngineSpec, needs: frozenset[RequestKind]) -> str:
    """The engine's name, where it is left to igaku."""
    if spec.model == "diff":
        return "diff"
    if spec.engine != "auto":
        return spec.engine
    if spec.base_url:
        return "openai"
    sound = "likelihood" not in needs and not spec.adapter
    return "llamacpp" if sound and resolve(spec.model)[1].endswith(".gguf") else "transformers"


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
        raise IgakuError(f"{near}; no local file or folder has this name, and a hub id has the form OWNER/NAME")
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
