"""Adapters put into their base, for what needs whole models."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from igaku.errors import IgakuError, missing_extra
from igaku.io.json_values import fault, read_object
from igaku.training.config import Config, Method
from igaku.training.weights import weight_files


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter of peft's."""
    return (folder / "adapter_config.json").exists()


def continued(config: Config) -> Config:
    """The recipe with the shape of the adapter that goes on, where its base is one: that is what is trained.

    Raises:
        IgakuError: the adapter's file cannot be read.
    """
    folder = Path(config.model.base)
    if config.method.kind != "lora" or not is_adapter(folder):
        return config
    file = folder / "adapter_config.json"
    own = {ours: found for ours, found in _shape(read_object(file)).items() if found is not None}
    try:
        method = msgspec.convert(msgspec.to_builtins(config.method) | own, Method)
    except msgspec.ValidationError as error:
        raise IgakuError(f"{file}: {error}") from None
    return replace(config, method=method)


def _shape(file: Mapping[str, object]) -> dict[str, object]:
    """peft's names of an adapter's shape -> a recipe's."""
    targets, whole = file.get("target_modules"), file.get("modules_to_save")
    return {
        "r": file.get("r"),
        "alpha": file.get("lora_alpha"),
        "dropout": file.get("lora_dropout"),
        "dora": file.get("use_dora"),
        "rslora": file.get("use_rslora"),
        "targets": sorted(map(str, targets)) if isinstance(targets, list) else targets,
        "whole": sorted(map(str, whole)) if isinstance(whole, list) else None,
    }


def goes_on(config: Config) -> list[str]:
    """A line where an adapter goes on: the recipe's numbers for its shape are not used."""
    m = config.method
    if m.kind != "lora" or not is_adapter(Path(config.model.base)):
        return []
    return [f"{config.model.base} goes on with its own shape: r {m.r}, alpha {m.alpha}, dropout {m.dropout:g}"]


@contextmanager
def whole_models(base: Path, folders: Sequence[Path]) -> Iterator[list[Path]]:
    """The folders, with each adapter's replaced by one of a whole model in float32, which is removed at the end.

    Nothing is stored beside an adapter: it may change, or be merged into another base.
    """
    with tempfile.TemporaryDirectory() as scratch:
        yield [_whole(base, f, Path(scratch, str(i))) if is_adapter(f) else f for i, f in enumerate(folders)]


def quantized_notes(folders: Sequence[Path]) -> list[str]:
    """A line for each adapter that was trained on a base in 4 bits: it answers a base that is not the one here."""
    return [
        f"{f}: trained on its base in 4 bits; in the base's own precision it is not quite the model that was trained"
        for f in folders
        if is_adapter(f) and _trained_on(f)
    ]


def foreign_notes(base: Path, folders: Sequence[Path]) -> list[str]:
    """A line for each adapter that was trained on another model than the one that it is put into."""
    out = []
    for folder in filter(is_adapter, folders):
        trained_on = read_object(folder / "adapter_config.json").get("base_model_name_or_path")
        if isinstance(trained_on, str) and trained_on and not _is_same(base, trained_on):
            out.append(f"{folder}: trained on {trained_on}, and put into {base}, which is another model")
    return out


def _is_same(base: Path, name: str) -> bool:
    """Whether a name may mean a folder: its path, its weights, or, of a hub id or an embedded model, its name."""
    if Path(name).is_dir():
        return Path(name).resolve() == base.resolve() or weight_files(Path(name)) == weight_files(base)
    return name.rpartition("/")[2].lower() in base.resolve().name.lower() or base.name.lower() in name.lower()


def _trained_on(folder: Path) -> str:
    """How the base of an adapter of ours was quantized; empty for not, or not known."""
    file = folder / "train.json"
    found: Any = json.loads(file.read_bytes()) if file.is_file() else {}
    for name in ("config", "model", "quantize"):
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, str) else ""


def refuse_quantized(folder: Path) -> None:
    """Pass for weights that can be added to.

    Raises:
        IgakuError: they are in 4 or 8 bits.
    """
    if (how := quantized_by(folder)) is not None:
        raise IgakuError(f"{folder}: its weights are quantized ({how}); merge needs them in 16 or 32 bits")


def quantized_by(folder: Path) -> str | None:
    """The method by which a model's weights are quantized, empty where it is not named; None where they are not."""
    file = folder / "config.json"
    settings = read_object(file).get("quantization_config") if file.is_file() else None
    if not settings:
        return None
    return str(settings.get("quant_method", "")) if isinstance(settings, dict) else ""


def _whole(base: Path, folder: Path, target: Path) -> Path:
    try:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
    except ImportError:
        raise missing_extra("peft", "hf") from None
    from igaku.engines.hf_weights import whole
    from igaku.engines.model_files import check_folder

    for one in (base, folder):
        check_folder(one)
    try:
        loaded = whole(AutoModelForCausalLM, str(base), dtype=torch.float32, use_safetensors=True)
        network: Any = PeftModel.from_pretrained(loaded, str(folder)).merge_and_unload()
    except IgakuError:
        raise
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{folder}: no adapter of {base} that peft can load ({fault(error)})") from None
    head, words = network.get_output_embeddings(), network.get_input_embeddings()
    if head is not None and head.weight.data_ptr() != words.weight.data_ptr():
        network.config.tie_word_embeddings = False  # the adapter trained a head of its own
    network.save_pretrained(target, safe_serialization=True)
    return target
