"""Which sequences each process reads in which pass; and passes as tensors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.errors import IgakuError
from igaku.training.batches import Schedule, order, padding, pairs, sequences, tokens_of, weight_of
from igaku.training.config import Base, Config, Method, Train
from igaku.training.examples import Packed, Pair
from igaku.training.literal import IGNORED, Example

pytestmark = pytest.mark.torch


def config(batch: int, micro: int, objective: str = "next-token") -> Config:
    return Config(
        model=Base(base="x"),
        method=Method(objective=objective),  # type: ignore[arg-type]
        train=Train(batch=batch, micro=micro, seed=3),
    )


def items(n: int) -> list[Packed]:
    return [Packed([1] * (k % 5 + 2), [IGNORED] + [1] * (k % 5 + 1), list(range(k % 5 + 2))) for k in range(n)]


@given(st.integers(1, 30), st.integers(1, 8), st.integers(1, 40), st.integers(0, 3))
def test_every_sequence_comes_once_an_epoch(n: int, batch: int, steps: int, seed: int) -> None:
    drawn = [i for b in order(n, batch, steps, seed) for i in b]
    assert len(drawn) == batch * steps and drawn == [i for b in order(n, batch, steps, seed) for i in b]
    for k in range(len(drawn) // n):
        assert sorted(drawn[k * n : (k + 1) * n]) == list(range(n))


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 7), st.integers(1, 5))
def test_processes_share_each_update_evenly(processes: int, share: int, micro: int, steps: int) -> None:
    """accelerate gives pass ``k`` of ``micro`` sequences to process ``k % processes``."""
    made = Schedule(items(20), steps, config(processes * share, micro), processes)
    flat = list(made)
    assert made.micro <= micro and made.micro * made.passes == share and len(flat) == len(made)
    for n, update in enumerate(order(20, processes * share, steps, 3)):
        part = flat[n * processes * share : (n + 1) * processes * share]
        assert sorted(part) == sorted(update)
        passes = [part[k : k + made.micro] for k in range(0, len(part), made.micro)]
        tokens = [sum(len(items(20)[i].ids) for p in passes[rank::processes] for i in p) for rank in range(processes)]
        assert max(tokens) - min(tokens) <= 4 * share, "sequences alike go to different processes"


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(IgakuError, match=r"train\.batch 5 cannot be shared by 2 processes"):
        Schedule(items(8), 1, config(5, 1), 2)
    assert Schedule(items(8), 1, config(8, 4, "rpo"), 1).micro == 1, "each pair's likelihood has its own length"


def test_sequences_are_padded_to_the_longest_without_a_label() -> None:
    found = sequences(items(3))
    assert found["input_ids"].shape == (3, 4) and found["labels"][0].tolist() == [IGNORED, 1, IGNORED, IGNORED]
    assert found["position_ids"][0].tolist() == [0, 1, 0, 1], "padding is a document of its own"
    padded = Packed(*(found[n][0].tolist() for n in ("input_ids", "labels", "position_ids")))
    assert padding(padded) == 2 and tokens_of(padded) == 2 and weight_of(padded) == 1


def test_flattened_sequences_say_where_each_document_begins() -> None:
    pytest.importorskip("trl")
    from igaku.training.batches import flat_sequences

    found = flat_sequences([Packed([5, 6, 7, 8], [IGNORED, 6, IGNORED, 8], [0, 1, 0, 1]), items(1)[0]])
    assert found["input_ids"].tolist() == [[5, 6, 7, 8, 1, 1]]  # type: ignore[union-attr]
    assert found["cu_seq_lens_q"].tolist() == [0, 2, 4, 6]  # type: ignore[union-attr]
    assert found["seq_idx"].tolist() == [[0, 0, 1, 1, 2, 2]]  # type: ignore[union-attr]


def test_a_pair_is_one_row_of_each_answer() -> None:
    good, bad = Example([1, 2, 3], [IGNORED, 2, 3]), Example([1, 4], [IGNORED, 4])
    found = pairs([Pair(good, bad)])
    assert found["input_ids"].tolist() == [[1, 2, 3], [1, 4, 0]]
    assert found["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert found["completion_mask"].tolist() == [[0, 1, 1], [0, 1, 0]]
    assert tokens_of(Pair(good, bad)) == 5 and weight_of(Pair(good, bad)) == 1
