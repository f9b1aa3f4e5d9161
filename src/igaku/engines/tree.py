"""The packed tree: several token sequences with a shared beginning, run through a model once.

A question's context is the trunk and its choices are branches. Each shared token is computed once; position ids
count depth in the tree, and a mask lets every token see its ancestors and itself. The log-probabilities are those
of scoring each choice on its own. Two sequences that agree further than the context share that too, so that any
merge of tokens across the border between context and choice is handled without a special case.

Nodes stand in the order of a depth-first walk, so that two integers a node say the whole mask: where the walk enters
it (its own place) and the last node it enters before it leaves. The mask itself is made where the model is
(``engines.masks``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Scored(NamedTuple):
    """One token sequence of which the tokens from ``start`` (at least 1) on are scored."""

    tokens: Sequence[int]
    start: int


class Tree:
    """Sequences merged into a trie, laid out as a depth-first walk enters its nodes.

    Attributes:
        tokens, depth: one integer a node.
        last: the last node below each node, itself where there is none: node j sees node i iff i <= j <= last[i].
        targets: for each sequence, (node, token) pairs: the token is predicted from that node.
    """

    def __init__(self, sequences: Sequence[Scored]) -> None:
        self.tokens: list[int] = []
        self.depth: list[int] = []
        self.last: list[int] = []
        self.targets: list[list[tuple[int, int]]] = [[] for _ in sequences]
        whole = [list(s.tokens) for s in sequences]
        path: list[int] = []
        before: list[int] = []
        for k in sorted(range(len(whole)), key=lambda k: whole[k][:-1]):  # nothing is predicted from the last token
            start, mine = sequences[k].start, whole[k]
            if not 1 <= start <= len(mine):
                raise ValueError(f"start {start} outside 1..{len(mine)}")
            same = same_beginning(before, mine[:-1])
            self._leave(path[same:])
            path = [*path[:same], *self._enter(mine[same:-1], same)]
            before = mine[:-1]
            self.targets[k] = list(zip(path[start - 1 :], mine[start:]))
        self._leave(path)

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def scored(self) -> int:
        """Nodes from which something is predicted."""
        return len({node for targets in self.targets for node, _ in targets})

    def _enter(self, new: list[int], depth: int) -> range:
        """A path of new nodes, each below the one before it."""
        at = len(self.tokens)
        self.tokens += new
        self.depth += range(depth, depth + len(new))
        self.last += range(at, at + len(new))
        return range(at, at + len(new))

    def _leave(self, nodes: Sequence[int]) -> None:
        for node in nodes:
            self.last[node] = len(self.tokens) - 1


def same_beginning(some: list[int], others: list[int]) -> int:
    """How many tokens two lists have in common at their beginning; by halving, since slices compare fast."""
    low, high = 0, min(len(some), len(others))
    if some[:high] == others[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if some[low:middle] == others[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Batch(NamedTuple):
    """Trees padded to one length, as arrays for a model.

    Shapes: tokens, positions, last (B, T); rows, columns (N,): the N distinct nodes that predict something; which,
    target (M,): for every scored token, in the order of trees and sequences, which of the N predicts it, and its id.
    ``lengths[b]`` lists the scored tokens of each sequence of tree b.
    """

    tokens: "NDArray[np.int64]"
    positions: "NDArray[np.int64]"
    last: "NDArray[np.int64]"
    rows: "NDArray[np.int64]"
    columns: "NDArray[np.int64]"
    which: "NDArray[np.int64]"
    target: "NDArray[np.int64]"
    lengths: list[list[int]]


def pack(trees: Sequence[Tree], pad: int) -> Batch:
    """Pad trees on the right; a padding position sees only itself, and nothing sees it."""
    size, longest = len(trees), max(map(len, trees))
    tokens = np.full((size, longest), pad, dtype=np.int64)
    positions = np.zeros((size, longest), dtype=np.int64)
    last = np.tile(np.arange(longest, dtype=np.int64), (size, 1))
    index: dict[tuple[int, int], int] = {}
    scored: list[tuple[int, int]] = []
    for b, tree in enumerate(trees):
        n = len(tree)
        tokens[b, :n], positions[b, :n], last[b, :n] = tree.tokens, tree.depth, tree.last
        scored += [
            (index.setdefault((b, node), len(index)), token) for targets in tree.targets for node, token in targets
        ]
    nodes = np.array(list(index), dtype=np.int64).reshape(-1, 2)
    pairs = np.array(scored, dtype=np.int64).reshape(-1, 2)
    lengths = [[len(targets) for targets in tree.targets] for tree in trees]
    return Batch(tokens, positions, last, nodes[:, 0], nodes[:, 1], pairs[:, 0], pairs[:, 1], lengths)


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices in groups of neighbouring length, longest first, each at most ``budget`` padded tokens (or one item)."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if groups and lengths[groups[-1][0]] * (len(groups[-1]) + 1) <= budget:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups
