import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.engines.tree import Scored, Tree, after_head, batches, pack

token = st.integers(0, 3)
sequence = st.lists(token, min_size=2, max_size=8).flatmap(
    lambda t: st.integers(1, len(t) - 1).map(lambda s: Scored(t, s))
)


@given(st.lists(sequence, min_size=1, max_size=6))
def test_each_sequence_is_a_path_and_sees_exactly_its_own_past(sequences: list[Scored]) -> None:
    tree = Tree(sequences)
    visible = tree.visible()
    for sequence, targets in zip(sequences, tree.targets):
        assert len(targets) == len(sequence.tokens) - sequence.start
        for j, (node, target) in enumerate(targets, sequence.start):
            seen = np.flatnonzero(visible[node])
            assert target == sequence.tokens[j]
            assert list(tree.tokens[seen]) == list(sequence.tokens[:j])
            assert list(tree.depth[seen]) == list(range(j))


@given(st.lists(sequence, min_size=1, max_size=6))
def test_no_prefix_is_laid_out_twice(sequences: list[Scored]) -> None:
    prefixes = {tuple(s.tokens[:j]) for s in sequences for j in range(1, len(s.tokens))}
    assert len(Tree(sequences)) == len(prefixes)


def test_a_question_costs_its_trunk_once() -> None:
    trunk = list(range(100, 400))
    tree = Tree([Scored([*trunk, 1, i, i + 1], 300) for i in range(5)])
    assert len(tree) == 300 + 1 + 5


def test_padding_sees_itself_only_and_windows_count_depth() -> None:
    long, short = Tree([Scored([1, 2, 3, 4], 2), Scored([1, 2, 9], 2)]), Tree([Scored([5, 6], 1)])
    batch = pack([long, short], pad=0)
    assert batch.visible.shape == (2, 3, 3)
    assert batch.visible[1].tolist() == [[True, False, False], [False, True, False], [False, False, True]]
    window = after_head(batch, [0, 0], window=2)
    assert not window[0, 2, 0]
    assert window[0, 2, 1]
    headed = after_head(batch, [2, 2], 2, window=3)
    assert headed.shape == (2, 3, 5)
    assert headed[0, 0].tolist() == [True, True, True, False, False]
    assert headed[0, 2].tolist() == [False, False, True, True, True]


def test_start_must_leave_a_context() -> None:
    with pytest.raises(ValueError, match="start 0"):
        Tree([Scored([1, 2], 0)])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 120))
def test_batches_hold_all_once_within_the_budget(lengths: list[int], budget: int) -> None:
    groups = batches(lengths, budget)
    assert sorted(i for g in groups for i in g) == list(range(len(lengths)))
    assert all(len(g) == 1 or max(lengths[i] for i in g) * len(g) <= budget for g in groups)
