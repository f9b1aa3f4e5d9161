import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.engines.tree import Scored, Tree, batches, pack, same_beginning

token = st.integers(0, 3)
sequence = st.lists(token, min_size=2, max_size=8).flatmap(
    lambda t: st.integers(1, len(t) - 1).map(lambda s: Scored(t, s))
)


@given(st.lists(sequence, min_size=1, max_size=6))
def test_each_sequence_is_a_path_and_sees_exactly_its_own_past(sequences: list[Scored]) -> None:
    tree = Tree(sequences)
    at = np.arange(len(tree))
    visible = (at <= at[:, None]) & (at[:, None] <= np.array(tree.last))  # row j, column i: j sees i
    for sequence, targets in zip(sequences, tree.targets):
        assert len(targets) == len(sequence.tokens) - sequence.start
        for j, (node, target) in enumerate(targets, sequence.start):
            seen = np.flatnonzero(visible[node])
            assert target == sequence.tokens[j]
            assert list(np.array(tree.tokens)[seen]) == list(sequence.tokens[:j])
            assert list(np.array(tree.depth)[seen]) == list(range(j))


@given(st.lists(sequence, min_size=1, max_size=6))
def test_no_prefix_is_laid_out_twice(sequences: list[Scored]) -> None:
    prefixes = {tuple(s.tokens[:j]) for s in sequences for j in range(1, len(s.tokens))}
    assert len(Tree(sequences)) == len(prefixes)


def test_a_question_costs_its_trunk_once() -> None:
    trunk = list(range(100, 400))
    tree = Tree([Scored([*trunk, 1, i, i + 1], 300) for i in range(5)])
    assert len(tree) == 300 + 1 + 5


@given(st.lists(token, max_size=40), st.lists(token, max_size=40), st.lists(token, max_size=40))
def test_a_common_beginning_is_as_long_as_it_can_be(head: list[int], some: list[int], others: list[int]) -> None:
    a, b = head + some, head + others
    n = same_beginning(a, b)
    assert n >= len(head)
    assert a[:n] == b[:n]
    assert n == min(len(a), len(b)) or a[n] != b[n]


def test_a_batch_lists_every_scored_token_once_in_the_order_of_its_sequences() -> None:
    first, second = Tree([Scored([1, 2, 3, 4], 2), Scored([1, 2, 9], 2)]), Tree([Scored([5, 6], 1)])
    batch = pack([first, second], pad=0)
    assert batch.lengths == [[2, 1], [1]]
    assert batch.target.tolist() == [3, 4, 9, 6]
    predicts = batch.tokens[batch.rows[batch.which], batch.columns[batch.which]]
    assert predicts.tolist() == [2, 3, 2, 5]
    assert len(batch.rows) == 3  # 3 and 9 are predicted from one node


def test_start_must_leave_a_context() -> None:
    with pytest.raises(ValueError, match="start 0"):
        Tree([Scored([1, 2], 0)])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 120))
def test_batches_hold_all_once_within_the_budget(lengths: list[int], budget: int) -> None:
    groups = batches(lengths, budget)
    assert sorted(i for g in groups for i in g) == list(range(len(lengths)))
    assert all(len(g) == 1 or max(lengths[i] for i in g) * len(g) <= budget for g in groups)
