"""Which engine ``auto`` takes, and why: a line that the user is shown."""

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from igaku.engines.models import resolve
from igaku.engines.spec import OWNERS, EngineSpec
from igaku.io.json_values import FAULTS
from igaku.question import RequestKind

FAST: frozenset[RequestKind] = frozenset(("text", "letters"))
"""What vLLM is asked for; likelihoods take its prefix cache away (``igaku.engines.vllm``)."""
_SEES = re.compile(r"ImageTextToText|Vision|Llava|Pixtral|PaliGemma|InternVL|(?<![a-z])VL|VLForC|VLMoe", re.ASCII)
_EYES = ("vision_config", "visual", "img_processor", "mm_vision_tower", "vision_encoder")


class Choice(NamedTuple):
    """An engine's name, and why it was taken; no reason where the user named it."""

    engine: str
    why: str = ""


def has_gpu() -> bool:
    """Whether torch finds a GPU here."""
    if find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


def choose(spec: EngineSpec, needs: frozenset[RequestKind], gpu: Callable[[], bool] = has_gpu) -> Choice:
    """The engine for a spec, where it is left to igaku.

    Args:
        needs: the kinds of request that will come; empty where that is not known.
        gpu: whether a GPU is here; asked only where it matters.

    Raises:
        IgakuError: there is no such model.
    """
    if spec.model == "diff":
        return Choice("diff")
    if spec.engine != "auto":
        return Choice(spec.engine)
    if spec.base_url:
        return Choice("openai")
    if resolve(spec.model)[1].endswith(".gguf"):
        return _for_gguf(spec, needs)
    if not needs or needs - FAST:
        kinds = "likelihoods are computed" if "likelihood" in needs else "every kind of request is answered"
        return Choice("transformers", f"{kinds} soundly there")
    if barred := next((n for n in spec.given() if n == "adapter" or "vllm" not in OWNERS[n]), ""):
        return Choice("transformers", f"it has --{barred.replace('_', '-')}")
    if find_spec("vllm") is None:
        return Choice("transformers", "vLLM is not installed")
    if not gpu():
        return Choice("transformers", "no GPU was found for vLLM")
    return Choice("vllm", "it is installed, a GPU is here, and only texts and letters are asked")


def _for_gguf(spec: EngineSpec, needs: frozenset[RequestKind]) -> Choice:
    if "likelihood" in needs:
        return Choice("transformers", "llama.cpp gives no likelihood of texts; the GGUF file is dequantized")
    if spec.adapter:
        return Choice("transformers", "llama.cpp reads no PEFT adapters; the GGUF file is dequantized")
    return Choice("llamacpp", "the model is a GGUF file")


def takes_pictures(path: str) -> bool:
    """Whether a model's folder is one of images and text, by its ``config.json``; False where there is none."""
    try:
        config = json.loads((Path(path) / "config.json").read_bytes())
    except (OSError, *FAULTS):
        return False
    if not isinstance(config, dict):
        return False
    names = config.get("architectures")
    named = isinstance(names, list) and any(isinstance(n, str) and _SEES.search(n) for n in names)
    return named or any(isinstance(config.get(name), dict | str) for name in _EYES)
