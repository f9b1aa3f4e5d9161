"""Documents that say the same in other words: SemDeDup (Abbas et al. 2023), and prototypes as in D4 (Tirumala 2023).

JPharmatron's corpus was deduplicated so (2505.16661: epsilon 3e-8 and R = 0.95 as printed; an epsilon so small drops
only what the encoder cannot distinguish). Clusters by k-means on embeddings; within a cluster, of two documents with a
cosine above ``1 - epsilon``, the later one is dropped.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from igaku.corpus.encoders import encoder
from igaku.errors import optional

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

CLUSTER = 200
"""Documents in a cluster on average: within one, every pair is compared."""


def alike_in_content(texts: Sequence[str], name: str, epsilon: float) -> dict[int, int]:
    """Index of a later document -> index of the earlier one whose content it has.

    Args:
        name: of an encoder (``igaku.corpus.encoders``).
    """
    return duplicates(encoder(name)(texts), epsilon)


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


def _clusters(vectors: "Vectors") -> "list[NDArray[np.int64]]":
    import numpy as np

    n = max(1, len(vectors) // CLUSTER)
    if n == 1:
        return [np.arange(len(vectors))]
    means = optional("sklearn.cluster", "corpus").MiniBatchKMeans(n, random_state=0, n_init=3).fit_predict(vectors)
    return [np.flatnonzero(means == k) for k in range(n)]
