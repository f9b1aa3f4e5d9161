"""Weights for transformers and vLLM: found, hashed, converted from GGUF, loaded, with an adapter. Never unpickled."""

import contextlib
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.engines.embedded import weights_sha256
from igaku.engines.eyes import NO_EYES, load_processor
from igaku.engines.gguf_file import check_gguf
from igaku.engines.model_files import check_folder
from igaku.engines.tokenizer_files import first_line, load_tokenizer
from igaku.errors import IgakuError, missing_extra
from igaku.io.ahead import meanwhile
from igaku.io.hashing import file_sha256
from igaku.io.locks import writing
from igaku.io.paths import cache_dir

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Weights(NamedTuple):
    """Where weights are, their hash (a hub id where they are not on this disk), and how they are quantized."""

    path: str
    sha256: str
    quantization: str


def find_weights(path: str, quantization: str) -> Weights:
    """What can be loaded for a path or hub id; a GGUF file is converted first."""
    if not path.endswith(".gguf"):
        return Weights(path, weights_sha256(Path(path)) if Path(path).is_dir() else path, quantization)
    sha256 = file_sha256(Path(path))
    return Weights(str(dequantized(Path(path), sha256)), sha256, "GGUF, dequantized")


def weights_meanwhile(path: str, quantization: str) -> tuple[str, Callable[[], Weights]]:
    """What can be loaded, and what waits for the rest (``find_weights``): a folder is hashed while it is loaded."""
    if not Path(path).is_dir():
        found = find_weights(path, quantization)
        return found.path, lambda: found
    return path, meanwhile(lambda: find_weights(path, quantization))


def quiet(logging: Any) -> None:
    """No warnings and no progress bars of transformers' own."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def load_model(
    path: str, revision: str, dtype: str, quantize: str, on_gpu: bool, trust: bool, vision: bool = False
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase, Any]":
    """The model, its tokenizer, and with ``vision`` its processor (else None).

    Raises:
        IgakuError: transformers cannot load them, a setting is not known, or the model takes no pictures.
    """
    import torch

    at: dict[str, Any] = {"trust_remote_code": trust} | ({"revision": revision} if revision else {})
    settings: dict[str, Any] = {"quantization_config": _four_bits()} if _is_quantized(quantize) else {}
    if not hasattr(torch, dtype):
        raise IgakuError(f"--dtype {dtype!r} is not known; use float32, bfloat16 or float16")
    settings |= {"dtype": getattr(torch, dtype), "device_map": "auto" if on_gpu else None, "use_safetensors": True}
    check_folder(Path(path))
    try:
        kind = _kind(path, at, vision)
        processor = load_processor(path, at) if vision else None
        tokenizer = processor.tokenizer if processor else load_tokenizer(path, **at)
        model = whole(kind, path, **at, **settings)
    except IgakuError:
        raise
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{path}: transformers cannot load it ({first_line(error)})") from None
    return model, tokenizer, processor


def whole(kind: Any, path: str, **settings: Any) -> Any:
    """A model of which every weight is in its files; transformers draws the others at random and only warns.

    Raises:
        IgakuError: some are not.
    """
    model, found = kind.from_pretrained(path, output_loading_info=True, **settings)
    if missing := sorted(found["missing_keys"]):
        what = f"{len(missing)} weights of the model are not in its files ({', '.join(missing[:3])})"
        raise IgakuError(f"{path}: {what}; get the files again")
    return model


def _kind(path: str, at: Mapping[str, Any], vision: bool) -> Any:
    """The class that loads a model: of images and text where pictures are wanted, or where it has no other.

    Raises:
        IgakuError: pictures are wanted, and it takes none.
    """
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto import modeling_auto as known

    config: Any = AutoConfig.from_pretrained(path, **at)
    own, name = getattr(config, "auto_map", None) or {}, config.model_type
    takes_pictures = name in known.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES or "AutoModelForImageTextToText" in own
    writes = name in known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or "AutoModelForCausalLM" in own
    if vision and not takes_pictures:
        raise IgakuError(f"{path}: {NO_EYES.format(f'{name} is a model of text')}")
    return AutoModelForImageTextToText if vision or (takes_pictures and not writes) else AutoModelForCausalLM


def _is_quantized(quantize: str) -> bool:
    if quantize not in ("", "4bit"):
        raise IgakuError(f"--quantize {quantize!r} is not known; use 4bit")
    return bool(quantize)


def _four_bits() -> object:
    import torch
    from transformers import BitsAndBytesConfig

    config: Any = BitsAndBytesConfig
    return config(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def with_adapter(model: "PreTrainedModel", adapter: str) -> tuple[Any, str]:
    """The model with a PEFT adapter, and the SHA-256 of the adapter's contents; one from the hub is fetched first."""
    try:
        from peft import PeftModel
    except ImportError:
        raise missing_extra("peft", "hf") from None
    folder = Path(adapter) if Path(adapter).is_dir() else _fetched(adapter)
    if not (folder / "adapter_model.safetensors").exists():
        raise IgakuError(f"{adapter}: no adapter_model.safetensors in it (pickled weights are never loaded)")
    check_folder(folder)
    quantized = getattr(model, "hf_quantizer", None) is not None
    try:
        loaded = PeftModel.from_pretrained(model, str(folder))
        whole_model = loaded if quantized else loaded.merge_and_unload()
    except Exception as error:  # as in load_model
        raise IgakuError(f"{adapter}: peft cannot load it ({first_line(error)})") from None
    return whole_model, weights_sha256(folder)


def _fetched(adapter: str) -> Path:
    """A hub adapter's configuration and safetensors, nothing else, in the hub's own cache."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(adapter, allow_patterns=["*.json", "*.safetensors"]))
    except Exception as error:
        raise IgakuError(
            f"adapter {adapter!r}: no such folder, and the hub did not give it ({first_line(error)})"
        ) from None


def model_folder(name: str) -> str:
    """What transformers can load for a model's name: a folder of safetensors (converted from GGUF), or a hub id."""
    from igaku.engines.models import fetchable

    _, path, _ = fetchable(name)
    return str(dequantized(Path(path), file_sha256(Path(path)))) if path.endswith(".gguf") else path


CONVERTING = 1800.0
"""Seconds to wait for another process that converts the same file."""


def dequantized(gguf: Path, sha256: str) -> Path:
    """A GGUF file as a safetensors folder in float32, made once and kept in the cache (reading it takes a minute)."""
    target = cache_dir() / "models" / f"{gguf.stem}-{sha256[:12]}"
    with writing(target, beside=True, wait=CONVERTING):
        return target if target.exists() else _convert(gguf, target)


def _convert(gguf: Path, target: Path) -> Path:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    check_gguf(gguf)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # a progress bar of its own that no setting turns off
            tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)
            model: Any = AutoModelForCausalLM.from_pretrained(
                str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32
            )
    except Exception as error:  # as in load_model
        raise IgakuError(f"{gguf}: transformers cannot read it ({first_line(error)})") from None
    model.hf_quantizer = None  # save_pretrained refuses a model that came from GGUF while this is set
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(target)
    return target


def commit_of(model: "PreTrainedModel") -> str:
    """The hub's commit that a model was loaded from; empty for a local one."""
    return str(getattr(model.config, "_commit_hash", None) or "")
