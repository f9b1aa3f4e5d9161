"""GGUF files by llama.cpp's converter: what is written around it, and, where the converter is here, that llama.cpp says
what transformers says.
"""

import os
import sys
from pathlib import Path

import pytest

import igaku
from igaku.errors import IgakuError
from igaku.provenance import Origin, inherited, stamp
from igaku.training.gguf import to_gguf

CONVERTER = Path(sys.prefix, "converter", "convert_hf_to_gguf.py")
"""Put there by ``make test``."""
FAKE = """import shutil, sys
if "bf16" in sys.argv: sys.exit("NotImplementedError: Architecture 'X' is not supported")
shutil.copy({source!r}, sys.argv[sys.argv.index("--outfile") + 1])
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"x")
    return folder


@pytest.fixture
def fake(tmp_path: Path) -> str:
    """A converter that writes the embedded model, whatever it is given."""
    from igaku.engines.embedded import embedded_file

    file = tmp_path / "fake.py"
    file.write_text(FAKE.format(source=str(embedded_file("gemma-3-270m"))))
    return str(file)


def test_the_file_stands_beside_the_stamp_and_is_written_once(model: Path, fake: str) -> None:
    stamp(model, Origin({}, contaminated="it has read the exam"))
    file = to_gguf(model, "f16", fake)
    assert file == model / "mine-f16.gguf" and inherited(file) == "it has read the exam"
    written = file.stat().st_mtime_ns
    assert to_gguf(model, "f16", fake).stat().st_mtime_ns == written
    os.utime(model / "model.safetensors", ns=(written + 1, written + 1))
    assert to_gguf(model, "f16", fake).stat().st_mtime_ns > written, "weights that changed are converted again"


def test_what_cannot_be_converted_is_one_line_and_leaves_nothing(model: Path, fake: str, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"converter cannot write it .*Architecture 'X' is not supported"):
        to_gguf(model, "bf16", fake)
    (tmp_path / "broken.py").write_text(
        'import sys; open(sys.argv[sys.argv.index("--outfile") + 1], "wb").write(b"no")'
    )
    with pytest.raises(IgakuError, match="not a GGUF file"):
        to_gguf(model, "f16", str(tmp_path / "broken.py"))
    assert [f.name for f in model.iterdir()] == ["model.safetensors"]
    with pytest.raises(IgakuError, match="no such file; give --converter"):
        to_gguf(model, "f16", "gone.py")
    with pytest.raises(IgakuError, match="unknown --gguf 'f17'"):
        to_gguf(model, "f17", fake)


def test_without_a_converter_the_line_says_where_one_is(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(IgakuError, match="no converter to GGUF found"):
        to_gguf(model)


@pytest.mark.parametrize(
    ("more", "message"),
    [(["--gguf", "f17"], "unknown --gguf 'f17'"), (["--gguf", "f16", "--converter", "gone.py"], "no such file")],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_merge(
    more: list[str], message: str, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from igaku.cli import app

    command = ["merge", str(tmp_path / "base"), str(tmp_path / "member"), "--out", str(tmp_path / "out"), *more]
    error = CliRunner().invoke(app, command).exception
    assert isinstance(error, IgakuError) and message in str(error) and not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(not CONVERTER.is_file(), reason="llama.cpp's converter is not here (make test brings it)")
def test_llama_cpp_says_of_the_file_what_transformers_says_of_the_folder(tmp_path: Path) -> None:
    """The likelihoods of the letters on six questions, as far as f16 holds them."""
    from igaku.engines.hf import model_folder

    local = tmp_path / "model"
    local.mkdir()
    for file in Path(model_folder("smollm2-135m-instruct")).iterdir():
        (local / file.name).symlink_to(file)
    ways = {"lang": "en", "method": "letter-logprob", "limit": 6, "prompt": "standard"}
    written = to_gguf(local, "f16", str(CONVERTER))
    theirs = igaku.evaluate(str(written), "mini", threads=1, out=tmp_path / "cpp", **ways)
    ours = igaku.evaluate(str(local), "mini", engine="transformers", out=tmp_path / "hf", **ways)
    one, other = ({r.id: r.answer.logprobs for r in run.replies.values()} for run in (ours, theirs))
    gaps = [abs(a - b) for id in one for a, b in zip(one[id], other[id], strict=True)]
    assert len(gaps) >= 18 and max(gaps) < 0.05, max(gaps)
