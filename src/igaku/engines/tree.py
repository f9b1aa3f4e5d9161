"""The packed tree: several token sequences with a shared beginning, run through a model once.

A question's context is the trunk and its choices are branches. Each shared token is computed once; position ids
count depth in the tree, and a mask lets every token see its ancestors and itself. The log-probabilities are those
of scoring each choice on its own. Two sequences that agree further than the context share that too, so that any
merge of tokens across the border between context and choice is handled without a special case.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor
    from torch import device as Device
    from torch import dtype as Dtype


class Scored(NamedTuple):
    """One token sequence of which the tokens from ``start`` (at least 1) on are scored."""

    tokens: Sequence[int]
    start: int


class Tree:
    """Sequences merged into a trie, laid out so that a parent stands before its children.

    Attributes:
        tokens, depth, parent: int arrays of length n; ``parent`` is -1 at the root.
        targets: for each sequence, (node, token) pairs: the token is predicted from that node.
    """

    def __init__(self, sequences: Sequence[Scored]) -> None:
        tokens: list[int] = []
        depth: list[int] = []
        parent: list[int] = []
        children: dict[tuple[int, int], int] = {}
        self.targets: list[list[tuple[int, int]]] = []
        for sequence in sequences:
            if not 1 <= sequence.start <= len(sequence.tokens):
                raise ValueError(f"start {sequence.start} outside 1..{len(sequence.tokens)}")
            node, path = -1, []
            for level, token in enumerate(sequence.tokens[:-1]):  # nothing is predicted from the last token
                found = children.get((node, token))
                if found is None:
                    found = children[node, token] = len(tokens)
                    tokens.append(token)
                    depth.append(level)
                    parent.append(node)
                node = found
                path.append(node)
            self.targets.append(
                [(path[j - 1], sequence.tokens[j]) for j in range(sequence.start, len(sequence.tokens))]
            )
        self.tokens = np.array(tokens, dtype=np.int64)
        self.depth = np.array(depth, dtype=np.int64)
        self.parent = np.array(parent, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.tokens)

    def visible(self) -> "NDArray[np.bool_]":
        """(n, n) bool: row i sees its ancestors and itself."""
        n = len(self)
        mask = np.zeros((n, n), dtype=bool)
        trunk = int(np.argmax(self.parent != np.arange(-1, n - 1))) or n  # each node's parent is the one before it
        mask[:trunk, :trunk] = np.tri(trunk, dtype=bool)
        for i in range(trunk, n):
            mask[i] = mask[self.parent[i]]
            mask[i, i] = True
        return mask


class Batch(NamedTuple):
    """Trees padded to one length, as arrays for a model.

    Shapes: tokens, positions (B, T); visible (B, T, T) bool; rows, columns (N,): the N distinct nodes that
    predict something. ``lookup[b][k]`` lists, for sequence k of tree b, pairs (index into N, target token).
    """

    tokens: "NDArray[np.int64]"
    positions: "NDArray[np.int64]"
    visible: "NDArray[np.bool_]"
    rows: "NDArray[np.int64]"
    columns: "NDArray[np.int64]"
    lookup: list[list[list[tuple[int, int]]]]


def pack(trees: Sequence[Tree], pad: int) -> Batch:
    """Pad trees on the right; a padding position sees only itself, and nothing sees it."""
    size, longest = len(trees), max(map(len, trees))
    tokens = np.full((size, longest), pad, dtype=np.int64)
    positions = np.zeros((size, longest), dtype=np.int64)
    visible = np.broadcast_to(np.eye(longest, dtype=bool), (size, longest, longest)).copy()
    index: dict[tuple[int, int], int] = {}
    lookup = []
    for b, tree in enumerate(trees):
        n = len(tree)
        tokens[b, :n], positions[b, :n], visible[b, :n, :n] = tree.tokens, tree.depth, tree.visible()
        lookup.append(
            [[(index.setdefault((b, node), len(index)), token) for node, token in targets] for targets in tree.targets]
        )
    pairs = np.array(list(index), dtype=np.int64).reshape(-1, 2)
    return Batch(tokens, positions, visible, pairs[:, 0], pairs[:, 1], lookup)


def after_head(batch: Batch, heads: Sequence[int], width: int = 0, window: int = 0) -> "NDArray[np.bool_]":
    """(B, T, width + T) bool: ``visible`` behind ``width`` cached tokens, of which row b sees the first ``heads[b]``.

    Cut to a sliding window if there is one: a token sees itself and the ``window - 1`` tokens before it, by depth.
    """
    size, longest = batch.tokens.shape
    own = np.asarray(heads)[:, None]
    before = np.broadcast_to((np.arange(width) < own)[:, None, :], (size, longest, width))
    seen = np.concatenate([before, batch.visible], axis=2)
    if window:
        keys = np.concatenate([np.arange(width) - own, batch.positions], axis=1)
        seen &= batch.positions[:, :, None] - keys[:, None, :] < window
    return seen


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices in groups of neighbouring length, longest first, each at most ``budget`` padded tokens (or one item)."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if groups and lengths[groups[-1][0]] * (len(groups[-1]) + 1) <= budget:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def additive(visible: "NDArray[np.bool_]", dtype: "Dtype", device: "Device") -> "Tensor":
    """A bool mask as (B, 1, T, T): 0 where seen, the dtype's lowest number where not."""
    import torch

    seen = torch.from_numpy(visible).to(device)[:, None]
    mask = torch.zeros(seen.shape, dtype=dtype, device=device)
    return mask.masked_fill_(~seen, torch.finfo(dtype).min)
