"""A model's folder before a library loads it: its JSON and its weights are whole, and say the same of its size."""

from collections.abc import Iterator
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.json_values import read_object
from igaku.io.safetensors_file import tensor_names

PARTS = ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "adapter_config.json")
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
SIZES = ("size", "layers", "heads", "head", "embeddings", "positions", "dim", "embd", "experts")
LARGEST = 2**25
"""No model has a size beyond this: 33 million, three times the longest context there is."""


def check_folder(folder: Path) -> None:
    """Pass where a local model's or adapter's files can be loaded; a hub id is left to the hub's library.

    Raises:
        IgakuError: a file is damaged or cut off, or ``config.json`` is of another model than the weights; which one.
    """
    if not folder.is_dir():
        return
    read = {name: read_object(folder / name) for name in PARTS if (folder / name).is_file()}
    names = {name for file in sorted(folder.glob("*.safetensors")) for name in tensor_names(file)}
    for name, value in _sizes(read.get("config.json", {})):
        where = f"{folder / 'config.json'}: {name} is {value:,}"
        if not 0 <= value <= LARGEST:
            raise IgakuError(f"{where}, which no model has; restore the file")
        if name in LAYERS and names and value > len(names):
            raise IgakuError(f"{where}, and the weights hold {len(names):,} tensors; they are of another model")


def _sizes(config: object, deep: int = 3) -> Iterator[tuple[str, int]]:
    """Sizes in a configuration and in its parts (``text_config``)."""
    for name, value in config.items() if isinstance(config, dict) and deep else ():
        if isinstance(value, dict):
            yield from _sizes(value, deep - 1)
        elif isinstance(value, int) and not isinstance(value, bool) and _is_size(str(name)):
            yield str(name), value


def _is_size(name: str) -> bool:
    """Whether a field counts something; ``vision_feature_layer`` is the number of one layer, also from the end."""
    return name in LAYERS or name.rsplit("_", 1)[-1] in SIZES
