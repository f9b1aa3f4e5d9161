"""WHO answers: llama.cpp, transformers, vLLM, copies of it over Ray, servers with OpenAI's interface, replay, or no
model.

The engine without a model is ``diff``, a baseline for benchmarks that compare two documents. ``--engine`` takes an
engine of your own: ``my_engine.py:MyEngine``, ``package.module:Class``, or a name that an installed package gives.
"""

from igaku.engines.base import Engine, EngineBase, Identity
from igaku.engines.build import TABLE, build_engine, using
from igaku.engines.models import resolve
from igaku.engines.spec import EngineSpec, as_spec

__all__ = ["TABLE", "Engine", "EngineBase", "EngineSpec", "Identity", "as_spec", "build_engine", "resolve", "using"]
