"""Tensors of a folder of safetensors, read one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError, missing_extra
from igaku.io.hashing import files_sha256
from igaku.io.safetensors_file import tensor_names

if TYPE_CHECKING:
    from torch import Tensor

DTYPES = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}
EMBEDDINGS = ("embed_tokens.weight", "wte.weight", "embed_in.weight", "word_embeddings.weight")
"""How the names of input embeddings end."""


def weight_files(folder: Path) -> dict[str, str]:
    """File -> SHA-256 of a model's or adapter's weights.

    Raises:
        IgakuError: the folder holds no safetensors.
    """
    return {Path(file).name: value for file, value in files_sha256(_safetensors(folder)).items()}


def _safetensors(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise IgakuError(f"{folder}: no safetensors found; merge needs folders of whole models, or adapters")
    return files


class Weights:
    """Tensors of a folder by their names.

    Raises:
        IgakuError: it holds none, or a file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from safetensors import safe_open
        except ImportError:
            raise missing_extra("safetensors", "hf") from None
        files = _safetensors(folder)
        for file in files:
            tensor_names(file)
        opened: list[Any] = [safe_open(file, framework="pt") for file in files]
        self._files = {name: f for f in opened for name in f.keys()}  # noqa: SIM118

    @property
    def names(self) -> set[str]:
        """Names of all tensors."""
        return set(self._files)

    @property
    def dtypes(self) -> dict[str, str]:
        """Tensor -> its precision, of those that hold numbers with a fraction."""
        found = {name: f.get_slice(name).get_dtype() for name, f in self._files.items()}
        return {name: DTYPES[kind] for name, kind in found.items() if kind in DTYPES}

    def ending(self, *ends: str) -> str:
        """The name of the first tensor whose name ends so; empty for none."""
        return next((n for n in sorted(self._files) if n.endswith(ends)), "")

    @property
    def words(self) -> int:
        """Rows of the input embeddings; 0 where none are found."""
        name = self.ending(*EMBEDDINGS)
        return self.shape(name)[0] if name else 0

    def shape(self, name: str) -> list[int]:
        """The shape of one tensor, without reading it."""
        return list(self._files[name].get_slice(name).get_shape())

    def tensor(self, name: str) -> "Tensor":
        """One tensor."""
        tensor: Tensor = self._files[name].get_tensor(name)
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)
