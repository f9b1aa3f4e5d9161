from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.errors import IgakuError
from igaku.training.loop import packed, train

from ..engines.conftest import tiny_folder  # noqa: F401


@given(st.lists(st.integers(0, 9), max_size=50), st.integers(2, 12))
def test_blocks_hold_every_token_in_order_but_a_single_last_one(tokens: list[int], block: int) -> None:
    flat = [t for b in packed(tokens, block) for t in b]
    assert flat == tokens[: len(flat)]
    assert len(tokens) - len(flat) <= 1


@pytest.mark.torch
def test_it_learns_what_it_reads_and_can_be_loaded(tiny_folder: Path, tmp_path: Path) -> None:  # noqa: F811
    import igaku
    from igaku.question import Request

    text = "Question: which one? Answer: C"
    losses = train(tiny_folder, [text] * 6, tmp_path / "m", epochs=20, lr=3e-3, block=32)
    assert losses[-1] < 0.5 * losses[0]
    again = train(tiny_folder, [text] * 6, tmp_path / "n", epochs=20, lr=3e-3, block=32)
    assert losses == pytest.approx(again, abs=1e-5)
    found = []
    for folder in (tiny_folder, tmp_path / "m"):
        engine = igaku.build_engine(str(folder), engine="transformers", device="cpu")
        (answer,) = (a for _, a in engine.answer([Request(ask="tokens", prompt=text)]))
        found.append(sum(answer.logprobs))
    assert found[1] > found[0] + 10


@pytest.mark.torch
def test_what_the_user_can_mend(tiny_folder: Path, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(IgakuError, match="no text to train on"):
        train(tiny_folder, [""], tmp_path / "m")
    with pytest.raises(IgakuError, match="cannot load it"):
        train(tmp_path, ["x"], tmp_path / "m")
    with pytest.raises(IgakuError, match="lower lr"):
        train(tiny_folder, ["Question: which one? " * 30], tmp_path / "m", lr=1e20, epochs=3)
