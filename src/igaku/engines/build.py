"""Which engine loads a model, and loading it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from msgspec.structs import replace

from igaku import plugins
from igaku.engines.base import Engine, complete
from igaku.engines.choice import choose, takes_pictures
from igaku.engines.effort import at_efforts, check_effort
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
        needs: kinds of request that will come, by which ``engine="auto"`` chooses: llama.cpp for GGUF, vLLM where it is
            installed on a machine with a GPU, transformers for likelihoods and all the rest.
        settings: fields of ``EngineSpec``.

    Raises:
        IgakuError: the model is not found, has no weights, its packages are not installed, or the engine has no such
            setting.
    """
    spec = as_spec(model, **settings)
    _check_efforts(spec)
    engine, why = choose(spec, needs)
    if engine in TABLE:
        spec.settings(engine)
    packages, extra = PACKAGES.get(engine, ((), ""))
    for package in packages:
        if find_spec(package) is None:
            raise missing_extra(package, extra)
    cls = plugins.resolve("engine", engine, TABLE)
    if not hasattr(cls, "load"):
        raise IgakuError(f"engine {engine}: no classmethod load(spec) in it; derive it from igaku.EngineBase")
    _say_loading(spec, engine)
    loaded: Engine = complete(cls.load(replace(spec, effort=())))
    if engine in ("llamacpp", "transformers", "vllm") and (warned := warning(resolve(spec.model)[1], spec.adapter)):
        loaded.notes.insert(0, warned)
    if spec.model in EMBEDDED and engine != "openai":
        loaded.notes.insert(0, f"{spec.model} is under {EMBEDDED[spec.model][3]}")
    if why:
        loaded.notes.append(f"engine {engine}: {why}")
    if engine in ("transformers", "vllm") and not spec.vision and takes_pictures(resolve(spec.model)[1]):
        loaded.notes.append("this model sees: --vision sends it the questions' pictures")
    return _with_efforts(loaded, spec)


def _say_loading(spec: EngineSpec, engine: str) -> None:
    """To the logger ``igaku``, as information: the command line shows it, a program hears of it if it wants to."""
    if engine != "diff":
        what = f"asking {spec.base_url} what it serves" if engine == "openai" else f"loading {spec.model} ({engine})"
        logging.getLogger("igaku").info("%s …", "".join(c if c.isprintable() else " " for c in what))


def _check_efforts(spec: EngineSpec) -> None:
    for effort in spec.effort:
        check_effort(effort)
    if spec.effort and spec.thinking is not None:
        raise IgakuError("--effort says how long to think: leave out --thinking and --no-thinking (--effort on,off)")
    if len(set(spec.effort)) < len(spec.effort):
        raise IgakuError(f"--effort {','.join(spec.effort)}: give each once")


def _with_efforts(loaded: Engine, spec: EngineSpec) -> Engine:
    """The model at its one effort; at several, the model with ``efforts``."""
    if not spec.effort:
        return loaded
    try:
        rows = at_efforts(loaded, spec.effort)
    except IgakuError:
        loaded.close()
        raise
    if len(rows) == 1:
        return rows[0]
    loaded.efforts = rows  # type: ignore[attr-defined]
    return loaded


@contextmanager
def using(
    model: "str | EngineSpec | Engine", needs: frozenset[RequestKind] = frozenset(), **settings: object
) -> Iterator[Engine]:
    """An engine for a while: one that is built already as it is; one that is named is loaded, and closed at the end.

    Raises:
        IgakuError: it cannot be loaded, settings were given for an engine that is built already, or several efforts
            where one answer is wanted.
    """
    efforts = as_spec(model, **settings).effort if isinstance(model, str | EngineSpec) else ()
    if len(efforts) > 1:
        raise IgakuError(f"--effort {','.join(efforts)}: several rows are for igaku eval; give one effort here")
    with using_rows(model, needs, **settings) as engine:
        yield engine


@contextmanager
def using_rows(
    model: "str | EngineSpec | Engine", needs: frozenset[RequestKind] = frozenset(), **settings: object
) -> Iterator[Engine]:
    """As ``using``, for whoever asks the model at several efforts one after the other
    (``igaku.engines.effort.rows_of``)."""
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
