from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.provenance import warning
from igaku.training import read_texts

from ..engines.conftest import tiny_folder  # noqa: F401

pytestmark = pytest.mark.torch


def test_it_learns_what_it_reads_and_can_be_loaded(tiny_folder: Path, tmp_path: Path) -> None:  # noqa: F811
    import igaku
    from igaku.question import Request

    text = "Question: which one? Answer: C"
    losses = read_texts(tiny_folder, [text] * 6, tmp_path / "m", epochs=20, lr=3e-3, block=32)
    assert losses[-1] < 0.5 * losses[0]
    again = read_texts(tiny_folder, [text] * 6, tmp_path / "n", epochs=20, lr=3e-3, block=32)
    assert losses == pytest.approx(again, abs=1e-5)
    found = []
    for folder in (tiny_folder, tmp_path / "m"):
        engine = igaku.build_engine(str(folder), engine="transformers", device="cpu")
        (answer,) = (a for _, a in engine.answer([Request(kind="tokens", prompt=text)]))
        found.append(sum(answer.logprobs))
    assert found[1] > found[0] + 10
    assert "CONTAMINATED" in warning(tmp_path / "m") and "CONTAMINATED" in " ".join(engine.notes)


def test_what_the_user_can_correct(tiny_folder: Path, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(IgakuError, match="no text to train on"):
        read_texts(tiny_folder, [""], tmp_path / "m")
    with pytest.raises(IgakuError, match=r"cannot load it|no config"):
        read_texts(tmp_path, ["x"], tmp_path / "m")
    with pytest.raises(IgakuError, match=r"lower train\.lr"):
        read_texts(tiny_folder, ["Question: which one? " * 30], tmp_path / "m", lr=1e20, epochs=3)
