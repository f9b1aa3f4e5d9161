"""Documents that say the same in other words: SemDeDup (Abbas et al. 2023), and prototypes as in D4 (Tirumala 2023).

JPharmatron's corpus was deduplicated so (2505.16661: epsilon 3e-8 and R = 0.95 as printed; an epsilon so small drops
only what the encoder cannot distinguish). Clusters by k-means on embeddings; within a cluster, of two documents with a
cosine above ``1 - epsilon``, the later one is dropped.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.engines.tokenizer_files import first_line, load_tokenizer
from igaku.errors import IgakuError, missing_extra, optional

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

CLUSTER = 200
"""Documents in a cluster on average: within one, every pair is compared."""
TOKENS = 512


def alike_in_content(texts: Sequence[str], encoder: str | Path, epsilon: float) -> dict[int, int]:
    """Index of a later document -> index of the earlier one whose content it has."""
    return duplicates(embeddings(texts, encoder), epsilon)


def duplicates(vectors: "Vectors", epsilon: float) -> dict[int, int]:
    """Later index -> earlier index, of [n, d] unit vectors."""
    import numpy as np

    out: dict[int, int] = {}
    for members in _clusters(vectors):
        near = vectors[members] @ vectors[members].T > 1 - epsilon
        for a, late in enumerate(members):
            for b in np.flatnonzero(near[a, :a]):
                if members[b] not in out:
                    out[int(late)] = int(members[b])
                    break
    return out


def prototypes(vectors: "Vectors", keep: float) -> list[int]:
    """Indices that are kept when the share ``1 - keep`` nearest to its cluster's centre is dropped.

    The centre is what a corpus has most of.
    """
    import numpy as np

    distance = np.zeros(len(vectors))
    for members in _clusters(vectors):
        centre = vectors[members].mean(axis=0)
        distance[members] = 1 - vectors[members] @ (centre / (np.linalg.norm(centre) + 1e-9))
    return sorted(np.argsort(-distance, kind="stable")[: round(keep * len(vectors))].tolist())


def embeddings(texts: Sequence[str], encoder: str | Path) -> "Vectors":
    """[n, d] unit vectors: the mean of the last layer over a text's first 512 tokens.

    Raises:
        IgakuError: torch is not installed, or transformers cannot load the encoder.
    """
    tokenizer, network = _encoder(encoder)
    import torch

    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: list[NDArray[np.float32] | None] = [None] * len(texts)
    with torch.inference_mode():
        for at in range(0, len(order), 16):
            rows = order[at : at + 16]
            batch = tokenizer(
                [texts[i][:4000] for i in rows], return_tensors="pt", padding=True, truncation=True, max_length=TOKENS
            )
            mask = batch["attention_mask"].unsqueeze(-1)
            states = network(**batch).last_hidden_state.float()
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            for i, vector in zip(rows, torch.nn.functional.normalize(mean, dim=1).numpy()):
                out[i] = vector
    stacked: Vectors = optional("numpy", "corpus").stack(out)
    return stacked


def _encoder(encoder: str | Path) -> tuple[Any, Any]:
    try:
        from transformers import AutoModel
    except ImportError:
        raise missing_extra("torch", "hf") from None
    tokenizer = load_tokenizer(encoder)
    try:
        network = AutoModel.from_pretrained(str(encoder), use_safetensors=True).eval()
    except Exception as error:  # whatever a library raises on these files, the files are the reason
        raise IgakuError(f"{encoder}: transformers cannot load it as an encoder ({first_line(error)})") from None
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return tokenizer, network


def _clusters(vectors: "Vectors") -> "list[NDArray[np.int64]]":
    import numpy as np

    n = max(1, len(vectors) // CLUSTER)
    if n == 1:
        return [np.arange(len(vectors))]
    means = optional("sklearn.cluster", "corpus").MiniBatchKMeans(n, random_state=0, n_init=3).fit_predict(vectors)
    return [np.flatnonzero(means == k) for k in range(n)]
