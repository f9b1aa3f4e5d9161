"""Scripts of the repository, which stand first among the modules when one of them runs."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("folder", ["bench", "scripts"])
def test_no_script_has_the_name_of_a_package(folder: str) -> None:
    """``bench/gguf.py`` was imported in place of the package gguf, wherever bench stood in ``sys.path``."""
    ours = {file.stem for file in (ROOT / folder).glob("*.py")}
    assert not ours & (sys.stdlib_module_names | set(packages_distributions()))
