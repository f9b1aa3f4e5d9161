from pathlib import Path

import pytest

from igaku import build_engine
from igaku.errors import IgakuError


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("gema-3-270m", "did you mean gemma-3-270m"),
        ("./gone", "no local file or folder"),
        ("models/gone.gguf", "no local file or folder"),
    ],
)
def test_unknown_models(model: str, message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        build_engine(model)


def test_folders_that_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"no config\.json"):
        build_engine(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(IgakuError, match="pickled weights are never loaded"):
        build_engine(str(tmp_path))
    other = tmp_path / "x.bin"
    other.write_bytes(b"")
    with pytest.raises(IgakuError, match="not a model"):
        build_engine(str(other))


def test_unknown_engine_and_wrong_kind(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="did you mean llamacpp"):
        build_engine("gemma-3-270m", engine="llama-cpp")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "a.safetensors").write_bytes(b"")
    with pytest.raises(IgakuError, match=r"needs a \.gguf file"):
        build_engine(str(tmp_path), engine="llamacpp")


def test_without_the_extra_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "a.safetensors").write_bytes(b"")
    monkeypatch.setattr("igaku.engines.build.find_spec", lambda name: None)
    with pytest.raises(IgakuError, match=r"pip install 'igaku\[hf\]'"):
        build_engine(str(tmp_path))


@pytest.mark.torch
def test_broken_weights_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "a.safetensors").write_bytes(b"rubbish")
    with pytest.raises(IgakuError, match="not safetensors") as error:
        build_engine(str(tmp_path))
    assert "\n" not in str(error.value)


@pytest.mark.model
def test_broken_gguf_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"rubbish that is no model")
    with pytest.raises(IgakuError, match="not a GGUF file"):
        build_engine(str(path))
    path.write_bytes(b"GGUF" + b"\x03\x00\x00\x00" + b"\xff" * 64)
    with pytest.raises(IgakuError, match="damaged or cut off"):
        build_engine(str(path))
