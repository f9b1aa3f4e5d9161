"""Which engine loads a model, and loading it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from igaku import plugins
from igaku.engines.base import Engine, complete
from igaku.engines.embedded import EMBEDDED
from igaku.engines.models import resolve
from igaku.engines.spec import EngineSpec, as_spec, check_settings
from igaku.errors import IgakuError, missing_extra
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
    if engine in TABLE:
        spec.settings(engine)
    packages, extra = PACKAGES.get(engine, ((), ""))
    for package in packages:
        if find_spec(package) is None:
            raise missing_extra(package, extra)
    cls = plugins.resolve("engine", engine, TABLE)
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


@contextmanager
def using(
    model: "str | EngineSpec | Engine", needs: frozenset[RequestKind] = frozenset(), **settings: object
) -> Iterator[Engine]:
    """An engine for a while: one that is built already as it is; one that is named is loaded, and closed at the end.

    Raises:
        IgakuError: it cannot be loaded, or settings were given for an engine that is built already.
    """
    if not isinstance(model, str | EngineSpec):
        if settings:
            check_settings(settings)
            name = next(iter(settings))
            raise IgakuError(f"{name}: a setting of a model given by name; this engine is built already")
        yield complete(model)
        return
    engine = build_engine(as_spec(model, **settings), needs=needs)
    try:
        yield engine
    finally:
        engine.close()
