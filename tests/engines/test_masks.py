"""Masks from two integers a token: ancestors, caches and windows as the trees have them."""

import random

import pytest

from igaku.engines.masks import Seen, blocks, visible
from igaku.engines.tree import Scored, Tree, pack

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch


def seen_of(trees: list[Tree], heads: list[int], width: int) -> Seen:
    batch = pack(trees, pad=0)
    return Seen(torch.from_numpy(batch.last), torch.from_numpy(batch.positions), torch.tensor(heads), width)


def some_trees() -> list[Tree]:
    draw = random.Random(5)
    out = []
    for _ in range(7):
        trunk = [draw.randrange(9) for _ in range(draw.randrange(1, 30))]
        tails = [[draw.randrange(4) for _ in range(draw.randrange(1, 9))] for _ in range(5)]
        out.append(Tree([Scored([*trunk, *tail], len(trunk)) for tail in tails]))
    return out


def test_padding_sees_itself_only_and_windows_count_depth() -> None:
    long, short = Tree([Scored([1, 2, 3, 4], 2), Scored([1, 2, 9, 5], 2)]), Tree([Scored([5, 6], 1)])
    plain = visible(seen_of([long, short], [0, 0], 0))
    assert plain.shape == (2, 4, 4)
    assert plain[0].int().tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1]]
    assert plain[1].int().tolist() == torch.eye(4).int().tolist()
    window = visible(seen_of([long, short], [0, 0], 0), window=2)
    assert window[0, 3].tolist() == [False, True, False, True]
    headed = visible(seen_of([long, short], [2, 1], 2), window=3)
    assert headed.shape == (2, 4, 6)
    assert headed[0, 0].tolist() == [True, True, True, False, False, False]
    assert headed[0, 3].tolist() == [False, False, True, True, False, True]
    assert headed[1, 0].tolist() == [True, False, True, False, False, False]


@pytest.mark.parametrize(("width", "window"), [(0, 0), (0, 6), (9, 0), (9, 6)])
def test_flex_attention_is_given_the_same_mask(width: int, window: int) -> None:
    trees = some_trees()
    seen = seen_of(trees, [(3 * b) % (width + 1) for b in range(len(trees))], width)
    expected = visible(seen, window)
    given = blocks(seen, window)
    b, query, key = (torch.arange(n) for n in expected.shape)
    got = given.mask_mod(b[:, None, None], torch.tensor(0), query[:, None], key)
    assert torch.equal(got, expected)
    assert 0 < expected.float().mean() < 1
