"""Documents that say the same in other words: SemDeDup (Abbas et al. 2023), and prototypes as in D4 (Tirumala et al. 2023).

JPharmatron's corpus was made so (2505.16661: epsilon 3e-8 and R = 0.95 as printed; an epsilon so small drops only what the encoder cannot tell apart).
Clusters by k-means on embeddings; within a cluster, of two documents with a cosine above ``1 - epsilon``, the later one goes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from igaku.errors import IgakuError, missing_extra, optional

CLUSTER = 200
"""Documents a cluster on average: within one, every pair is compared."""
TOKENS = 512


def alike_in_content(texts: Sequence[str], encoder: str | Path, epsilon: float) -> dict[int, int]:
    """Later document -> the earlier one whose content it has."""
    return duplicates(embeddings(texts, encoder), epsilon)


def duplicates(vectors: Any, epsilon: float) -> dict[int, int]:
    """Later place -> earlier place, of [n, d] unit vectors."""
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


def prototypes(vectors: Any, keep: float) -> list[int]:
    """Places that stay when the share ``1 - keep`` nearest to its cluster's centre goes: the centre is what a corpus has most of."""
    import numpy as np

    distance = np.zeros(len(vectors))
    for members in _clusters(vectors):
        centre = vectors[members].mean(axis=0)
        distance[members] = 1 - vectors[members] @ (centre / (np.linalg.norm(centre) + 1e-9))
    return sorted(np.argsort(-distance, kind="stable")[: round(keep * len(vectors))].tolist())


def embeddings(texts: Sequence[str], encoder: str | Path) -> Any:
    """[n, d] unit vectors: the mean of the last layer over a text's first 512 tokens."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise missing_extra("torch", "hf") from None
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(encoder))
        network: Any = AutoModel.from_pretrained(str(encoder), use_safetensors=True).eval()
    except (OSError, ValueError) as error:
        raise IgakuError(
            f"{encoder}: transformers cannot load it as an encoder ({str(error).splitlines()[0][:200]})"
        ) from None
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: list[Any] = [None] * len(texts)
    with torch.inference_mode():
        for at in range(0, len(order), 16):
            rows = order[at : at + 16]
            told = tokenizer(
                [texts[i][:4000] for i in rows], return_tensors="pt", padding=True, truncation=True, max_length=TOKENS
            )
            mask = told["attention_mask"].unsqueeze(-1)
            states = network(**told).last_hidden_state.float()
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
            for i, vector in zip(rows, torch.nn.functional.normalize(mean, dim=1).numpy()):
                out[i] = vector
    return optional("numpy", "corpus").stack(out)


def _clusters(vectors: Any) -> list[Any]:
    import numpy as np

    n = max(1, len(vectors) // CLUSTER)
    if n == 1:
        return [np.arange(len(vectors))]
    means = optional("sklearn.cluster", "corpus").MiniBatchKMeans(n, random_state=0, n_init=3).fit_predict(vectors)
    return [np.flatnonzero(means == k) for k in range(n)]
