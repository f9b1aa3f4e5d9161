"""What libraries print of their own accord is left out; igaku's lines and a library's errors stay."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import igaku
from igaku.cli.quiet import LOGGERS, SETTINGS

SRC = Path(igaku.__file__).parents[1]
NOISE = """
import logging, warnings
from igaku.cli.progress import Asking
from igaku.cli.quiet import quiet
quiet()
with Asking():
    warnings.warn("is_gradient_checkpointing is deprecated", FutureWarning)
    warnings.warn("a user warning of a library")
    for name in {names}:
        logging.getLogger(name).warning("Failed to load CPU gemm_4bit_forward from kernels-community")
        logging.getLogger(name).error("an error of %s", name)
    logging.getLogger("igaku").warning("igaku's own line")
"""


def run(code: str, *options: str, **variables: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(SRC), **variables}
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_warnings_go_and_errors_and_igakus_lines_stay() -> None:
    names = (*LOGGERS[:3], "bitsandbytes.backends.cpu.ops", "transformers.modeling_utils")
    lines = run(NOISE.format(names=names))
    assert lines == [*(f"an error of {name}" for name in names), "igaku's own line"]


def test_whoever_asks_python_for_warnings_gets_them() -> None:
    assert any("FutureWarning" in line for line in run(NOISE.format(names=()), "-W", "default"))


@pytest.mark.parametrize("name", SETTINGS)
def test_what_the_user_has_set_stays(name: str) -> None:
    code = f"import os, sys\nfrom igaku.cli.quiet import quiet\nquiet()\nprint(os.environ[{name!r}], file=sys.stderr)"
    assert run(code, **{name: "mine"}) == ["mine"]


@pytest.mark.torch
def test_the_libraries_take_these_settings() -> None:
    code = (
        "from igaku.cli.quiet import quiet\nquiet()\nimport sys, transformers, huggingface_hub\n"
        "from transformers.utils import logging\nfrom huggingface_hub import utils\n"
        "levels = logging.get_verbosity(), utils.logging.get_verbosity(), utils.are_progress_bars_disabled()\n"
        "print(*levels, file=sys.stderr)"
    )
    assert run(code)[-1] == "40 40 True"
